-- Up Migration
-- How the pictures come: over the connection that asked for them, as packets of their own, or as the camera will.
ALTER TABLE cameras ADD COLUMN transport text NOT NULL DEFAULT 'tcp';

-- Days of a drawn camera are marked, also when the camera is gone.
ALTER TABLE camera_days ADD COLUMN simulated boolean NOT NULL DEFAULT false;
UPDATE camera_days d SET simulated = true FROM cameras c WHERE c.id = d.camera AND c.simulated IS NOT NULL;

-- What was away longer than the configured minutes. `line`: all cameras of the unit at once, `node`: the media node: one outage, not one a camera.
CREATE TABLE camera_outages (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('camera', 'line', 'node')),
  unit       text NOT NULL,
  camera     text,
  cameras    integer NOT NULL DEFAULT 1,
  cause      text NOT NULL,
  began_at   timestamptz NOT NULL,
  opened_at  timestamptz NOT NULL,
  ended_at   timestamptz,
  closed_as  text CHECK (closed_as IN ('back', 'line', 'removed')),
  simulated  boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX camera_outages_living ON camera_outages (kind, unit, COALESCE(camera, '')) WHERE ended_at IS NULL;
CREATE INDEX camera_outages_of_unit ON camera_outages (unit, began_at);

-- What a desk's line may carry away, in kbit/s; no row: the default of the configuration.
CREATE TABLE unit_uplinks (
  unit        text PRIMARY KEY,
  kbps        integer NOT NULL CHECK (kbps BETWEEN 64 AND 10000000),
  changed_at  timestamptz NOT NULL
);

-- Down Migration
DROP TABLE unit_uplinks;
DROP TABLE camera_outages;
ALTER TABLE camera_days DROP COLUMN simulated;
ALTER TABLE cameras DROP COLUMN transport;
