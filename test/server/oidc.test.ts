/** Signing in at an issuer: who may, with what rights, and everything that must not open a session. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '#config/schema.ts';
import type { Oidc } from '#config/oidc.ts';
import { codeAt, stepOf } from '#server/access/totp.ts';
import { followList, rightsOf } from '#server/access/oidcAccounts.ts';
import { groupsAt, tellOf } from '#server/access/issuer.ts';
import { PASSWORD, startTestCentre, type TestCentre } from '../support/centre.ts';
import { startIssuer, type Person, type TestIssuer } from '../support/issuer.ts';

const PUBLIC = 'https://toan-canh.test';
let issuer: TestIssuer;
let centre: TestCentre;
let settings: Oidc;
let clock = 0;
beforeAll(async () => {
  // An issuer that would take a code twice: that ours is good once must not hang on it.
  issuer = await startIssuer({ codesTwice: true });
  settings = {
    name: { vi: 'Tài khoản tỉnh', en: 'Provincial account' }, issuer: issuer.url, clientId: 'toan-canh', clientSecret: issuer.secret, scopes: ['openid', 'profile'], groupsClaim: ['realm', 'groups'], usernameClaim: 'preferred_username',
    secondFactor: { amr: ['otp'], acr: [] }, sessionHours: 2,
    allow: [{ group: 'watchers', roles: ['operator'], unit: '731' }, { group: 'leaders', roles: ['leader'], unit: '731' }, { group: 'chiefs', roles: ['leader'], unit: '75' }, { group: 'inspection', roles: ['inspector'], unit: '75' }],
  };
  centre = await startTestCentre({ now: () => new Date(Date.now() + clock), change: (config: Config) => { config.centre.publicUrl = PUBLIC; config.centre.trustProxy = ['loopback']; config.oidc = settings; } });
});
afterAll(async () => { await centre?.end(); await issuer?.stop(); });
beforeEach(() => { issuer.wrong = {}; });

const person = (name: string, groups: unknown, more: Record<string, unknown> = {}): Person => ({ sub: `sub-${name}`, claims: { preferred_username: name, realm: { groups }, ...more } });
/** The ways of one address are counted; here each comes from one of its own. */
let from = 0;
const address = () => { from += 1; return `10.1.${from >> 8}.${from & 255}`; };
/** A browser of its own: what it was given for the way, and what it comes back with. */
async function begin(cookie = '', next?: string) {
  const answer = await fetch(`${centre.url}/api/v1/session/oidc`, { method: 'POST', headers: { 'content-type': 'application/json', cookie, 'x-forwarded-for': address() }, body: JSON.stringify(next === undefined ? {} : { next }) });
  const { url } = await answer.json() as { url: string };
  return { status: answer.status, url, held: (answer.headers.get('set-cookie') ?? ''), cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}
async function back(at: URL, cookie: string) {
  const answer = await fetch(`${centre.url}${at.pathname}${at.search}`, { redirect: 'manual', headers: { cookie, 'x-forwarded-for': address() } });
  const to = answer.headers.get('location') ?? '';
  return { status: answer.status, to, outcome: new URL(to, PUBLIC).searchParams.get('oidc'), cookies: answer.headers.getSetCookie(), session: answer.headers.getSetCookie().find((one) => /^session=[\w-]{43};/.test(one))?.split(';')[0] ?? null };
}
async function signIn(who: Person | null, wrong: TestIssuer['wrong'] = {}) {
  issuer.wrong = wrong;
  const begun = await begin();
  return await back(await issuer.visit(begun.url, who), begun.cookie);
}
const as = <T = Record<string, unknown>>(method: string, path: string, cookie: string | null, body?: unknown) => centre.call<T>(method, path, { as: null, headers: { cookie: cookie ?? '' }, ...(body === undefined ? {} : { body }) });
const log = async (action: string) => (await centre.call<{ entries: { actor: string; subject: string | null; detail: Record<string, unknown> }[] }>('GET', `/audit?action=${action}`)).body.entries;

describe('who is in a group of the list', () => {
  it('comes in with the roles and the unit of the list, without a password, and leaves for the issuer too', async () => {
    expect((await centre.call('GET', '/session/oidc', { as: null })).body).toEqual({ name: settings.name });
    const begun = await begin('', '/console?unit=731');
    expect(begun.held).toMatch(/; Path=\/api\/v1\/session\/oidc; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/);
    expect(new URL(begun.url).searchParams.get('redirect_uri')).toBe(`${PUBLIC}/api/v1/session/oidc/callback`);
    const came = await back(await issuer.visit(begun.url, person('an.nv', ['watchers', 'leaders', 'chiefs', 'others'])), begun.cookie);
    expect([came.status, came.to]).toEqual([303, '/?next=%2Fconsole%3Funit%3D731']);
    expect(came.cookies.find((one) => one.startsWith('session='))).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=7200/);
    const { body } = await as('GET', '/session', came.session);
    expect(body).toMatchObject({ username: 'an.nv', roles: ['leader', 'operator'], unit: '731', oidc: true });
    expect(new URL(String(body.endSession)).searchParams.get('post_logout_redirect_uri')).toBe(`${PUBLIC}/`);
    // Outside the unit nothing is there; a password there is none, and none is to be had.
    expect((await as('GET', '/kpis?unit=740&from=2026-01-01&to=2026-01-02', came.session)).status).toBe(404);
    expect((await centre.call('POST', '/session', { as: null, body: { username: 'an.nv', password: PASSWORD } })).status).toBe(401);
    for (const [method, path, sent] of [['PATCH', '/users/an.nv', { password: PASSWORD }], ['PATCH', '/users/an.nv', { roles: ['admin'] }], ['POST', '/users/an.nv/invitation', {}]] as const) expect([path, (await centre.call(method, path, { body: sent })).body.code]).toEqual([path, 'oidc_account']);
    expect((await as('POST', '/session/password', came.session, { password: 'x', newPassword: PASSWORD })).body.code).toBe('oidc_account');
    expect((await log('oidc.create'))[0]).toMatchObject({ subject: 'an.nv', detail: { unit: '731' } });
    expect((await as('DELETE', '/session', came.session)).status).toBe(204);
    expect((await as('GET', '/session', came.session)).status).toBe(401);
  });
  it('gets a new session each time, and the one that was open in that browser ends', async () => {
    const one = await signIn(person('binh', ['watchers']));
    const begun = await begin(one.session ?? '');
    const two = await back(await issuer.visit(begun.url, person('binh', ['watchers'])), begun.cookie);
    expect(two.session).not.toBe(one.session);
    expect([(await as('GET', '/session', one.session)).status, (await as('GET', '/session', two.session)).status]).toEqual([401, 200]);
  });
  it('has other rights with other groups, none without, and those again later; open sessions end with the change', async () => {
    const first = await signIn(person('chi', ['watchers']));
    const second = await signIn(person('chi', ['chiefs']));
    expect((await as('GET', '/session', first.session)).status).toBe(401);
    expect((await as('GET', '/session', second.session)).body).toMatchObject({ roles: ['leader'], unit: '75' });
    const third = await signIn(person('chi', ['others']));
    expect([third.outcome, third.session]).toEqual(['refused', null]);
    expect((await as('GET', '/session', second.session)).status).toBe(401);
    expect((await centre.database.query("SELECT roles FROM users WHERE username = 'chi'")).rows[0]?.roles).toEqual([]);
    expect((await log('oidc.rights-gone'))[0]).toMatchObject({ subject: 'chi' });
    expect((await signIn(person('chi', ['watchers']))).session).not.toBeNull();
    // Locked here is locked, whatever the issuer says.
    await centre.call('PATCH', '/users/chi', { body: { enabled: false } });
    expect((await signIn(person('chi', ['watchers']))).outcome).toBe('locked');
  });
  it('loses rights at the start of the centre when the list was made shorter, and all without a list', async () => {
    const came = await signIn(person('dung', ['watchers', 'leaders']));
    const needs = () => false;
    expect(await followList(centre.database, settings, needs, new Date())).toBe(0);
    expect(await followList(centre.database, { ...settings, allow: settings.allow.slice(1) }, needs, new Date())).toBeGreaterThan(0);
    expect((await as('GET', '/session', came.session)).status).toBe(401);
    const row = async () => (await centre.database.query("SELECT roles FROM users WHERE username = 'dung'")).rows[0]?.roles as string[];
    expect(await row()).toEqual(['leader']);
    await followList(centre.database, null, needs, new Date());
    expect(await row()).toEqual([]);
    await followList(centre.database, settings, needs, new Date());
    expect(await row()).toEqual(['leader', 'operator']);
  });
});

