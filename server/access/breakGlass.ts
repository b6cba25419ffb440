/**
 * Emergency accounts: an administrator of the whole centre for a few hours, when those who have the right cannot be had.
 * Opened from the shell of the machine, or by two administrators; every administrator is told while it lives; it ends by itself.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { breakGlassAsk, breakGlassOpened, breakGlassRow } from '#contract/session.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import { hashPassword, randomPassword } from './password.ts';

/** A request that nobody opens in this time is none any more. */
const OPEN_WITHIN = 3_600_000;

export async function openGlass(database: Queryable, at: Date): Promise<{ username: string; reason: string; until: Date }[]> {
  const found = await database.query<{ username: string; break_glass: string; ends_at: Date }>('SELECT username, break_glass, ends_at FROM users WHERE break_glass IS NOT NULL AND enabled AND ends_at > $1 ORDER BY ends_at', [at]);
  return found.rows.map((row) => ({ username: row.username, reason: row.break_glass, until: row.ends_at }));
}

export async function breakGlass(database: Database, { reason, hours, by, rootUnit }: { reason: string; hours: number; by: readonly string[]; rootUnit: string }, at: Date, also: (connection: Queryable) => Promise<void> = async () => undefined): Promise<{ username: string; password: string; until: string }> {
  const username = `break-glass-${at.toISOString().slice(0, 10)}-${randomInt(1000, 10_000)}`;
  const password = randomPassword();
  const hash = await hashPassword(password);
  const until = new Date(at.getTime() + hours * 3_600_000);
  await database.transaction(async (connection) => {
    await also(connection);
    await connection.query("INSERT INTO users (username, password_hash, roles, unit, created_at, grace_from, ends_at, break_glass) VALUES ($1, $2, '{admin,inspector,operator,leader}', $3, $4, $4, $5, $6)", [username, hash, rootUnit, at, until, reason]);
    await appendAudit(connection, { actor: by.at(-1) ?? 'shell', action: 'break-glass.open', unit: rootUnit, subject: username, purpose: reason, detail: { by, until: until.toISOString() } }, at);
  });
  return { username, password, until: until.toISOString() };
}

export function breakGlassRoutes({ database, rootUnit, now, changed }: { database: Database; rootUnit: string; now: () => Date; changed: () => void }): Route[] {
  const CENTRAL = { tag: 'Access', access: ['admin'], scope: { kind: 'centre' } } as const;
  return [
    route({
      method: 'get', path: '/break-glass', ...CENTRAL, summary: 'Requests for an emergency account that wait for a second administrator', answer: z.object({ requests: z.array(breakGlassRow) }),
      async handle() {
        const found = await database.query<{ id: string; reason: string; hours: number; requested_by: string; requested_at: Date; expires_at: Date }>('SELECT * FROM break_glass_requests WHERE expires_at > $1 ORDER BY requested_at', [now()]);
        return { requests: found.rows.map((row) => ({ id: row.id, reason: row.reason, hours: row.hours, requestedBy: row.requested_by, requestedAt: row.requested_at.toISOString(), expiresAt: row.expires_at.toISOString() })) };
      },
    }),
    route({
      method: 'post', path: '/break-glass', ...CENTRAL, summary: 'Asks for an emergency account; another administrator has to open it within an hour', body: breakGlassAsk, answer: breakGlassRow, status: 201,
      async handle({ session, body }) {
        const row = { id: randomBytes(9).toString('base64url'), reason: body.reason, hours: body.hours, requestedBy: session.username, requestedAt: now().toISOString(), expiresAt: new Date(now().getTime() + OPEN_WITHIN).toISOString() };
        await database.transaction(async (connection) => {
          await connection.query('DELETE FROM break_glass_requests WHERE expires_at <= $1', [now()]);
          await connection.query('INSERT INTO break_glass_requests (id, reason, hours, requested_by, requested_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)', [row.id, row.reason, row.hours, row.requestedBy, row.requestedAt, row.expiresAt]);
          await appendAudit(connection, { actor: session.username, action: 'break-glass.ask', unit: rootUnit, subject: row.id, purpose: body.reason }, now());
        });
        return row;
      },
    }),
    route({
      method: 'post', path: '/break-glass/:id/open', ...CENTRAL, summary: 'Opens an emergency account that another administrator asked for; its password is shown this once', params: z.object({ id: z.string().max(40) }), body: z.strictObject({}), answer: breakGlassOpened, status: 201,
      async handle({ session, params }) {
        const asked = (await database.query<{ reason: string; hours: number; requested_by: string }>('SELECT reason, hours, requested_by FROM break_glass_requests WHERE id = $1 AND expires_at > $2', [params.id, now()])).rows[0];
        if (!asked) throw new Fault('not_found');
        if (asked.requested_by === session.username) throw new Fault('second_person');
        const opened = await breakGlass(database, { reason: asked.reason, hours: asked.hours, by: [asked.requested_by, session.username], rootUnit }, now(), async (connection) => {
          // Of two that open it at the same moment one does.
          if ((await connection.query('DELETE FROM break_glass_requests WHERE id = $1', [params.id])).rowCount === 0) throw new Fault('not_found');
        });
        changed();
        return opened;
      },
    }),
  ];
}
