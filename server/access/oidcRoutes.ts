/** Signing in at the issuer: away to it, and back. What went wrong is told generally to the browser and exactly to the log. */
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Oidc } from '#config/oidc.ts';
import { Fault } from '#contract/faults.ts';
import { oidcBegin, oidcBegun, oidcOffer } from '#contract/session.ts';
import type { Role } from '#contract/vocabulary.ts';
import { keepAllowance } from '../http/allowance.ts';
import { route, type Route } from '../http/route.ts';
import { beginSession, type BeginParts } from './beginSession.ts';
import { isAway, tellOf, type Issuer } from './issuer.ts';
import { admitIdentity } from './oidcAccounts.ts';
import { sha256, type Seal } from './seal.ts';
import type { SecondFactor } from './secondFactor.ts';

export interface OidcParts { settings: Oidc; issuer: Issuer; secure: boolean; log: Logger }
/** What is kept in the browser on the way to the issuer and back: sealed, for ten minutes. */
const flow = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), old: z.string().nullable(), next: z.string().nullable(), until: z.number() });

const COOKIE = 'oidc';
const PATH = '/api/v1/session/oidc';
const SECONDS = 600;
const PUBLIC = { tag: 'Access', access: 'public', scope: { kind: 'none' } } as const;

export function oidcRoutes(oidc: OidcParts | null, { seal, factor, needsFactor, changed, ...parts }: BeginParts & { seal: Seal; factor: SecondFactor; needsFactor: (roles: readonly Role[]) => boolean; changed: () => void }): Route[] {
  const { database, sessions, now } = parts;
  /** A way to the issuer costs it a request: an address may begin twenty at once, then one each two seconds. */
  const ways = keepAllowance({ perSecond: 0.5, atOnce: 20 });
  // Lax: the browser comes back from another site, and a Strict cookie would stay away.
  const cookie = (value: string, seconds: number) => `${COOKIE}=${value}; Path=${PATH}; HttpOnly; SameSite=Lax; Max-Age=${seconds}${oidc?.secure ? '; Secure' : ''}`;
  const heldOf = (request: Request) => {
    const value = /(?:^|;\s*)oidc=([\w-]{20,3000})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1];
    try { return value === undefined ? null : flow.parse(JSON.parse(seal.open(Buffer.from(value, 'base64url')))); } catch { return null; }
  };

  async function comeBack({ settings, issuer, log }: OidcParts, request: Request, response: Response): Promise<Record<string, string>> {
    const requestId = response.locals.requestId as string;
    const held = heldOf(request);
    const query = new URL(request.originalUrl, 'http://x').search;
    const fail = (outcome: string, told: Record<string, string>) => { log.warn({ event: 'oidc_failed', requestId, outcome, address: request.ip ?? null, ...told }); return { oidc: outcome, request: requestId }; };
    if (held === null || held.until < now().getTime()) return fail('again', { message: held === null ? 'no sign-in was begun in this browser' : 'it was begun too long ago' });
    if (new URLSearchParams(query).get('state') !== held.state) return fail('again', { message: 'the state is not the one of this browser' });
    await database.query('DELETE FROM oidc_used WHERE expires_at < $1', [now()]);
    const first = await database.query('INSERT INTO oidc_used (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [sha256(held.state), new Date(held.until + 60_000)]);
    if (first.rowCount === 0) return fail('again', { message: 'it came back a second time' });
    let identity;
    try { identity = await issuer.finish(query, held); } catch (error) {
      return fail((error as { error?: unknown }).error === 'access_denied' ? 'denied' : isAway(error) ? 'away' : 'failed', tellOf(error));
    }
    const admitted = await admitIdentity(database, settings, identity, needsFactor, now());
    changed();
    if ('refusal' in admitted) return fail(admitted.refusal, { message: 'see the audit log' });
    // The cookie of a session that was open here did not come along from another site.
    if (held.old !== null) await database.query('DELETE FROM sessions WHERE id = $1', [held.old]);
    const next: Record<string, string> = held.next === null ? {} : { next: held.next };
    const enrolled = (await database.query('SELECT 1 FROM users WHERE username = $1 AND factor_since IS NOT NULL', [admitted.username])).rowCount === 1;
    if (enrolled && !identity.issuerFactor) { await factor.half(admitted.username, request, response); return { ...next, oidc: 'second' }; }
    await beginSession(parts, admitted.username, request, response, identity.issuerFactor ? 'oidc, with a second factor' : 'oidc', identity.issuerFactor);
    return next;
  }

  return [
    route({
      method: 'get', path: '/session/oidc', ...PUBLIC, summary: 'Whether one can sign in at an issuer, and how it is called', answer: oidcOffer,
      async handle() { return await Promise.resolve({ name: oidc?.settings.name ?? null }); },
    }),
    route({
      method: 'post', path: '/session/oidc', ...PUBLIC, summary: 'Begins a sign-in at the issuer: the address to go to, and a cookie for the way back. `next`: a path of this site', body: oidcBegin, answer: oidcBegun,
      async handle({ body, request, response, requestId }) {
        if (oidc === null) throw new Fault('not_found');
        ways.spend(request.ip ?? '', 1);
        const old = await sessions.fromCookie(request.headers.cookie, 'enrolment');
        const begun = await oidc.issuer.begin().catch((error: unknown) => { oidc.log.warn({ event: 'oidc_failed', requestId, outcome: 'away', ...tellOf(error) }); throw new Fault('issuer_away'); });
        const held: z.infer<typeof flow> = { state: begun.state, nonce: begun.nonce, verifier: begun.verifier, old: old?.id ?? null, next: body.next ?? null, until: now().getTime() + SECONDS * 1000 };
        response.setHeader('Set-Cookie', cookie(seal.close(JSON.stringify(held)).toString('base64url'), SECONDS));
        return { url: begun.url };
      },
    }),
    route({
      method: 'get', path: '/session/oidc/callback', ...PUBLIC, summary: 'Where the issuer sends the browser back to, with `code` and `state`, or `error`. Leads to the home page, whatever came', answer: null,
      async handle({ request, response }) {
        if (oidc === null) throw new Fault('not_found');
        ways.spend(request.ip ?? '', 1);
        const said = new URLSearchParams(await comeBack(oidc, request, response)).toString();
        response.appendHeader('Set-Cookie', cookie('', 0));
        response.redirect(303, said === '' ? '/' : `/?${said}`);
      },
    }),
  ];
}
