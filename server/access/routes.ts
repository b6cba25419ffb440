/** Sessions, accounts, ingest keys, the audit log. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { ingestKeyAnswer, ingestKeyCreate, ingestKeyRow, sessionAnswer, signIn, userCreate, userRow } from '#contract/session.ts';
import { purposeRequest } from '#contract/camera.ts';
import { ROLES, type IngestKind, type Role } from '#contract/vocabulary.ts';
import { appendAudit, audit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { hashPassword } from './password.ts';
import { randomToken, sha256 } from './seal.ts';
import type { Session, Sessions } from './session.ts';
import { checkPassword, SlowDown } from './signIn.ts';

export interface AccessParts { database: Database; units: Units; sessions: Sessions; now: () => Date; zone: string; isSimulated: () => boolean }

/** A purpose holds for one sitting; then it is asked again. */
const PURPOSE_HOURS = 2;

export function accessRoutes({ database, units, sessions, now, zone, isSimulated }: AccessParts): Route[] {
  const slowDown = new SlowDown(now);
  const describe = (session: Pick<Session, 'username' | 'roles' | 'unit' | 'purpose'>) => ({
    username: session.username, roles: [...session.roles], unit: session.unit, unitName: units.nameOf(session.unit), zone, simulated: isSimulated(), now: now().toISOString(),
    purpose: session.purpose ? { text: session.purpose.text, until: session.purpose.until.toISOString() } : null,
  });
  const inScope = (session: Session, unit: string) => { if (!session.scope.has(unit)) throw new Fault('not_found', `unit ${unit}`); };

  return [
    route({
      method: 'post', path: '/session', tag: 'Access', summary: 'Signs in; sets an HttpOnly cookie', access: 'public', scope: { kind: 'none' }, body: signIn, answer: sessionAnswer,
      async handle({ body, request, response }) {
        await checkPassword(database, slowDown, body.username, body.password, request.ip ?? '');
        const found = await database.query<{ username: string; roles: Role[]; unit: string }>('UPDATE users SET last_sign_in_at = $2 WHERE username = $1 RETURNING username, roles, unit', [body.username, now()]);
        const user = found.rows[0];
        if (!user) throw new Fault('wrong_credentials');
        // A session that came along is not taken over: a new one begins at every sign-in.
        const old = await sessions.fromCookie(request.headers.cookie);
        if (old) await sessions.close(old.id, response);
        await sessions.open(user.username, response, request.secure);
        await audit(database, { actor: user.username, action: 'session.open', unit: user.unit, detail: { address: request.ip ?? null } }, now());
        return describe({ ...user, purpose: null });
      },
    }),
    route({
      method: 'get', path: '/session', tag: 'Access', summary: 'Who is signed in', access: 'session', scope: { kind: 'none' }, answer: sessionAnswer,
      async handle({ session }) { return describe(session); },
    }),
    route({
      method: 'delete', path: '/session', tag: 'Access', summary: 'Signs out; running pictures and sockets of the session end', access: 'session', scope: { kind: 'none' }, answer: z.null(), status: 204,
      async handle({ session, response }) {
        await sessions.close(session.id, response);
        await audit(database, { actor: session.username, action: 'session.close', unit: session.unit }, now());
        return null;
      },
    }),
    route({
      method: 'post', path: '/recordings/purpose', tag: 'Recordings', summary: 'The purpose of looking at recordings, for this sitting', access: ['inspector', 'operator', 'admin'], scope: { kind: 'none' }, body: purposeRequest,
      answer: z.object({ text: z.string(), until: z.string() }),
      async handle({ session, body }) {
        const until = new Date(now().getTime() + PURPOSE_HOURS * 3_600_000);
        await sessions.setPurpose(session.id, body.purpose, until);
        await audit(database, { actor: session.username, action: 'recording.purpose', unit: session.unit, purpose: body.purpose }, now());
        return { text: body.purpose, until: until.toISOString() };
      },
    }),

    route({
      method: 'get', path: '/users', tag: 'Access', summary: 'Accounts in the caller\'s scope', access: ['admin'], scope: { kind: 'filter' }, answer: z.object({ users: z.array(userRow) }),
      async handle({ session }) {
        const found = await database.query<{ username: string; roles: Role[]; unit: string; enabled: boolean; created_at: Date; last_sign_in_at: Date | null }>('SELECT * FROM users WHERE unit = ANY($1) ORDER BY username', [[...session.scope]]);
        return { users: found.rows.map((row) => ({ username: row.username, roles: row.roles, unit: row.unit, enabled: row.enabled, createdAt: row.created_at.toISOString(), lastSignInAt: row.last_sign_in_at?.toISOString() ?? null })) };
      },
    }),
    route({
      method: 'post', path: '/users', tag: 'Access', summary: 'Creates an account', access: ['admin'], scope: { kind: 'unit', from: 'body.unit' }, body: userCreate, answer: userRow, status: 201,
      async handle({ session, body }) {
        const hash = await hashPassword(body.password);
        const created = now();
        await database.transaction(async (connection) => {
          const made = await connection.query('INSERT INTO users (username, password_hash, roles, unit, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [body.username, hash, body.roles, body.unit, created]);
          if (made.rowCount === 0) throw new Fault('conflict', 'the user name is taken');
          await appendAudit(connection, { actor: session.username, action: 'user.create', unit: body.unit, subject: body.username, detail: { roles: body.roles } }, created);
        });
        return { username: body.username, roles: body.roles, unit: body.unit, enabled: true, createdAt: created.toISOString(), lastSignInAt: null };
      },
    }),
    route({
      method: 'patch', path: '/users/:username', tag: 'Access', summary: 'Changes roles, password or whether an account is enabled; its sessions end', access: ['admin'], scope: { kind: 'filter' },
      params: z.object({ username: z.string() }), body: z.strictObject({ roles: z.array(z.enum(ROLES)).min(1), password: z.string().min(10).max(200), enabled: z.boolean() }).partial(), answer: userRow,
      async handle({ session, params, body }) {
        const user = (await database.query<{ unit: string }>('SELECT unit FROM users WHERE username = $1', [params.username])).rows[0];
        if (!user) throw new Fault('not_found');
        inScope(session, user.unit);
        const hash = body.password === undefined ? null : await hashPassword(body.password);
        const row = await database.transaction(async (connection) => {
          const changed = await connection.query<{ username: string; roles: Role[]; unit: string; enabled: boolean; created_at: Date; last_sign_in_at: Date | null }>(
            'UPDATE users SET roles = coalesce($2, roles), password_hash = coalesce($3, password_hash), enabled = coalesce($4, enabled) WHERE username = $1 RETURNING *', [params.username, body.roles ?? null, hash, body.enabled ?? null]);
          const left = await connection.query("SELECT 1 FROM users WHERE 'admin' = ANY(roles) AND enabled LIMIT 1");
          if (left.rowCount === 0) throw new Fault('last_admin');
          await connection.query('DELETE FROM sessions WHERE username = $1', [params.username]);
          await appendAudit(connection, { actor: session.username, action: 'user.change', unit: user.unit, subject: params.username, detail: { roles: body.roles ?? null, enabled: body.enabled ?? null, password: body.password !== undefined } }, now());
          return changed.rows[0];
        });
        if (!row) throw new Fault('not_found');
        return { username: row.username, roles: row.roles, unit: row.unit, enabled: row.enabled, createdAt: row.created_at.toISOString(), lastSignInAt: row.last_sign_in_at?.toISOString() ?? null };
      },
    }),

    route({
      method: 'get', path: '/ingest-keys', tag: 'Access', summary: 'Ingest keys, without their secrets', access: ['admin'], scope: { kind: 'filter' }, answer: z.object({ keys: z.array(ingestKeyRow) }),
      async handle({ session }) {
        const found = await database.query<{ id: string; name: string; kinds: IngestKind[]; units: string[]; simulated: boolean; created_at: Date; last_used_at: Date | null; revoked_at: Date | null }>('SELECT * FROM ingest_keys WHERE units <@ $1 ORDER BY created_at DESC', [[...session.scope]]);
        return { keys: found.rows.map((row) => ({ id: row.id, name: row.name, kinds: row.kinds, units: row.units, simulated: row.simulated, createdAt: row.created_at.toISOString(), lastUsedAt: row.last_used_at?.toISOString() ?? null, revokedAt: row.revoked_at?.toISOString() ?? null })) };
      },
    }),
    route({
      method: 'post', path: '/ingest-keys', tag: 'Access', summary: 'Creates an ingest key; the key is shown this once', access: ['admin'], scope: { kind: 'filter' }, body: ingestKeyCreate, answer: ingestKeyAnswer, status: 201,
      async handle({ session, body }) {
        for (const unit of body.units) inScope(session, unit);
        return await createIngestKey(database, { ...body, simulated: false, by: session.username }, now());
      },
    }),
    route({
      method: 'delete', path: '/ingest-keys/:id', tag: 'Access', summary: 'Revokes an ingest key', access: ['admin'], scope: { kind: 'filter' }, params: z.object({ id: z.string() }), answer: z.null(), status: 204,
      async handle({ session, params }) {
        await database.transaction(async (connection) => {
          const done = await connection.query('UPDATE ingest_keys SET revoked_at = $3 WHERE id = $1 AND units <@ $2 AND revoked_at IS NULL', [params.id, [...session.scope], now()]);
          if (done.rowCount === 0) throw new Fault('not_found');
          await appendAudit(connection, { actor: session.username, action: 'ingest-key.revoke', subject: params.id }, now());
        });
        return null;
      },
    }),

    route({
      method: 'get', path: '/audit', tag: 'Audit', summary: 'Who did what, when and why, newest first', access: ['admin', 'inspector'], scope: { kind: 'filter' },
      query: z.object({ action: z.string().optional(), subject: z.string().optional(), before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
      answer: z.object({ entries: z.array(z.object({ seq: z.number(), at: z.string(), actor: z.string(), action: z.string(), unit: z.string().nullable(), subject: z.string().nullable(), purpose: z.string().nullable(), detail: z.unknown() })) }),
      async handle({ session, query }) {
        const central = session.scope.size === units.history.codes.length;
        const found = await database.query<{ seq: number; at: Date; actor: string; action: string; unit: string | null; subject: string | null; purpose: string | null; detail: unknown }>(
          'SELECT * FROM audit_log WHERE (unit = ANY($1) OR ($2 AND unit IS NULL)) AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR subject = $4) AND ($5::bigint IS NULL OR seq < $5) ORDER BY seq DESC LIMIT $6',
          [[...session.scope], central, query.action ?? null, query.subject ?? null, query.before ?? null, query.limit]);
        return { entries: found.rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
      },
    }),
  ];
}

export async function createIngestKey(database: Database, { name, kinds, units, simulated, by }: { name: string; kinds: readonly IngestKind[]; units: readonly string[]; simulated: boolean; by: string }, at: Date): Promise<{ id: string; key: string }> {
  const id = randomBytes(6).toString('hex');
  const key = randomToken();
  await database.transaction(async (connection) => {
    await connection.query('INSERT INTO ingest_keys (id, key_hash, name, kinds, units, simulated, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [id, sha256(key), name, kinds, units, simulated, at, by]);
    await appendAudit(connection, { actor: by, action: 'ingest-key.create', subject: id, detail: { name, kinds, units, simulated } }, at);
  });
  return { id, key };
}
