-- Up Migration
-- Second factor: the key is sealed (it must be read again), the last step that was used is kept, so that no code is good twice.
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;
ALTER TABLE users ADD COLUMN factor_sealed bytea;
ALTER TABLE users ADD COLUMN factor_since timestamptz;
ALTER TABLE users ADD COLUMN factor_step bigint;
ALTER TABLE users ADD COLUMN factor_pending bytea;
-- From when the days of grace are counted: the creation, or the role that asks for a second factor; of accounts that are older
-- than this column, from now.
ALTER TABLE users ADD COLUMN grace_from timestamptz NOT NULL DEFAULT now();
-- Accounts that end by themselves; why a break-glass account was opened.
ALTER TABLE users ADD COLUMN ends_at timestamptz;
ALTER TABLE users ADD COLUMN break_glass text;

CREATE TABLE recovery_codes (
  username   text NOT NULL REFERENCES users ON DELETE CASCADE,
  code_hash  bytea NOT NULL,
  PRIMARY KEY (username, code_hash)
);
-- The password was right, the second factor is still asked for.
CREATE TABLE half_sign_ins (
  token_hash  bytea PRIMARY KEY,
  username    text NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at  timestamptz NOT NULL,
  tries       int NOT NULL DEFAULT 0
);
-- One-time links by which a person sets the password.
CREATE TABLE invitations (
  token_hash  bytea PRIMARY KEY,
  username    text NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,
  expires_at  timestamptz NOT NULL
);
-- A break-glass account that one administrator asked for and another has to open.
CREATE TABLE break_glass_requests (
  id            text PRIMARY KEY,
  reason        text NOT NULL,
  hours         double precision NOT NULL,
  requested_by  text NOT NULL,
  requested_at  timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL
);

ALTER TABLE sessions ADD COLUMN address text;
ALTER TABLE sessions ADD COLUMN agent text;

-- Two live secrets while a source changes from one to the other. A signed key is sealed: to check a signature it must be read.
ALTER TABLE ingest_keys ADD COLUMN key_sealed bytea;
ALTER TABLE ingest_keys ADD COLUMN old_hash bytea UNIQUE;
ALTER TABLE ingest_keys ADD COLUMN old_sealed bytea;
ALTER TABLE ingest_keys ADD COLUMN old_until timestamptz;
ALTER TABLE ingest_keys ADD COLUMN old_used_at timestamptz;
ALTER TABLE ingest_keys ADD COLUMN rotated_at timestamptz;
CREATE TABLE ingest_nonces (
  key_id      text NOT NULL,
  nonce       text NOT NULL,
  expires_at  timestamptz NOT NULL,
  PRIMARY KEY (key_id, nonce)
);
CREATE INDEX ingest_nonces_expiry ON ingest_nonces (expires_at);

-- The register: who looked at which camera.
CREATE INDEX audit_log_looks ON audit_log (at, actor) WHERE action IN ('live.look', 'recording.play', 'recording.look', 'clip.create', 'clip.download');
CREATE INDEX audit_log_at ON audit_log (at);

-- Rows of the audit log are added and never changed: not by a fault of ours, not by a statement that slipped in. Whoever owns
-- the database can take the trigger away; then the chain and the anchors outside still tell.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

-- Down Migration
DROP TRIGGER audit_log_no_truncate ON audit_log;
DROP TRIGGER audit_log_append_only ON audit_log;
DROP FUNCTION refuse_audit_change();
DROP INDEX audit_log_at;
DROP INDEX audit_log_looks;
DROP TABLE ingest_nonces;
ALTER TABLE ingest_keys DROP COLUMN key_sealed, DROP COLUMN old_hash, DROP COLUMN old_sealed, DROP COLUMN old_until, DROP COLUMN old_used_at, DROP COLUMN rotated_at;
ALTER TABLE sessions DROP COLUMN address, DROP COLUMN agent;
DROP TABLE break_glass_requests;
DROP TABLE invitations;
DROP TABLE half_sign_ins;
DROP TABLE recovery_codes;
DELETE FROM users WHERE password_hash IS NULL;
ALTER TABLE users DROP COLUMN factor_sealed, DROP COLUMN factor_since, DROP COLUMN factor_step, DROP COLUMN factor_pending, DROP COLUMN grace_from, DROP COLUMN ends_at, DROP COLUMN break_glass;
ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL;
