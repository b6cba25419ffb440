/** A link by which a person sets the password: one use, 72 hours, kept hashed. The token stands behind «#»: no server and no log sees it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { hashPassword } from './password.ts';
import { randomToken, sha256 } from './seal.ts';
import type { SlowDown } from './signIn.ts';

const HOURS = 72;

/** A link given before is no longer good. */
export async function invite(connection: Queryable, username: string, at: Date): Promise<{ path: string; expiresAt: string }> {
  const token = randomToken();
  const expires = new Date(at.getTime() + HOURS * 3_600_000);
  await connection.query('INSERT INTO invitations (token_hash, username, expires_at) VALUES ($1, $2, $3) ON CONFLICT (username) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at', [sha256(token), username, expires]);
  return { path: `/invitation#${token}`, expiresAt: expires.toISOString() };
}

export async function acceptInvitation({ database, slowDown, now }: { database: Database; slowDown: SlowDown; now: () => Date }, token: string, password: string, address: string): Promise<string> {
  const from = `address ${address}`;
  slowDown.enter(address);
  try {
    const wait = slowDown.waitFor(from);
    if (wait > 0) await sleep(wait);
    const known = await database.query('SELECT 1 FROM invitations WHERE token_hash = $1 AND expires_at > $2', [sha256(token), now()]);
    if (known.rowCount === 0) { slowDown.failed(from); throw new Fault('invitation_invalid'); }
    const hash = await hashPassword(password);
    return await database.transaction(async (connection) => {
      const used = (await connection.query<{ username: string }>('DELETE FROM invitations WHERE token_hash = $1 AND expires_at > $2 RETURNING username', [sha256(token), now()])).rows[0];
      if (!used) throw new Fault('invitation_invalid');
      const user = (await connection.query<{ unit: string }>('UPDATE users SET password_hash = $2 WHERE username = $1 RETURNING unit', [used.username, hash])).rows[0];
      await connection.query('DELETE FROM sessions WHERE username = $1', [used.username]);
      await appendAudit(connection, { actor: used.username, action: 'user.invitation-used', unit: user?.unit ?? null, subject: used.username, detail: { address } }, now());
      return used.username;
    });
  } finally { slowDown.leave(address); }
}
