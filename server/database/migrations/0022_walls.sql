-- Up Migration
-- Scenes of walls that people made (those that ship are files), each version kept.
CREATE TABLE scenes (
  id           text PRIMARY KEY,
  unit         text NOT NULL,
  name         text NOT NULL,
  version      int NOT NULL,
  tiles        jsonb NOT NULL,
  changed_at   timestamptz NOT NULL,
  changed_by   text NOT NULL,
  archived_at  timestamptz
);
CREATE INDEX scenes_of_unit ON scenes (unit) WHERE archived_at IS NULL;

CREATE TABLE scene_versions (
  scene    text NOT NULL REFERENCES scenes ON DELETE CASCADE,
  version  int NOT NULL,
  name     text NOT NULL,
  tiles    jsonb NOT NULL,
  at       timestamptz NOT NULL,
  by_whom  text NOT NULL,
  PRIMARY KEY (scene, version)
);

-- Screens that were paired. The token is stored hashed; one that is revoked stays in the list of what was.
CREATE TABLE screens (
  id          text PRIMARY KEY,
  token_hash  bytea NOT NULL UNIQUE,
  name        text NOT NULL,
  unit        text NOT NULL,
  rotation    jsonb NOT NULL DEFAULT '[]',
  pinned      jsonb,
  popups      jsonb NOT NULL DEFAULT '{"shown": null, "waiting": []}',
  report      jsonb,
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  revoked_at  timestamptz
);
CREATE INDEX screens_of_unit ON screens (unit) WHERE revoked_at IS NULL;

-- What a screen said that it showed, once a minute; kept for ninety days.
CREATE TABLE screen_reports (
  screen  text NOT NULL REFERENCES screens ON DELETE CASCADE,
  at      timestamptz NOT NULL,
  hash    text NOT NULL,
  report  jsonb NOT NULL,
  PRIMARY KEY (screen, at)
);
CREATE INDEX screen_reports_by_time ON screen_reports (at);

-- Down Migration
DROP TABLE screen_reports;
DROP TABLE screens;
DROP TABLE scene_versions;
DROP TABLE scenes;