describe('what must not open a session', () => {
  it('a token with a wrong nonce, audience, issuer, time or signature, or none; an answer too large', async () => {
    for (const wrong of [{ nonce: 'another' }, { audience: 'another-client' }, { issuer: 'https://elsewhere.test' }, { expired: true }, { none: true }, { foreignKey: true }, { bytes: 400_000 }] as const) {
      const came = await signIn(person('huy', ['watchers']), wrong);
      expect([wrong, came.outcome, came.session]).toEqual([wrong, 'failed', null]);
      expect(came.to).toMatch(/^\/\?oidc=failed&request=[\w-]{36}$/);
    }
    expect((await centre.database.query("SELECT 1 FROM users WHERE username = 'huy'")).rowCount).toBe(0);
    expect((await signIn(person('huy', ['watchers']))).session).not.toBeNull();
  });
  it('a wrong state, another browser, a second time, too late, a refusal of the issuer', async () => {
    const begun = await begin();
    const at = await issuer.visit(begun.url, person('lan', ['watchers']));
    const wrong = new URL(at); wrong.searchParams.set('state', 'another');
    expect((await back(wrong, begun.cookie)).outcome).toBe('again');
    expect((await back(at, '')).outcome).toBe('again');
    expect((await back(at, (await begin()).cookie)).outcome).toBe('again');
    expect((await back(at, `oidc=${'A'.repeat(200)}`)).outcome).toBe('again');
    expect((await back(at, begun.cookie)).session).not.toBeNull();
    expect([(await back(at, begun.cookie)).outcome, (await back(at, begun.cookie)).session]).toEqual(['again', null]);
    const late = await begin();
    const there = await issuer.visit(late.url, person('lan', ['watchers']));
    clock += 601_000;
    expect((await back(there, late.cookie)).outcome).toBe('again');
    expect((await signIn(null)).outcome).toBe('denied');
  });
  it('who is in no group of the list, whatever the claim holds; it is in the log', async () => {
    for (const groups of [[], ['others'], 'Watchers', ['watchers '], { watchers: true }, null, 7, [['watchers']], '__proto__']) {
      const came = await signIn(person('minh', groups));
      expect([groups, came.outcome, came.session]).toEqual([groups, 'refused', null]);
    }
    expect((await log('oidc.refused'))[0]).toMatchObject({ subject: 'minh', detail: { why: 'refused', subject: 'sub-minh' } });
    expect((await centre.database.query("SELECT 1 FROM users WHERE username = 'minh'")).rowCount).toBe(0);
    expect([groupsAt({ realm: { groups: 'a' } }, ['realm', 'groups']), groupsAt({}, ['__proto__', 'x']), groupsAt({ a: 1 }, ['constructor', 'name'])]).toEqual([['a'], [], []]);
    expect(rightsOf(settings.allow, ['toString'])).toBeNull();
  });
  it('a name that is somebody’s here: an account of the issuer is never taken for one of the centre', async () => {
    for (const name of ['admin', 'ADMIN', 'shell', 'Centre', 'configuration', '../x', '', 'a b', `x${'y'.repeat(90)}`, 7]) {
      const came = await signIn({ sub: `taker-${String(name)}`, claims: { preferred_username: name, realm: { groups: ['watchers'] } } });
      expect([name, came.outcome, came.session]).toEqual([name, 'name', null]);
    }
    // Another subject of the same name is another person.
    await signIn(person('nga', ['watchers']));
    expect((await signIn({ sub: 'another', claims: { preferred_username: 'nga', realm: { groups: ['chiefs'] } } })).outcome).toBe('name');
    // The name changed at the issuer, the person did not.
    const renamed = await signIn({ sub: 'sub-nga', claims: { preferred_username: 'nga.moi', realm: { groups: ['watchers'] } } });
    expect((await as('GET', '/session', renamed.session)).body.username).toBe('nga');
  });
  it('an address of another site to go on to', async () => {
    for (const next of ['https://evil.test', '//evil.test', '/\\evil.test', 'javascript:alert(1)']) expect((await centre.call('POST', '/session/oidc', { as: null, body: { next } })).status).toBe(400);
  });
});

