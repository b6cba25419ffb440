-- Up Migration
-- People, their sessions, and the keys of the sources. Secrets are stored hashed: argon2id for passwords (chosen by
-- people), SHA-256 for tokens and keys (256 random bits, nothing to guess).
CREATE TABLE users (
  username         text PRIMARY KEY,
  password_hash    text NOT NULL,
  roles            text[] NOT NULL,
  unit             text NOT NULL,
  enabled          boolean NOT NULL DEFAULT true,
  created_at       timestamptz NOT NULL DEFAULT now(),
  last_sign_in_at  timestamptz
);

CREATE TABLE sessions (
  token_hash     bytea PRIMARY KEY,
  id             text NOT NULL UNIQUE,
  username       text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at     timestamptz NOT NULL DEFAULT now(),
  seen_at        timestamptz NOT NULL DEFAULT now(),
  expires_at     timestamptz NOT NULL,
  purpose        text,
  purpose_until  timestamptz
);
CREATE INDEX sessions_of_user ON sessions (username);

CREATE TABLE ingest_keys (
  id            text PRIMARY KEY,
  key_hash      bytea NOT NULL UNIQUE,
  name          text NOT NULL,
  kinds         text[] NOT NULL,
  units         text[] NOT NULL,
  simulated     boolean NOT NULL DEFAULT false,
  created_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text,
  last_used_at  timestamptz,
  revoked_at    timestamptz
);

-- Who did what, when and why. Each row carries the hash of the one before: an edit, a deletion or a change of order
-- breaks the chain, and `npm run admin -- verify-audit` says where.
CREATE TABLE audit_log (
  seq      bigint PRIMARY KEY,
  at       timestamptz NOT NULL,
  actor    text NOT NULL,
  action   text NOT NULL,
  unit     text,
  subject  text,
  purpose  text,
  detail   jsonb NOT NULL,
  previous bytea NOT NULL,
  hash     bytea NOT NULL
);

-- Down Migration
DROP TABLE audit_log;
DROP TABLE ingest_keys;
DROP TABLE sessions;
DROP TABLE users;
