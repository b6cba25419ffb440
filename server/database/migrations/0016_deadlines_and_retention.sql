-- Up Migration
-- Every calendar by which deadlines were ever reckoned (working hours, special days, working days of the procedures), so that
-- a dossier keeps the one of its deadline (docs/design/deadlines.md). The first that is kept gets the number 1.
CREATE TABLE calendars (
  id             smallint PRIMARY KEY,
  fingerprint    text NOT NULL UNIQUE,
  content        jsonb NOT NULL,
  first_used_at  timestamptz NOT NULL
);

-- `calendar`: the one of `due_at`. `reported_*`: where a correction moved the deadline, the one by which it was first counted.
-- `new_due_at`, `reappointments`: what the letters of apology promised. `events_kept`: false where retention took the events.
ALTER TABLE dossiers
  ADD COLUMN calendar smallint NOT NULL DEFAULT 1, ADD COLUMN reported_calendar smallint, ADD COLUMN reported_due_at timestamptz,
  ADD COLUMN new_due_at timestamptz, ADD COLUMN reappointments smallint NOT NULL DEFAULT 0, ADD COLUMN events_kept boolean NOT NULL DEFAULT true;
UPDATE dossiers d SET new_due_at = a.last, reappointments = a.n FROM (
  SELECT dossier, count(DISTINCT (body->>'newDueAt')::timestamptz) AS n, (array_agg((body->>'newDueAt')::timestamptz ORDER BY at DESC, event_id COLLATE "C" DESC))[1] AS last
  FROM dossier_events WHERE status = 'apology_sent' AND body ? 'newDueAt' GROUP BY dossier) a
WHERE a.dossier = d.code;

-- What each correction of the calendar did to a deadline: nothing is ever taken out of here but with a simulated province.
CREATE TABLE deadline_corrections (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dossier        text NOT NULL,
  corrected_at   timestamptz NOT NULL,
  before         timestamptz,
  after          timestamptz,
  from_calendar  smallint NOT NULL,
  to_calendar    smallint NOT NULL,
  simulated      boolean NOT NULL
);
CREATE INDEX deadline_corrections_of_dossier ON deadline_corrections (dossier, id);

-- Down Migration
DROP TABLE deadline_corrections;
ALTER TABLE dossiers DROP COLUMN events_kept, DROP COLUMN reappointments, DROP COLUMN new_due_at, DROP COLUMN reported_due_at, DROP COLUMN reported_calendar, DROP COLUMN calendar;
DROP TABLE calendars;
DELETE FROM counter_days WHERE dimension >= 10;
