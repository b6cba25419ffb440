-- Up Migration
-- The log of those on duty. A shift belongs to the desk of a unit, and several may be in it; at most one of a unit is open.
CREATE TABLE shifts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit       text NOT NULL,
  opened_at  timestamptz NOT NULL,
  opened_by  text NOT NULL,
  -- opened (nobody was on duty), signed (the handover of the shift before was signed), taken_over (there was none).
  how        text NOT NULL,
  previous   bigint REFERENCES shifts,
  -- What happened between the handover and its signature: the list of the night.
  arrival    jsonb,
  closed_at  timestamptz,
  closed_by  text,
  reason     text
);
CREATE UNIQUE INDEX shifts_open ON shifts (unit) WHERE closed_at IS NULL;
CREATE INDEX shifts_of_unit ON shifts (unit, id);

CREATE TABLE shift_people (
  shift      bigint NOT NULL REFERENCES shifts,
  username   text NOT NULL,
  joined_at  timestamptz NOT NULL,
  left_at    timestamptz
);
CREATE UNIQUE INDEX shift_people_there ON shift_people (shift, username) WHERE left_at IS NULL;

-- A picture that was taken into the log. After its time the picture goes; who, when, why and the hash stay.
CREATE TABLE shift_snapshots (
  id          text PRIMARY KEY,
  shift       bigint NOT NULL REFERENCES shifts,
  unit        text NOT NULL,
  camera      text NOT NULL,
  camera_name text NOT NULL,
  picture_at  timestamptz NOT NULL,
  taken_at    timestamptz NOT NULL,
  taken_by    text NOT NULL,
  purpose     text NOT NULL,
  bytes       int NOT NULL,
  sha256      text NOT NULL,
  picture     bytea
);
CREATE INDEX shift_snapshots_of_shift ON shift_snapshots (shift);
CREATE INDEX shift_snapshots_kept ON shift_snapshots (taken_at) WHERE picture IS NOT NULL;

-- What people wrote. What is in the audit log or in the story of an alert is read there, not written again.
CREATE TABLE shift_entries (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shift     bigint NOT NULL REFERENCES shifts,
  at        timestamptz NOT NULL,
  by_whom   text NOT NULL,
  text      text NOT NULL,
  unit      text,
  alert     bigint,
  dossier   text,
  camera    text,
  ticket    text,
  snapshot  text REFERENCES shift_snapshots,
  corrects  bigint REFERENCES shift_entries
);
CREATE INDEX shift_entries_of_shift ON shift_entries (shift, id);
CREATE INDEX shift_entries_corrected ON shift_entries (corrects) WHERE corrects IS NOT NULL;

-- The open points as they were written; the newest before the signature is the one that was signed.
CREATE TABLE shift_handovers (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shift     bigint NOT NULL REFERENCES shifts,
  at        timestamptz NOT NULL,
  by_whom   text NOT NULL,
  points    text NOT NULL,
  overview  jsonb NOT NULL
);
CREATE INDEX shift_handovers_of_shift ON shift_handovers (shift, id);

CREATE FUNCTION refuse_shift_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the shift log is only added to (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER shift_entries_append_only BEFORE UPDATE OR DELETE ON shift_entries FOR EACH ROW EXECUTE FUNCTION refuse_shift_change();
CREATE TRIGGER shift_entries_no_truncate BEFORE TRUNCATE ON shift_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_shift_change();
CREATE TRIGGER shift_handovers_append_only BEFORE UPDATE OR DELETE ON shift_handovers FOR EACH ROW EXECUTE FUNCTION refuse_shift_change();
CREATE TRIGGER shift_handovers_no_truncate BEFORE TRUNCATE ON shift_handovers FOR EACH STATEMENT EXECUTE FUNCTION refuse_shift_change();

-- The story of all alerts over a time.
CREATE INDEX alert_notes_at ON alert_notes (at);

-- Down Migration
DROP INDEX alert_notes_at;
DROP TABLE shift_handovers;
DROP TABLE shift_entries;
DROP TABLE shift_snapshots;
DROP TABLE shift_people;
DROP TABLE shifts;
DROP FUNCTION refuse_shift_change();
