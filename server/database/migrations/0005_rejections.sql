-- Up Migration
-- What was refused, with the reason, until it is replayed. Values of personal fields are not kept.
CREATE TABLE rejections (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           timestamptz NOT NULL DEFAULT now(),
  kind         text NOT NULL,
  key_id       text NOT NULL,
  event_id     text,
  unit         text,
  code         text NOT NULL,
  message      text NOT NULL,
  body         jsonb,
  times        integer NOT NULL DEFAULT 1,
  fingerprint  bytea NOT NULL UNIQUE,
  replayed_at  timestamptz,
  replayed_by  text
);
CREATE INDEX rejections_newest ON rejections (at DESC) WHERE replayed_at IS NULL;

-- Procedures that events name and config/procedures.csv does not: listed for the administrator to complete.
CREATE TABLE unknown_procedures (
  code           text PRIMARY KEY,
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  last_seen_at   timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE unknown_procedures;
DROP TABLE rejections;