it('keys that the issuer changed a moment ago are taken, the old are not', async () => {
  await signIn(person('oanh', ['watchers']));
  await issuer.rotate();
  expect((await signIn(person('oanh', ['watchers']))).session).not.toBeNull();
});

it('the second factor: the issuer’s counts where its name is listed; else the centre’s own is asked, and can be enrolled without a password', async () => {
  const there = await signIn(person('phuc', ['inspection'], { amr: ['pwd', 'otp'] }));
  expect((await as('GET', '/session', there.session)).body.secondFactor).toMatchObject({ required: true, enrolled: false, byIssuer: true, enrolBy: null });
  const without = await signIn(person('quy', ['inspection'], { amr: ['pwd'] }));
  const own = (await as<{ secondFactor: { enrolBy: string | null } }>('GET', '/session', without.session)).body.secondFactor;
  expect(own).toMatchObject({ required: true, byIssuer: false, enrolBy: expect.any(String) });
  clock += 11 * 60_000;
  expect((await as('POST', '/session/second-factor/enrolment', without.session, {})).body.code).toBe('sign_in_fresh');
  const fresh = (await signIn(person('quy', ['inspection']))).session;
  const begun = await as<{ key: string }>('POST', '/session/second-factor/enrolment', fresh, {});
  expect(begun.status).toBe(201);
  const key = Buffer.from((begun.body.key.split('').map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const code = () => codeAt(key, stepOf(new Date(Date.now() + clock)));
  expect((await as('POST', '/session/second-factor/confirm', fresh, { code: code() })).status).toBe(200);
  const half = await signIn(person('quy', ['inspection']));
  expect([half.outcome, half.session]).toEqual(['second', null]);
  clock += 30_000;
  const whole = await as('POST', '/session/second-factor', half.cookies.map((one) => one.split(';')[0]).join('; '), { code: code() });
  expect([whole.status, whole.body.username]).toEqual([200, 'quy']);
  // The days of grace of who has neither end.
  await signIn(person('son', ['inspection']));
  clock += 15 * 86_400_000;
  const late = await signIn(person('son', ['inspection']));
  expect((await as('GET', '/units', late.session)).body.code).toBe('second_factor_enrolment_required');
  expect((await as('GET', '/units', (await signIn(person('son', ['inspection'], { amr: ['otp'] }))).session)).status).toBe(200);
});

it('an issuer that does not answer is told as such, within its time', async () => {
  const begun = await begin();
  const at = await issuer.visit(begun.url, person('tam', ['watchers']));
  issuer.wrong = { slow: 8_000 };
  const started = performance.now();
  expect((await back(at, begun.cookie)).outcome).toBe('away');
  expect(performance.now() - started).toBeLessThan(7_500);
});

it('one address cannot send the issuer more requests than it may', async () => {
  const statuses = [];
  for (let i = 0; i < 40; i += 1) statuses.push((await centre.call('POST', '/session/oidc', { as: null, body: {} })).status);
  expect(statuses).toContain(429);
});

it('what is told to the log holds no token and no claim', () => {
  expect(tellOf(new Error('unexpected', { cause: { claims: { sub: 'x' }, body: { id_token: 'ey.x.y' }, code: 'C' } }))).toEqual({ message: 'unexpected', cause1_code: 'C' });
});
