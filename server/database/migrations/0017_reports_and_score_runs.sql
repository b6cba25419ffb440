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

-- Down Migration
DROP INDEX score_runs_by_age;
DROP TABLE unknown_indicators;
