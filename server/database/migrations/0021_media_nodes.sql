-- Up Migration
-- Media nodes on other machines: a key of their own, of which only the hash is kept (the centre's own node keeps a sealed one).
ALTER TABLE media_nodes ALTER COLUMN secret_sealed DROP NOT NULL, ALTER COLUMN secret_hash DROP NOT NULL;
ALTER TABLE media_nodes
  ADD COLUMN name text NOT NULL DEFAULT '',
  -- So many cameras it is given by itself.
  ADD COLUMN capacity integer NOT NULL DEFAULT 100 CHECK (capacity BETWEEN 0 AND 10000),
  ADD COLUMN created_at timestamptz, ADD COLUMN created_by text,
  ADD COLUMN key_made_at timestamptz, ADD COLUMN revoked_at timestamptz,
  -- Its disk takes recordings, as it last said.
  ADD COLUMN fit boolean NOT NULL DEFAULT true;

-- A pin keeps a camera at its node, also when that is away: by camera, or for all cameras of a unit.
ALTER TABLE cameras ADD COLUMN node_pin text REFERENCES media_nodes, ADD COLUMN node_since timestamptz NOT NULL DEFAULT now(), ADD COLUMN node_why text NOT NULL DEFAULT 'placed';
CREATE TABLE unit_nodes (
  unit  text PRIMARY KEY,
  node  text NOT NULL REFERENCES media_nodes
);

-- Which node had a camera when. It outlives the camera, as its recordings do; written by the trigger, so that no way of
-- giving a camera to a node can forget it. `why`: placed, node_away, by_hand, pin.
CREATE TABLE camera_nodes (
  camera  text NOT NULL,
  since   timestamptz NOT NULL,
  until   timestamptz,
  node    text NOT NULL,
  why     text NOT NULL,
  PRIMARY KEY (camera, since)
);
CREATE INDEX camera_nodes_of_node ON camera_nodes (node, camera);
INSERT INTO camera_nodes (camera, since, node, why) SELECT id, '-infinity', node, 'placed' FROM cameras;
INSERT INTO camera_nodes (camera, since, node, why) SELECT DISTINCT ON (camera) camera, timestamptz '-infinity', node, 'placed' FROM segments ORDER BY camera, starts DESC ON CONFLICT DO NOTHING;

CREATE FUNCTION keep_camera_node() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.node = OLD.node THEN RETURN NULL; END IF;
  UPDATE camera_nodes SET until = NEW.node_since WHERE camera = NEW.id AND until IS NULL;
  INSERT INTO camera_nodes (camera, since, node, why)
    VALUES (NEW.id, CASE WHEN EXISTS (SELECT FROM camera_nodes WHERE camera = NEW.id) THEN NEW.node_since ELSE '-infinity' END, NEW.node, NEW.node_why)
    ON CONFLICT (camera, since) DO UPDATE SET node = excluded.node, why = excluded.why, until = NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER camera_node_kept AFTER INSERT OR UPDATE OF node ON cameras FOR EACH ROW EXECUTE FUNCTION keep_camera_node();

-- A state is what one node says of a camera; of another it explains nothing.
ALTER TABLE camera_states ADD COLUMN node text NOT NULL DEFAULT 'local';
ALTER TABLE camera_states DROP CONSTRAINT camera_states_pkey, ADD PRIMARY KEY (camera, at, node);

-- Down Migration
DELETE FROM camera_states a USING camera_states b WHERE a.camera = b.camera AND a.at = b.at AND a.node > b.node;
ALTER TABLE camera_states DROP CONSTRAINT camera_states_pkey, ADD PRIMARY KEY (camera, at);
ALTER TABLE camera_states DROP COLUMN node;
DROP TRIGGER camera_node_kept ON cameras;
DROP FUNCTION keep_camera_node();
DROP TABLE camera_nodes;
DROP TABLE unit_nodes;
ALTER TABLE cameras DROP COLUMN node_why, DROP COLUMN node_since, DROP COLUMN node_pin;
ALTER TABLE media_nodes DROP COLUMN fit, DROP COLUMN revoked_at, DROP COLUMN key_made_at, DROP COLUMN created_by, DROP COLUMN created_at, DROP COLUMN capacity, DROP COLUMN name;
