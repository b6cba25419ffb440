-- Up Migration
-- What of a camera's picture is covered (shares of the picture, as zones are), each version kept under the id of the
-- camera: a camera that is deleted and made anew under its id has its recordings, and its masks.
ALTER TABLE cameras ADD COLUMN masks jsonb, ADD COLUMN mask_version int NOT NULL DEFAULT 0;

CREATE TABLE camera_masks (
  camera   text NOT NULL,
  version  int NOT NULL,
  shapes   jsonb NOT NULL,
  note     text NOT NULL,
  at       timestamptz NOT NULL,
  by_whom  text NOT NULL,
  PRIMARY KEY (camera, version)
);

-- A clip without masks waits for a second person. `masks`: of each camera the version that was burnt into its files.
ALTER TABLE clips ADD COLUMN unmasked boolean NOT NULL DEFAULT false, ADD COLUMN released_by text, ADD COLUMN released_at timestamptz, ADD COLUMN release_note text,
  ADD COLUMN masks jsonb NOT NULL DEFAULT '{}';

-- Down Migration
ALTER TABLE clips DROP COLUMN masks, DROP COLUMN release_note, DROP COLUMN released_at, DROP COLUMN released_by, DROP COLUMN unmasked;
DROP TABLE camera_masks;
ALTER TABLE cameras DROP COLUMN mask_version, DROP COLUMN masks;
