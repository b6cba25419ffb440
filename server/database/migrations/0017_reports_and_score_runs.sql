-- Up Migration
-- Ids of reported indicators that neither config/indicators.yaml nor a rule of scoring knows: kept, and shown to the administrator.
CREATE TABLE unknown_indicators (
  code           text PRIMARY KEY,
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  last_seen_at   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO unknown_indicators (code, first_seen_at, last_seen_at) SELECT indicator, min(received_at), max(received_at) FROM indicators GROUP BY indicator;

-- Their retention goes through them day by day.
CREATE INDEX score_runs_by_age ON score_runs (computed_at);

-- The different dates that letters of apology promised, so that a later letter is compared with all of them also where retention
-- took the events. Of those that are gone already the last is known.
ALTER TABLE dossiers ADD COLUMN promised timestamptz[] NOT NULL DEFAULT '{}';
UPDATE dossiers d SET promised = coalesce((SELECT array_agg(DISTINCT (e.body->>'newDueAt')::timestamptz ORDER BY (e.body->>'newDueAt')::timestamptz) FROM dossier_events e
  WHERE e.dossier = d.code AND e.status = 'apology_sent' AND e.body ? 'newDueAt'), ARRAY[d.new_due_at]) WHERE d.new_due_at IS NOT NULL;

-- Whether a unit's figures are simulated is asked with every figure: without one, all days of the period were gone through to say no.
CREATE INDEX counter_days_simulated ON counter_days (unit, day) WHERE simulated AND dimension = 0;

-- Down Migration
DROP INDEX counter_days_simulated;
ALTER TABLE dossiers DROP COLUMN promised;
DROP INDEX score_runs_by_age;
DROP TABLE unknown_indicators;
