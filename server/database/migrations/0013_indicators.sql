-- Up Migration
-- What Decision 766 asks of a dossier beyond its clock: more than one request for a supplement counts as late.
ALTER TABLE dossiers ADD COLUMN supplements smallint NOT NULL DEFAULT 0;
-- A request that is told again before it was answered is the same one.
UPDATE dossiers d SET supplements = n FROM (
  SELECT dossier, count(*) FILTER (WHERE status = 'supplement_requested' AND before IS DISTINCT FROM 'supplement_requested') AS n FROM (
    SELECT e.dossier, e.status, lag(e.status) OVER (PARTITION BY e.dossier ORDER BY e.at, e.event_id) AS before FROM dossier_events e JOIN dossiers c ON c.code = e.dossier
    WHERE e.status IN ('supplement_requested', 'supplement_received') AND (c.closed_at IS NULL OR e.at < c.closed_at)) told GROUP BY 1) s
WHERE s.dossier = d.code;

-- Which dossier a case or a rating speaks of, and whether a case had to be opened again.
ALTER TABLE feedback_cases ADD COLUMN dossier text, ADD COLUMN reopened boolean NOT NULL DEFAULT false, ADD COLUMN channel text;
UPDATE feedback_cases c SET reopened = true WHERE EXISTS (SELECT FROM feedback_events e WHERE e.case_code = c.code AND e.body->>'status' = 'reopened');
UPDATE feedback_cases c SET channel = (SELECT e.body->>'source' FROM feedback_events e WHERE e.case_code = c.code ORDER BY e.at, e.event_id LIMIT 1);
CREATE INDEX feedback_cases_of_dossier ON feedback_cases (dossier) WHERE dossier IS NOT NULL;
CREATE INDEX surveys_of_dossier ON surveys (dossier, at) WHERE dossier IS NOT NULL AND rating <= 2;

-- How long each camera was there on each day, of the time that the centre was looking.
CREATE TABLE camera_days (
  camera         text NOT NULL,
  unit           text NOT NULL,
  day            date NOT NULL,
  known_seconds  double precision NOT NULL,
  up_seconds     double precision NOT NULL,
  PRIMARY KEY (camera, day)
);
CREATE INDEX camera_days_of_unit ON camera_days (unit, day);

-- Down Migration
DROP TABLE camera_days;
DROP INDEX surveys_of_dossier;
DROP INDEX feedback_cases_of_dossier;
ALTER TABLE feedback_cases DROP COLUMN channel, DROP COLUMN reopened, DROP COLUMN dossier;
ALTER TABLE dossiers DROP COLUMN supplements;
