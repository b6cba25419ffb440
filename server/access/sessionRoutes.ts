/** Signing in and out, one's own password and second factor, and the sessions that are open. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { purposeRequest } from '#contract/camera.ts';
import { enrolmentAnswer, enrolmentBegin, invitationAccept, passwordChange, recoveryCodes, secondFactorCode, sessionAnswer, sessionRow, signIn } from '#contract/session.ts';
import { appendAudit, audit } from '../audit/append.ts';
import { route, type Route } from '../http/route.ts';
import { beginSession, type BeginParts } from './beginSession.ts';
import { openGlass } from './breakGlass.ts';
import { acceptInvitation } from './invitation.ts';
import { hashPassword } from './password.ts';
import type { AccessParts } from './routes.ts';
import type { SecondFactor } from './secondFactor.ts';
import type { Session } from './session.ts';
import { checkPassword, type SlowDown } from './signIn.ts';

/** So long after a sign-in at the issuer it stands for the password. */
const JUST = 10 * 60_000;
/** A purpose holds for one sitting; then it is asked again. */
const PURPOSE_HOURS = 2;
const PUBLIC = { access: 'public', scope: { kind: 'none' } } as const;
const OWN = { access: 'session', scope: { kind: 'none' } } as const;

export function sessionRoutes({ database, units, sessions, now, zone, isSimulated, decisionRequired, oidc }: AccessParts, begin: BeginParts, slowDown: SlowDown, factor: SecondFactor): Route[] {
  async function describe(session: Pick<Session, 'username' | 'roles' | 'unit' | 'purpose' | 'factor' | 'breakGlass' | 'oidc'>) {
    const { enrolled, required, enrolBy, byIssuer } = session.factor;
    const open = session.roles.includes('admin') ? await openGlass(database, now()) : session.breakGlass ? [{ username: session.username, ...session.breakGlass }] : [];
    return {
      username: session.username, roles: [...session.roles], unit: session.unit, unitName: units.nameOf(session.unit), zone, simulated: isSimulated(), now: now().toISOString(),
      purpose: session.purpose ? { text: session.purpose.text, until: session.purpose.until.toISOString() } : null, decisionRequired,
      oidc: session.oidc, endSession: session.oidc ? oidc?.issuer.endSession() ?? null : null,
      secondFactor: { enrolled, required, byIssuer, enrolBy: enrolBy?.toISOString() ?? null, mustEnrol: enrolBy !== null && enrolBy <= now(), recoveryLeft: enrolled ? await factor.recoveryLeft(session.username) : null },
      breakGlass: open.map((one) => ({ ...one, until: one.until.toISOString() })),
    };
  }
  async function open(username: string, request: Request, response: Response, by: string) {
    const id = await beginSession(begin, username, request, response, by);
    const made = String(response.getHeader('Set-Cookie')).split(';')[0];
    const session = await sessions.fromCookie(made, 'enrolment');
    if (session?.id !== id) throw new Fault('wrong_credentials');
    return await describe(session);
  }
  const samePassword = async (session: Session, password: string, address: string) => {
    // Who has none proves it by having just come from the issuer.
    if (session.oidc) { if (now().getTime() - session.openedAt.getTime() > JUST) throw new Fault('sign_in_fresh'); return; }
    await checkPassword(database, slowDown, session.username, password, address, now()).catch((error: unknown) => { throw error instanceof Fault && error.code === 'wrong_credentials' ? new Fault('wrong_password') : error; });
  };

  return [
    route({
      method: 'post', path: '/session', tag: 'Access', ...PUBLIC, body: signIn, answer: sessionAnswer,
      summary: 'Signs in; sets an HttpOnly cookie. An account with a second factor is answered 401 second_factor_required and a cookie for POST /session/second-factor, good for 5 minutes',
      async handle({ body, request, response }) {
        await checkPassword(database, slowDown, body.username, body.password, request.ip ?? '', now());
        const found = (await database.query<{ factor: boolean }>('SELECT factor_since IS NOT NULL AS factor FROM users WHERE username = $1', [body.username])).rows[0];
        if (found?.factor === true) return await factor.begin(body.username, request, response);
        return await open(body.username, request, response, 'password');
      },
    }),
    route({
      method: 'post', path: '/session/second-factor', tag: 'Access', summary: 'The second step of signing in: six digits of the app, or a recovery code; each is good once', ...PUBLIC, body: secondFactorCode, answer: sessionAnswer,
      async handle({ body, request, response }) {
        const { username, by } = await factor.finish(request, body.code);
        const answer = await open(username, request, response, by);
        factor.forget(request, response);
        return answer;
      },
    }),
    route({
      method: 'get', path: '/session', tag: 'Access', summary: 'Who is signed in', ...OWN, enrolment: true, answer: sessionAnswer,
      async handle({ session }) { return await describe(session); },
    }),
    route({
      method: 'delete', path: '/session', tag: 'Access', summary: 'Signs out; running pictures and sockets of the session end', ...OWN, enrolment: true, answer: z.null(), status: 204,
      async handle({ session, response }) {
        await sessions.close(session.id, response);
        await audit(database, { actor: session.username, action: 'session.close', unit: session.unit }, now());
        return null;
      },
    }),
    route({
      method: 'post', path: '/session/password', tag: 'Access', summary: 'Changes one\'s own password; one\'s other sessions end', ...OWN, body: passwordChange, answer: z.null(), status: 204,
      async handle({ session, body, request }) {
        if (session.oidc) throw new Fault('oidc_account');
        await samePassword(session, body.password, request.ip ?? '');
        const hash = await hashPassword(body.newPassword);
        await database.transaction(async (connection) => {
          await connection.query('UPDATE users SET password_hash = $2 WHERE username = $1', [session.username, hash]);
          await connection.query('DELETE FROM sessions WHERE username = $1 AND id <> $2', [session.username, session.id]);
          await connection.query('DELETE FROM half_sign_ins WHERE username = $1', [session.username]);
          await appendAudit(connection, { actor: session.username, action: 'user.own-password', unit: session.unit, subject: session.username }, now());
        });
        return null;
      },
    }),
    route({
      method: 'post', path: '/session/second-factor/enrolment', tag: 'Access', summary: 'Begins to enrol an authenticator app: its key, in force after a code of it; replacing one in force needs a code of that', ...OWN, enrolment: true, body: enrolmentBegin, answer: enrolmentAnswer, status: 201,
      async handle({ session, body, request }) {
        await samePassword(session, body.password ?? '', request.ip ?? '');
        return await factor.beginEnrolment(session.username, body.code);
      },
    }),
    route({
      method: 'post', path: '/session/second-factor/confirm', tag: 'Access', summary: 'Ends the enrolment with a code of the app; ten recovery codes, shown this once; one\'s other sessions end', ...OWN, enrolment: true, body: secondFactorCode, answer: recoveryCodes,
      async handle({ session, body }) { return { recoveryCodes: await factor.confirmEnrolment(session.username, session.unit, session.id, body.code) }; },
    }),
    route({
      method: 'post', path: '/invitation', tag: 'Access', summary: 'Sets the password by a one-time link', ...PUBLIC, body: invitationAccept, answer: z.object({ username: z.string() }),
      async handle({ body, request }) { return { username: await acceptInvitation({ database, slowDown, now }, body.token, body.password, request.ip ?? '') }; },
    }),
    route({
      method: 'post', path: '/recordings/purpose', tag: 'Recordings', summary: 'The purpose of looking at recordings, for this sitting; with the number of the decision where the centre asks for one', access: ['inspector', 'operator', 'admin', 'unmask'], scope: { kind: 'none' }, body: purposeRequest,
      answer: z.object({ text: z.string(), until: z.string() }),
      async handle({ session, body }) {
        if (decisionRequired && body.decision === null) throw new Fault('decision_required');
        const until = new Date(now().getTime() + PURPOSE_HOURS * 3_600_000);
        const text = body.decision === null ? body.purpose : `${body.purpose} [${body.decision}]`;
        await sessions.setPurpose(session.id, text, until);
        await audit(database, { actor: session.username, action: 'recording.purpose', unit: session.unit, purpose: text, detail: { decision: body.decision } }, now());
        return { text, until: until.toISOString() };
      },
    }),
    route({
      method: 'get', path: '/sessions', tag: 'Access', summary: 'One\'s own open sessions; for an administrator with of=all those of the accounts in scope', access: 'session', scope: { kind: 'filter' },
      query: z.object({ of: z.enum(['own', 'all']).default('own') }), answer: z.object({ sessions: z.array(sessionRow) }),
      async handle({ session, query }) {
        const all = query.of === 'all';
        if (all && !session.roles.includes('admin')) throw new Fault('forbidden');
        const found = await database.query<{ id: string; username: string; unit: string; created_at: Date; seen_at: Date; expires_at: Date; address: string | null; agent: string | null }>(
          'SELECT s.id, s.username, u.unit, s.created_at, s.seen_at, s.expires_at, s.address, s.agent FROM sessions s JOIN users u USING (username) WHERE (s.username = $1 OR ($2 AND u.unit = ANY($3))) AND s.expires_at > $4 ORDER BY s.seen_at DESC LIMIT 1000',
          [session.username, all, [...session.scope], now()]);
        const living = await sessions.living(found.rows.map((row) => row.id));
        return { sessions: found.rows.filter((row) => living.has(row.id)).map((row) => ({ id: row.id, username: row.username, unit: row.unit, createdAt: row.created_at.toISOString(), seenAt: row.seen_at.toISOString(), expiresAt: row.expires_at.toISOString(), address: row.address, agent: row.agent, current: row.id === session.id })) };
      },
    }),
    route({
      method: 'delete', path: '/sessions/:id', tag: 'Access', summary: 'Ends a session: one\'s own, or, for an administrator, of an account in scope; its pictures and sockets end within five seconds', access: 'session', scope: { kind: 'filter' },
      params: z.object({ id: z.string().max(40) }), answer: z.null(), status: 204,
      async handle({ session, params }) { if (await revoke(session, 's.id = $1', [params.id]) === 0) throw new Fault('not_found'); return null; },
    }),
    route({
      method: 'post', path: '/sessions/revoke', tag: 'Access', summary: 'Ends all one\'s sessions but this one; or, for an administrator, all of an account in scope', access: 'session', scope: { kind: 'filter' },
      body: z.strictObject({ username: z.string().max(80).optional() }), answer: z.object({ ended: z.number() }),
      async handle({ session, body }) {
        const name = body.username ?? session.username;
        if (name !== session.username && (!session.roles.includes('admin') || (await database.query('SELECT 1 FROM users WHERE username = $1 AND unit = ANY($2)', [name, [...session.scope]])).rowCount === 0)) throw new Fault('not_found');
        return { ended: await revoke(session, 's.username = $1 AND s.id <> $2', [name, session.id]) };
      },
    }),
  ];

  async function revoke(session: Session, which: string, values: unknown[]): Promise<number> {
    return await database.transaction(async (connection) => {
      const n = values.length;
      const done = await connection.query<{ username: string; unit: string }>(
        `DELETE FROM sessions s USING users u WHERE u.username = s.username AND ${which} AND (s.username = $${n + 1} OR ($${n + 2} AND u.unit = ANY($${n + 3}))) RETURNING s.username, u.unit`,
        [...values, session.username, session.roles.includes('admin'), [...session.scope]]);
      for (const name of new Set(done.rows.map((row) => row.username))) {
        await appendAudit(connection, { actor: session.username, action: 'session.revoke', unit: done.rows.find((row) => row.username === name)?.unit ?? null, subject: name, detail: { sessions: done.rows.filter((row) => row.username === name).length } }, now());
      }
      return done.rowCount ?? 0;
    });
  }
}

