/** The second factor of an account: a sealed key for codes by time, ten recovery codes kept hashed, and sign-ins that wait for one of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { randomPassword } from './password.ts';
import { randomToken, sha256, type Seal } from './seal.ts';
import type { SlowDown } from './signIn.ts';
import { newFactorKey, otpauth, stepOfCode, base32 } from './totp.ts';

const HALF_SECONDS = 300;
/** Of one sign-in; then the password is asked again. */
const TRIES = 5;
const RECOVERY_CODES = 10;
const HALF_COOKIE = 'half-session';
const HALF_PATH = '/api/v1/session';

export interface SecondFactorParts { database: Database; seal: Seal; slowDown: SlowDown; now: () => Date }
export type SecondFactor = ReturnType<typeof openSecondFactor>;

const recoveryHash = (username: string, code: string) => sha256(`${username} ${code.trim().toLowerCase()}`);

export function openSecondFactor({ database, seal, slowDown, now }: SecondFactorParts) {
  const halfCookie = (value: string, seconds: number, secure: boolean) => `${HALF_COOKIE}=${value}; Path=${HALF_PATH}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
  const tokenOf = (request: Request) => /(?:^|;\s*)half-session=([\w-]{43})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1] ?? null;

  /** Uses a code up: each step of the clock and each recovery code is good once, also for two requests at the same moment. */
  async function useCode(connection: Queryable, username: string, code: string): Promise<'app' | 'recovery' | null> {
    const row = (await connection.query<{ factor_sealed: Buffer | null; factor_step: number | null }>('SELECT factor_sealed, factor_step FROM users WHERE username = $1 AND factor_since IS NOT NULL', [username])).rows[0];
    if (!row?.factor_sealed) return null;
    if (/^\d{6}$/.test(code)) {
      const step = stepOfCode(seal.open(row.factor_sealed, 'bytes'), code, now(), row.factor_step ?? -1);
      if (step === null) return null;
      const used = await connection.query('UPDATE users SET factor_step = $2 WHERE username = $1 AND (factor_step IS NULL OR factor_step < $2)', [username, step]);
      return used.rowCount === 1 ? 'app' : null;
    }
    const used = await connection.query('DELETE FROM recovery_codes WHERE username = $1 AND code_hash = $2', [username, recoveryHash(username, code)]);
    return used.rowCount === 1 ? 'recovery' : null;
  }

  /** A wrong code slows the account's codes down, whoever tries and from wherever; one at a time. */
  async function slowly<T>(username: string, work: () => Promise<T | null>): Promise<T> {
    const key = `factor ${username.toLowerCase()}`;
    slowDown.enter(key, 1);
    try {
      const wait = slowDown.waitFor(key);
      if (wait > 0) await sleep(wait);
      const done = await work();
      if (done === null) { slowDown.failed(key); throw new Fault('wrong_code'); }
      slowDown.succeeded(key);
      return done;
    } finally { slowDown.leave(key); }
  }

  async function newRecoveryCodes(connection: Queryable, username: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, randomPassword);
    await connection.query('DELETE FROM recovery_codes WHERE username = $1', [username]);
    await connection.query('INSERT INTO recovery_codes (username, code_hash) SELECT $1, unnest($2::bytea[])', [username, codes.map((code) => recoveryHash(username, code))]);
    return codes;
  }

  /** A short token for the second step, in a cookie that goes nowhere else. */
  async function half(username: string, request: Request, response: Response): Promise<void> {
    const token = randomToken();
    await database.query('DELETE FROM half_sign_ins WHERE expires_at < $1', [now()]);
    await database.query('INSERT INTO half_sign_ins (token_hash, username, expires_at) VALUES ($1, $2, $3)', [sha256(token), username, new Date(now().getTime() + HALF_SECONDS * 1000)]);
    response.appendHeader('Set-Cookie', halfCookie(token, HALF_SECONDS, request.secure));
  }

  return {
    half,
    /** The password was right: the second step is asked for. */
    async begin(username: string, request: Request, response: Response): Promise<never> {
      await half(username, request, response);
      throw new Fault('second_factor_required');
    },
    /** The account whose second step this is. */
    async finish(request: Request, code: string): Promise<{ username: string; by: 'app' | 'recovery' }> {
      const token = tokenOf(request);
      if (token === null) throw new Fault('sign_in_again');
      const half = (await database.query<{ username: string; tries: number }>('UPDATE half_sign_ins SET tries = tries + 1 WHERE token_hash = $1 AND expires_at > $2 RETURNING username, tries', [sha256(token), now()])).rows[0];
      if (!half || half.tries > TRIES) throw new Fault('sign_in_again');
      return await slowly(half.username, () => database.transaction(async (connection) => {
        const by = await useCode(connection, half.username, code);
        if (by === null) { await appendAudit(connection, { actor: half.username, action: 'session.wrong-code', detail: { address: request.ip ?? null } }, now()); return null; }
        await connection.query('DELETE FROM half_sign_ins WHERE token_hash = $1', [sha256(token)]);
        return { username: half.username, by };
      }));
    },
    forget: (request: Request, response: Response) => { if (tokenOf(request) !== null) response.appendHeader('Set-Cookie', halfCookie('', 0, request.secure)); },
    /** A key that is not in force before a code of it was given. Replacing one in force needs a code of that. */
    async beginEnrolment(username: string, code: string | null): Promise<{ key: string; otpauth: string }> {
      const enrolled = (await database.query('SELECT 1 FROM users WHERE username = $1 AND factor_since IS NOT NULL', [username])).rowCount === 1;
      if (enrolled) await slowly(username, async () => await useCode(database, username, code ?? ''));
      const key = newFactorKey();
      await database.query('UPDATE users SET factor_pending = $2 WHERE username = $1', [username, seal.close(key)]);
      return { key: base32(key), otpauth: otpauth(key, username, 'Toàn Cảnh') };
    },
    /** The recovery codes, shown this once; the other sessions of the account end. */
    async confirmEnrolment(username: string, unit: string, session: string, code: string): Promise<string[]> {
      return await slowly(username, async () => await database.transaction(async (connection) => {
        const pending = (await connection.query<{ factor_pending: Buffer | null }>('SELECT factor_pending FROM users WHERE username = $1 FOR UPDATE', [username])).rows[0]?.factor_pending;
        if (!pending) throw new Fault('second_factor_state');
        const step = stepOfCode(seal.open(pending, 'bytes'), code, now(), -1);
        if (step === null) return null;
        await connection.query('UPDATE users SET factor_sealed = factor_pending, factor_pending = NULL, factor_since = $2, factor_step = $3 WHERE username = $1', [username, now(), step]);
        await connection.query('DELETE FROM sessions WHERE username = $1 AND id <> $2', [username, session]);
        await connection.query('DELETE FROM half_sign_ins WHERE username = $1', [username]);
        const codes = await newRecoveryCodes(connection, username);
        await appendAudit(connection, { actor: username, action: 'second-factor.enrol', unit, subject: username }, now());
        return codes;
      }));
    },
    async recoveryLeft(username: string): Promise<number> {
      return (await database.query<{ n: number }>('SELECT count(*) AS n FROM recovery_codes WHERE username = $1', [username])).rows[0]?.n ?? 0;
    },
  };
}

/** Takes the second factor away, for somebody who lost it; the sessions end. False: there is no such account, or it has none. */
export async function resetSecondFactor(database: Database, username: string, by: { actor: string; unit: string | null }, at: Date): Promise<boolean> {
  return await database.transaction(async (connection) => {
    const done = await connection.query('UPDATE users SET factor_sealed = NULL, factor_pending = NULL, factor_since = NULL, factor_step = NULL WHERE username = $1 AND factor_since IS NOT NULL', [username]);
    if (done.rowCount === 0) return false;
    for (const table of ['recovery_codes', 'half_sign_ins', 'sessions']) await connection.query(`DELETE FROM ${table} WHERE username = $1`, [username]);
    await appendAudit(connection, { actor: by.actor, action: 'second-factor.reset', unit: by.unit, subject: username }, at);
    return true;
  });
}
