/** Accounts, and together with them sessions (sessionRoutes.ts), emergency accounts (breakGlass.ts) and ingest keys (keyRoutes.ts). */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { invitation, userCreate, userMade, userRow } from '#contract/session.ts';
import { ROLES, type Role } from '#contract/vocabulary.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { breakGlassRoutes } from './breakGlass.ts';
import { invite } from './invitation.ts';
import { keyRoutes } from './keyRoutes.ts';
import { oidcRoutes, type OidcParts } from './oidcRoutes.ts';
import { hashPassword } from './password.ts';
import type { Seal } from './seal.ts';
import { openSecondFactor, resetSecondFactor } from './secondFactor.ts';
import type { FactorRule, Session, Sessions } from './session.ts';
import { sessionRoutes } from './sessionRoutes.ts';
import { SlowDown } from './signIn.ts';

export interface AccessParts {
  database: Database; units: Units; sessions: Sessions; seal: Seal; now: () => Date; zone: string; rootUnit: string; isSimulated: () => boolean; factorRule: FactorRule; decisionRequired: boolean; oidc: OidcParts | null;
  /** Something changed that opens or closes an alert. */
  changed: () => void;
}

interface UserRecord extends Record<string, unknown> { username: string; password_hash: string | null; roles: Role[]; unit: string; enabled: boolean; created_at: Date; last_sign_in_at: Date | null; factor_since: Date | null; ends_at: Date | null; oidc_subject: string | null }
const rowOf = (row: UserRecord) => ({
  username: row.username, roles: row.roles, unit: row.unit, enabled: row.enabled, createdAt: row.created_at.toISOString(), lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
  secondFactor: row.factor_since !== null, invited: row.password_hash === null && row.oidc_subject === null, oidc: row.oidc_subject !== null, endsAt: row.ends_at?.toISOString() ?? null,
});
const ADMIN = { tag: 'Access', access: ['admin'], scope: { kind: 'filter' } } as const;
const named = z.object({ username: z.string().max(80) });

