-- Up Migration
-- Accounts of an issuer (OpenID Connect) are known by issuer and subject, never by their name; they have no password. The groups
-- of the last sign-in are kept, so that a list that was made shorter takes rights away before the next one.
ALTER TABLE users ADD COLUMN oidc_issuer text;
ALTER TABLE users ADD COLUMN oidc_subject text;
ALTER TABLE users ADD COLUMN oidc_groups text[];
CREATE UNIQUE INDEX users_oidc ON users (oidc_issuer, oidc_subject);
-- The issuer said that the person used a second factor there.
ALTER TABLE sessions ADD COLUMN issuer_factor boolean NOT NULL DEFAULT false;
-- A sign-in that came back from the issuer is good once.
CREATE TABLE oidc_used (
  state_hash  bytea PRIMARY KEY,
  expires_at  timestamptz NOT NULL
);

-- Down Migration
DROP TABLE oidc_used;
ALTER TABLE sessions DROP COLUMN issuer_factor;
DELETE FROM users WHERE oidc_subject IS NOT NULL;
DROP INDEX users_oidc;
ALTER TABLE users DROP COLUMN oidc_issuer, DROP COLUMN oidc_subject, DROP COLUMN oidc_groups;
