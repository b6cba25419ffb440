-- Up Migration
-- When a camera records: continuous, working_hours, off.
ALTER TABLE cameras ADD COLUMN recording text NOT NULL DEFAULT 'continuous';

-- `previous`, `chain`: the hash chain of the camera's journal entries; null of what was journaled before there was one.
-- `deleted_reason`: expired, quota, space, torn, missing.
ALTER TABLE segments ADD COLUMN previous text, ADD COLUMN chain text, ADD COLUMN deleted_reason text;
CREATE INDEX segments_deleted_for_space ON segments (deleted_at) WHERE deleted_reason = 'space';

-- Footage that nobody may delete. A hold outlives its camera: unit and node stand here too. It ends when two people said so.
CREATE TABLE holds (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  camera         text NOT NULL,
  unit           text NOT NULL,
  node           text NOT NULL,
  starts         timestamptz NOT NULL,
  ends           timestamptz NOT NULL,
  reason         text NOT NULL,
  created_by     text NOT NULL,
  created_at     timestamptz NOT NULL,
  lift_asked_by  text,
  lift_asked_at  timestamptz,
  lift_note      text,
  lifted_by      text,
  lifted_at      timestamptz,
  confirm_note   text,
  CHECK (starts < ends),
  CHECK (lifted_by IS NULL OR lifted_by <> lift_asked_by)
);
CREATE INDEX holds_living ON holds (node) WHERE lifted_at IS NULL;
CREATE INDEX holds_of_unit ON holds (unit, id DESC);

-- Clips: jobs that make a signed bundle. `parts`: what is done already, by camera, so that a job goes on after a restart.
CREATE TABLE clips (
  id            text PRIMARY KEY,
  cameras       text[] NOT NULL,
  units         text[] NOT NULL,
  starts        timestamptz NOT NULL,
  ends          timestamptz NOT NULL,
  purpose       text NOT NULL,
  requested_by  text NOT NULL,
  requested_at  timestamptz NOT NULL,
  state         text NOT NULL,
  progress      double precision NOT NULL DEFAULT 0,
  attempts      integer NOT NULL DEFAULT 0,
  parts         jsonb NOT NULL DEFAULT '{}',
  cause         text,
  bytes         bigint,
  sha256        text,
  finished_at   timestamptz,
  expires_at    timestamptz
);
CREATE INDEX clips_living ON clips (state, requested_at);

-- Down Migration
DROP TABLE clips;
DROP TABLE holds;
DROP INDEX segments_deleted_for_space;
ALTER TABLE segments DROP COLUMN deleted_reason, DROP COLUMN chain, DROP COLUMN previous;
ALTER TABLE cameras DROP COLUMN recording;
