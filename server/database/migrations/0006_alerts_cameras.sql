-- Up Migration
CREATE TABLE alerts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule           text NOT NULL,
  severity       text NOT NULL,
  state          text NOT NULL,
  unit           text NOT NULL,
  subject        text NOT NULL,
  dossier        text,
  camera         text,
  counter        text,
  value          double precision,
  "limit"        double precision,
  opened_at      timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  closed_at      timestamptz,
  moment         timestamptz NOT NULL,
  assignee       text,
  snoozed_until  timestamptz,
  closed_reason  text,
  -- An alert closed by hand while its condition goes on must not open again: it lives until the condition ends.
  condition_ended_at timestamptz,
  simulated      boolean NOT NULL DEFAULT false
);
-- One alert per rule and subject while its condition lasts.
CREATE UNIQUE INDEX alerts_living ON alerts (rule, subject) WHERE condition_ended_at IS NULL;
CREATE INDEX alerts_open ON alerts (opened_at DESC) WHERE closed_at IS NULL;
CREATE INDEX alerts_of_unit ON alerts (unit, opened_at DESC);

CREATE TABLE alert_notes (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id  bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
  at        timestamptz NOT NULL DEFAULT now(),
  by_whom   text NOT NULL,
  action    text NOT NULL,
  note      text
);
CREATE INDEX alert_notes_of_alert ON alert_notes (alert_id, id);

-- A media node pulls and records cameras. Its secret is sealed: the centre must present it too.
CREATE TABLE media_nodes (
  id             text PRIMARY KEY,
  secret_sealed  bytea NOT NULL,
  secret_hash    bytea NOT NULL,
  gateway        text,
  seen_at        timestamptz,
  journal_up_to  bigint NOT NULL DEFAULT 0,
  report         jsonb
);

-- The password is sealed with a key outside the database (DATA_DIR/keys).
CREATE TABLE cameras (
  id               text PRIMARY KEY,
  unit             text NOT NULL,
  counter          text,
  name             text NOT NULL,
  position         text NOT NULL,
  url              text,
  sub_url          text,
  username         text,
  password_sealed  bytea,
  enabled          boolean NOT NULL DEFAULT true,
  simulated        jsonb,
  node             text NOT NULL REFERENCES media_nodes,
  created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cameras_of_unit ON cameras (unit);

-- A catalogue, rebuilt from the nodes' journals whenever they disagree: the journal is the truth.
CREATE TABLE segments (
  camera   text NOT NULL,
  starts   timestamptz NOT NULL,
  ends     timestamptz NOT NULL,
  node     text NOT NULL,
  file     text NOT NULL,
  bytes    bigint NOT NULL,
  sha256   text NOT NULL,
  codec    text,
  deleted_at timestamptz,
  PRIMARY KEY (camera, file)
);
CREATE INDEX segments_by_time ON segments (camera, starts);

CREATE TABLE camera_states (
  camera  text NOT NULL,
  at      timestamptz NOT NULL,
  state   text NOT NULL,
  gap     text,
  PRIMARY KEY (camera, at)
);

-- Down Migration
DROP TABLE camera_states;
DROP TABLE segments;
DROP TABLE cameras;
DROP TABLE media_nodes;
DROP TABLE alert_notes;
DROP TABLE alerts;
