-- Up Migration
-- Zones in shares of the picture ({staff, public}: corners), and when the administrator last said that the view is right.
ALTER TABLE cameras ADD COLUMN zones jsonb, ADD COLUMN view_confirmed_at timestamptz;

-- What moved in the zones of a camera, for each minute that was looked at: shares between 0 and 1, null without the zone.
-- Keyed by camera and minute: what a node sends again counts once.
CREATE TABLE camera_minutes (
  camera  text NOT NULL,
  minute  timestamptz NOT NULL,
  staff   real,
  public  real,
  usable  boolean NOT NULL,
  PRIMARY KEY (camera, minute)
);
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    PERFORM create_hypertable('camera_minutes'::regclass, 'minute', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false, if_not_exists => true);
  END IF;
END $$;

-- Down Migration
DROP TABLE camera_minutes;
ALTER TABLE cameras DROP COLUMN view_confirmed_at, DROP COLUMN zones;
