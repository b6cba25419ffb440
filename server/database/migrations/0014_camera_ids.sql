-- Up Migration
-- Recordings hang on the id of a camera, and may outlive it: an id belongs to the unit that it recorded for.
CREATE TABLE camera_ids (
  id    text PRIMARY KEY,
  unit  text NOT NULL
);
INSERT INTO camera_ids (id, unit) SELECT id, unit FROM cameras;
-- Of cameras that were deleted before, nobody knows the unit any more: their ids are not given again.
INSERT INTO camera_ids (id, unit) SELECT DISTINCT camera, '' FROM segments ON CONFLICT DO NOTHING;

-- Down Migration
DROP TABLE camera_ids;
