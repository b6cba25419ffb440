-- Up Migration
-- The province's list of procedures as configured, filled at every start: lists and scores ask which of them are offered online.
CREATE TABLE procedures (
  code    text PRIMARY KEY,
  name    text NOT NULL,
  online  text,
  fee     boolean NOT NULL
);

-- Who signed which text of a rule set of scoring. The latest word counts.
CREATE TABLE scoring_signatures (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule_set     text NOT NULL,
  version      text NOT NULL,
  fingerprint  text NOT NULL,
  signed       boolean NOT NULL,
  by_whom      text NOT NULL,
  note         text NOT NULL,
  at           timestamptz NOT NULL DEFAULT now()
);

-- What a score was when it was computed: a new row whenever it has changed.
CREATE TABLE score_runs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit         text NOT NULL,
  rule_set     text NOT NULL,
  version      text NOT NULL,
  fingerprint  text NOT NULL,
  period       text NOT NULL,
  points       double precision,
  measurable   double precision NOT NULL,
  groups       jsonb NOT NULL,
  simulated    boolean NOT NULL,
  computed_at  timestamptz NOT NULL
);
CREATE INDEX score_runs_of_unit ON score_runs (unit, period, rule_set, id DESC);

-- Down Migration
DROP TABLE score_runs;
DROP TABLE scoring_signatures;
DROP TABLE procedures;
