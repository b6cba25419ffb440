/** The last step of every way to sign in: a new session, and its line in the log. */
import type { Request, Response } from 'express';
import { Fault } from '#contract/faults.ts';
import { audit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import type { Sessions } from './session.ts';

export interface BeginParts { database: Database; sessions: Sessions; now: () => Date; /** Of accounts of the issuer; null: as all others. */ oidcHours: number | null }

/** Returns its id. */
export async function beginSession({ database, sessions, now, oidcHours }: BeginParts, username: string, request: Request, response: Response, by: string, issuerFactor = false): Promise<string> {
  // A session that came along is not taken over: a new one begins at every sign-in.
  const old = await sessions.fromCookie(request.headers.cookie, 'enrolment');
  if (old) await sessions.close(old.id, response);
  const user = (await database.query<{ unit: string; oidc: boolean }>('UPDATE users SET last_sign_in_at = $2 WHERE username = $1 AND enabled AND (ends_at IS NULL OR ends_at > $2) RETURNING unit, oidc_subject IS NOT NULL AS oidc', [username, now()])).rows[0];
  if (!user) throw new Fault('wrong_credentials');
  const id = await sessions.open(username, response, request, { issuerFactor, hours: user.oidc ? oidcHours : null });
  await audit(database, { actor: username, action: 'session.open', unit: user.unit, detail: { address: request.ip ?? null, by } }, now());
  return id;
}
