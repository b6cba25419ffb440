-- Up Migration
-- Imports that run in the centre. The file and its mapping lie in DATA_DIR/imports/<id> until the rows are in.
CREATE TABLE imports (
  id          text PRIMARY KEY,
  kind        text NOT NULL,
  -- The account's unit of that moment: how far its rows reach.
  unit        text NOT NULL,
  name        text NOT NULL,
  bytes       bigint NOT NULL,
  received    bigint NOT NULL DEFAULT 0,
  state       text NOT NULL DEFAULT 'receiving',
  trial       boolean NOT NULL DEFAULT false,
  totals      jsonb,
  tried       jsonb,
  problem     jsonb,
  -- The ingest key of the run, revoked at its end.
  key_id      text,
  attempts    integer NOT NULL DEFAULT 0,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL,
  touched_at  timestamptz NOT NULL,
  ended_at    timestamptz
);
CREATE INDEX imports_by_time ON imports (created_at DESC);
