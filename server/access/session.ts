/** Sessions: an opaque cookie, kept hashed; each knows its account's unit scope and roles of this very moment. */
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { Fault } from '#contract/faults.ts';
import type { Role } from '#contract/vocabulary.ts';
import type { Database } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';
import { randomToken, sha256 } from './seal.ts';

export interface Session {
  id: string; username: string; roles: readonly Role[]; unit: string;
  /** Unit codes that the account sees. */
  scope: ReadonlySet<string>;
  purpose: { text: string; until: Date } | null;
  /** The id of a paired screen; it has no roles, and only the routes that say so. */
  screen?: string;
}

const COOKIE = 'session';

export function tokenFrom(cookieHeader: string | undefined, cookie = COOKIE): string | null {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookie && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}

export interface Sessions {
  open(username: string, response: Response, secure: boolean): Promise<string>;
  fromCookie(header: string | undefined): Promise<Session | null>;
  require(request: Request): Promise<Session>;
  close(id: string, response: Response): Promise<void>;
  /** Which of these session ids are still good. */
  living(ids: readonly string[]): Promise<ReadonlySet<string>>;
  setPurpose(id: string, text: string, until: Date): Promise<void>;
}

export function openSessions({ database, units, hours, now }: { database: Database; units: Units; hours: number; now: () => Date }): Sessions {
  const cookie = (value: string, seconds: number, secure: boolean) => `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
  const sessions: Sessions = {
    async open(username, response, secure) {
      const token = randomToken();
      const id = randomBytes(12).toString('base64url');
      await database.query('DELETE FROM sessions WHERE expires_at < $1', [now()]);
      await database.query('INSERT INTO sessions (token_hash, id, username, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)', [sha256(token), id, username, now(), new Date(now().getTime() + hours * 3_600_000)]);
      response.setHeader('Set-Cookie', cookie(token, hours * 3600, secure));
      return id;
    },
    async fromCookie(header) {
      const token = tokenFrom(header);
      if (token === null) return null;
      const found = await database.query<{ id: string; username: string; roles: Role[]; unit: string; purpose: string | null; purpose_until: Date | null }>(
        `SELECT s.id, u.username, u.roles, u.unit, s.purpose, s.purpose_until FROM sessions s JOIN users u USING (username)
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.enabled`, [sha256(token), now()]);
      const row = found.rows[0];
      if (!row) return null;
      const purpose = row.purpose !== null && row.purpose_until !== null && row.purpose_until > now() ? { text: row.purpose, until: row.purpose_until } : null;
      return { id: row.id, username: row.username, roles: row.roles, unit: row.unit, scope: units.scopeOf(row.unit), purpose };
    },
    async require(request) {
      const session = await sessions.fromCookie(request.headers.cookie);
      if (!session) throw new Fault('unauthenticated');
      return session;
    },
    async close(id, response) {
      await database.query('DELETE FROM sessions WHERE id = $1', [id]);
      response.setHeader('Set-Cookie', cookie('', 0, false));
    },
    async living(ids) {
      if (ids.length === 0) return new Set();
      const found = await database.query<{ id: string }>('SELECT s.id FROM sessions s JOIN users u USING (username) WHERE s.id = ANY($1) AND s.expires_at > $2 AND u.enabled', [ids, now()]);
      return new Set(found.rows.map((row) => row.id));
    },
    async setPurpose(id, text, until) { await database.query('UPDATE sessions SET purpose = $2, purpose_until = $3 WHERE id = $1', [id, text, until]); },
  };
  return sessions;
}