export function accessRoutes(parts: AccessParts): Route[] {
  const { database, seal, now, rootUnit, factorRule, changed } = parts;
  const slowDown = new SlowDown(now);
  const factor = openSecondFactor({ database, seal, slowDown, now });
  const needsFactor = (roles: readonly Role[]) => roles.some((role) => factorRule.requiredFor.includes(role));
  const begin = { database, sessions: parts.sessions, now, oidcHours: parts.oidc?.settings.sessionHours ?? null };
  /** What is outside the scope is as good as not there. */
  const find = async (session: Session, username: string): Promise<UserRecord> => {
    const user = (await database.query<UserRecord>('SELECT * FROM users WHERE username = $1', [username])).rows[0];
    if (!user || !session.scope.has(user.unit)) throw new Fault('not_found');
    return user;
  };

  return [
    ...sessionRoutes(parts, begin, slowDown, factor),
    ...oidcRoutes(parts.oidc, { ...begin, seal, factor, needsFactor, changed }),
    route({
      method: 'get', path: '/users', ...ADMIN, summary: 'Accounts in the caller\'s scope', answer: z.object({ users: z.array(userRow) }),
      async handle({ session }) {
        const found = await database.query<UserRecord>('SELECT * FROM users WHERE unit = ANY($1) ORDER BY username', [[...session.scope]]);
        return { users: found.rows.map(rowOf) };
      },
    }),
    route({
      method: 'post', path: '/users', ...ADMIN, scope: { kind: 'unit', from: 'body.unit' }, summary: 'Creates an account; without a password its answer holds a one-time link by which the person sets it', body: userCreate, answer: userMade, status: 201,
      async handle({ session, body }) {
        const hash = body.password === undefined ? null : await hashPassword(body.password);
        const created = now();
        return await database.transaction(async (connection) => {
          const made = await connection.query<UserRecord>('INSERT INTO users (username, password_hash, roles, unit, created_at, grace_from) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING RETURNING *', [body.username, hash, body.roles, body.unit, created]);
          const row = made.rows[0];
          if (!row) throw new Fault('conflict', 'the user name is taken');
          const link = hash === null ? await invite(connection, body.username, created) : null;
          await appendAudit(connection, { actor: session.username, action: 'user.create', unit: body.unit, subject: body.username, detail: { roles: body.roles, invited: hash === null } }, created);
          return { ...rowOf(row), invitation: link };
        });
      },
    }),
    route({
      method: 'patch', path: '/users/:username', ...ADMIN, summary: 'Changes roles, password or whether an account is enabled; its sessions end', params: named,
      body: z.strictObject({ roles: z.array(z.enum(ROLES)).min(1), password: z.string().min(10).max(200), enabled: z.boolean() }).partial(), answer: userRow,
      async handle({ session, params, body }) {
        const user = await find(session, params.username);
        // Their rights come from the list of groups alone, and a password would be a door beside the issuer.
        if (user.oidc_subject !== null && (body.password !== undefined || body.roles !== undefined)) throw new Fault('oidc_account');
        const hash = body.password === undefined ? null : await hashPassword(body.password);
        // Days of grace begin with the role that asks for a second factor.
        const grace = body.roles !== undefined && needsFactor(body.roles) && !needsFactor(user.roles) ? now() : null;
        const row = await database.transaction(async (connection) => {
          const result = await connection.query<UserRecord>(
            'UPDATE users SET roles = coalesce($2, roles), password_hash = coalesce($3, password_hash), enabled = coalesce($4, enabled), grace_from = coalesce($5, grace_from) WHERE username = $1 RETURNING *', [params.username, body.roles ?? null, hash, body.enabled ?? null, grace]);
          // Whom only an emergency account or an invitation would leave in charge is nobody.
          const left = await connection.query("SELECT 1 FROM users WHERE 'admin' = ANY(roles) AND enabled AND ends_at IS NULL AND password_hash IS NOT NULL LIMIT 1");
          if (left.rowCount === 0) throw new Fault('last_admin');
          await connection.query('DELETE FROM sessions WHERE username = $1', [params.username]);
          await connection.query('DELETE FROM half_sign_ins WHERE username = $1', [params.username]);
          // A link given before the password was set, or the account locked, would open it again.
          if (hash !== null || body.enabled === false) await connection.query('DELETE FROM invitations WHERE username = $1', [params.username]);
          await appendAudit(connection, { actor: session.username, action: 'user.change', unit: user.unit, subject: params.username, detail: { roles: body.roles ?? null, enabled: body.enabled ?? null, password: body.password !== undefined } }, now());
          return result.rows[0];
        });
        if (!row) throw new Fault('not_found');
        changed();
        return rowOf(row);
      },
    }),
    route({
      method: 'post', path: '/users/:username/invitation', ...ADMIN, summary: 'A one-time link, good for 72 hours, by which the person sets a new password; a link given before is no longer good', params: named, body: z.strictObject({}), answer: invitation, status: 201,
      async handle({ session, params }) {
        const user = await find(session, params.username);
        if (user.oidc_subject !== null) throw new Fault('oidc_account');
        return await database.transaction(async (connection) => {
          await appendAudit(connection, { actor: session.username, action: 'user.invite', unit: user.unit, subject: params.username }, now());
          return await invite(connection, params.username, now());
        });
      },
    }),
    route({
      method: 'delete', path: '/users/:username/second-factor', ...ADMIN, summary: 'Takes away the second factor of somebody who lost it (not one\'s own); the sessions of the account end', params: named, answer: z.null(), status: 204,
      async handle({ session, params }) {
        const user = await find(session, params.username);
        if (params.username === session.username) throw new Fault('second_person');
        if (!await resetSecondFactor(database, params.username, { actor: session.username, unit: user.unit }, now())) throw new Fault('not_found');
        return null;
      },
    }),
    ...breakGlassRoutes({ database, rootUnit, now, changed }),
    ...keyRoutes({ database, seal, now }),
  ];
}
