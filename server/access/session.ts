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
  factor: FactorState;
  /** Of the issuer's, without a password. */
  oidc: boolean;
  openedAt: Date;
  /** Until when a break-glass account lives, and why it was opened. */
  breakGlass: { reason: string; until: Date } | null;
}

/** Which roles need a second factor, and for how many days an account may do without. */
export interface FactorRule { requiredFor: readonly Role[]; graceDays: number }
/** `enrolBy`: of an account that needs one and has none yet; after it the account can only enrol. */
export interface FactorState { enrolled: boolean; required: boolean; enrolBy: Date | null; /** The issuer asked for a second factor, and that counts here. */ byIssuer: boolean }

export const factorOf = (row: { roles: readonly Role[]; factor_since: Date | null; grace_from: Date; issuer_factor: boolean }, rule: FactorRule): FactorState => {
  const required = row.roles.some((role) => rule.requiredFor.includes(role));
  return { enrolled: row.factor_since !== null, required, byIssuer: row.issuer_factor, enrolBy: required && row.factor_since === null && !row.issuer_factor ? new Date(row.grace_from.getTime() + rule.graceDays * 86_400_000) : null };
};

const COOKIE = 'session';

export function tokenFrom(cookieHeader: string | undefined, cookie = COOKIE): string | null {
  for (const part of (cookieHeader ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookie && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}

export interface Sessions {
  /** `hours`: how long it holds, where not as all. */
  open(username: string, response: Response, request: Request, more?: { issuerFactor: boolean; hours: number | null }): Promise<string>;
  /** Null too where the account can only enrol, unless that is what is `wanted`. */
  fromCookie(header: string | undefined, wanted?: 'enrolment'): Promise<Session | null>;
  require(request: Request, wanted?: 'enrolment'): Promise<Session>;
  close(id: string, response: Response): Promise<void>;
  /** Which of these session ids are still good. */
  living(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** An open screen or a running picture is use: its session does not idle. */
  touch(ids: readonly string[]): Promise<void>;
  setPurpose(id: string, text: string, until: Date): Promise<void>;
}

/** How exactly `seen_at` is known; a write for each request would be one too many. */
const SEEN_EVERY = 60_000;

export interface SessionParts { database: Database; units: Units; hours: number; /** Null: only `hours` ends it. */ idleMinutes: number | null; factor: FactorRule; now: () => Date }

interface Found extends Record<string, unknown> { id: string; username: string; roles: Role[]; unit: string; purpose: string | null; purpose_until: Date | null; seen_at: Date; created_at: Date; issuer_factor: boolean; oidc: boolean; factor_since: Date | null; grace_from: Date; ends_at: Date | null; break_glass: string | null }

export function openSessions({ database, units, hours, idleMinutes, factor, now }: SessionParts): Sessions {
  const cookie = (value: string, seconds: number, secure: boolean) => `${COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
  /** A session that idled is over also where nobody has removed its row yet. */
  const idleSince = () => new Date(idleMinutes === null ? 0 : now().getTime() - idleMinutes * 60_000);
  const isOver = (state: FactorState) => state.enrolBy !== null && state.enrolBy <= now();
  const LIVES = 's.expires_at > $2 AND s.seen_at > $3 AND u.enabled AND (u.ends_at IS NULL OR u.ends_at > $2)';
  async function find(header: string | undefined): Promise<Session | null> {
    const token = tokenFrom(header);
    if (token === null) return null;
    const row = (await database.query<Found>(
      `SELECT s.id, u.username, u.roles, u.unit, s.purpose, s.purpose_until, s.seen_at, s.created_at, s.issuer_factor, u.oidc_subject IS NOT NULL AS oidc, u.factor_since, u.grace_from, u.ends_at, u.break_glass
       FROM sessions s JOIN users u USING (username) WHERE s.token_hash = $1 AND ${LIVES}`, [sha256(token), now(), idleSince()])).rows[0];
    if (!row) return null;
    if (now().getTime() - row.seen_at.getTime() > SEEN_EVERY) await sessions.touch([row.id]);
    const purpose = row.purpose !== null && row.purpose_until !== null && row.purpose_until > now() ? { text: row.purpose, until: row.purpose_until } : null;
    const breakGlass = row.break_glass !== null && row.ends_at !== null ? { reason: row.break_glass, until: row.ends_at } : null;
    return { id: row.id, username: row.username, roles: row.roles, unit: row.unit, scope: units.scopeOf(row.unit), purpose, factor: factorOf(row, factor), oidc: row.oidc, openedAt: row.created_at, breakGlass };
  }
  const sessions: Sessions = {
    async open(username, response, request, { issuerFactor, hours: own } = { issuerFactor: false, hours: null }) {
      const token = randomToken();
      const id = randomBytes(12).toString('base64url');
      await database.query('DELETE FROM sessions WHERE expires_at < $1 OR seen_at < $2', [now(), idleSince()]);
      await database.query('INSERT INTO sessions (token_hash, id, username, created_at, seen_at, expires_at, address, agent, issuer_factor) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)',
        [sha256(token), id, username, now(), new Date(now().getTime() + (own ?? hours) * 3_600_000), request.ip ?? null, (request.headers['user-agent'] ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 200) || null, issuerFactor]);
      response.setHeader('Set-Cookie', cookie(token, Math.ceil((own ?? hours) * 3600), request.secure));
      return id;
    },
    async fromCookie(header, wanted) {
      const session = await find(header);
      return session && (wanted === 'enrolment' || !isOver(session.factor)) ? session : null;
    },
    async require(request, wanted) {
      const session = await find(request.headers.cookie);
      if (!session) throw new Fault('unauthenticated');
      if (wanted !== 'enrolment' && isOver(session.factor)) throw new Fault('second_factor_enrolment_required');
      return session;
    },
    async close(id, response) {
      await database.query('DELETE FROM sessions WHERE id = $1', [id]);
      response.setHeader('Set-Cookie', cookie('', 0, false));
    },
    async living(ids) {
      if (ids.length === 0) return new Set();
      const found = await database.query<{ id: string; roles: Role[]; factor_since: Date | null; grace_from: Date; issuer_factor: boolean }>(`SELECT s.id, s.issuer_factor, u.roles, u.factor_since, u.grace_from FROM sessions s JOIN users u USING (username) WHERE s.id = ANY($1) AND ${LIVES}`, [ids, now(), idleSince()]);
      return new Set(found.rows.filter((row) => !isOver(factorOf(row, factor))).map((row) => row.id));
    },
    async touch(ids) {
      if (ids.length > 0) await database.query('UPDATE sessions SET seen_at = $2 WHERE id = ANY($1) AND seen_at < $3', [ids, now(), new Date(now().getTime() - SEEN_EVERY)]);
    },
    async setPurpose(id, text, until) { await database.query('UPDATE sessions SET purpose = $2, purpose_until = $3 WHERE id = $1', [id, text, until]); },
  };
  return sessions;
}
