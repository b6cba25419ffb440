/** Accounts of an issuer: made and changed at sign-in by the list of allowed groups alone, and without rights when the list names them no more. */
import type { AllowedGroup, Oidc } from '#config/oidc.ts';
import { accountName } from '#contract/session.ts';
import type { Role } from '#contract/vocabulary.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import type { Identity } from './issuer.ts';

export type Refusal = 'refused' | 'name' | 'locked';
export interface Rights { roles: Role[]; unit: string }
interface Known extends Record<string, unknown> { username: string; roles: Role[]; unit: string; enabled: boolean }

/** The first entry of the list that fits gives the unit; others of the same unit add their roles, those of other units nothing. Null: nothing fits. */
export function rightsOf(allow: readonly AllowedGroup[], groups: readonly string[]): Rights | null {
  const fitting = allow.filter((one) => groups.includes(one.group));
  const unit = fitting[0]?.unit;
  return unit === undefined ? null : { unit, roles: [...new Set(fitting.filter((one) => one.unit === unit).flatMap((one) => one.roles))].sort() };
}
const differs = (row: Known, rights: Rights) => row.unit !== rights.unit || [...row.roles].sort().join() !== rights.roles.join();

async function endSessions(connection: Queryable, username: string): Promise<void> {
  for (const table of ['sessions', 'half_sign_ins']) await connection.query(`DELETE FROM ${table} WHERE username = $1`, [username]);
}
/** Days of grace begin with the role that asks for a second factor. */
async function change(connection: Queryable, row: Known, rights: Rights, grace: boolean, actor: string, at: Date): Promise<void> {
  await connection.query('UPDATE users SET roles = $2, unit = $3, grace_from = CASE WHEN $4 THEN $5 ELSE grace_from END WHERE username = $1', [row.username, rights.roles, rights.unit, grace, at]);
  await endSessions(connection, row.username);
  await appendAudit(connection, { actor, action: rights.roles.length === 0 ? 'oidc.rights-gone' : 'oidc.change', unit: rights.unit, subject: row.username, detail: { roles: rights.roles, before: { roles: row.roles, unit: row.unit } } }, at);
}

export async function admitIdentity(database: Database, { allow, issuer }: Oidc, { subject, username, groups }: Identity, needsFactor: (roles: readonly Role[]) => boolean, at: Date): Promise<{ username: string } | { refusal: Refusal }> {
  return await database.transaction(async (connection) => {
    const rights = rightsOf(allow, groups);
    const row = (await connection.query<Known>('SELECT username, roles, unit, enabled FROM users WHERE oidc_issuer = $1 AND oidc_subject = $2 FOR UPDATE', [issuer, subject])).rows[0];
    const named = accountName.safeParse(username).data ?? null;
    const refuse = async (refusal: Refusal) => {
      await appendAudit(connection, { actor: row?.username ?? named ?? 'oidc', action: 'oidc.refused', unit: row?.unit ?? null, subject: row?.username ?? named, detail: { why: refusal, subject: subject.slice(0, 255), groups: groups.slice(0, 50).map((one) => one.slice(0, 120)) } }, at);
      return { refusal };
    };
    if (rights === null) {
      if (row && row.roles.length > 0) { await change(connection, row, { roles: [], unit: row.unit }, false, row.username, at); await connection.query('UPDATE users SET oidc_groups = $2 WHERE username = $1', [row.username, groups]); }
      return await refuse('refused');
    }
    if (row && !row.enabled) return await refuse('locked');
    if (row) {
      if (differs(row, rights)) await change(connection, row, rights, needsFactor(rights.roles) && !needsFactor(row.roles), row.username, at);
      await connection.query('UPDATE users SET oidc_groups = $2 WHERE username = $1', [row.username, groups]);
      return { username: row.username };
    }
    // A name is only a name: it never opens an account that is somebody else's, in no spelling.
    if (named === null || (await connection.query('SELECT 1 FROM users WHERE lower(username) = lower($1)', [named])).rowCount !== 0) return await refuse('name');
    const made = await connection.query('INSERT INTO users (username, roles, unit, created_at, grace_from, oidc_issuer, oidc_subject, oidc_groups) VALUES ($1, $2, $3, $4, $4, $5, $6, $7) ON CONFLICT DO NOTHING', [named, rights.roles, rights.unit, at, issuer, subject, groups]);
    if (made.rowCount === 0) return await refuse('name');
    await appendAudit(connection, { actor: named, action: 'oidc.create', unit: rights.unit, subject: named, detail: { ...rights } }, at);
    return { username: named };
  });
}

/** At every start: whom the list, as it stands now, gives other rights than at the last sign-in has those at once; without a list, none. */
export async function followList(database: Database, oidc: Oidc | null, needsFactor: (roles: readonly Role[]) => boolean, at: Date): Promise<number> {
  return await database.transaction(async (connection) => {
    const all = (await connection.query<Known & { oidc_issuer: string; oidc_groups: string[] | null }>('SELECT username, roles, unit, enabled, oidc_issuer, oidc_groups FROM users WHERE oidc_subject IS NOT NULL FOR UPDATE')).rows;
    let changed = 0;
    for (const row of all) {
      const rights = (oidc?.issuer === row.oidc_issuer ? rightsOf(oidc.allow, row.oidc_groups ?? []) : null) ?? { roles: [], unit: row.unit };
      if (!differs(row, rights)) continue;
      await change(connection, row, rights, needsFactor(rights.roles) && !needsFactor(row.roles), 'configuration', at);
      changed += 1;
    }
    return changed;
  });
}
