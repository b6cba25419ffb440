-- Up Migration
-- The version of the camera's masks that is burnt into a picture of the shift log; 0: none is.
ALTER TABLE shift_snapshots ADD COLUMN mask_version int NOT NULL DEFAULT 0;

-- Down Migration
ALTER TABLE shift_snapshots DROP COLUMN mask_version;
