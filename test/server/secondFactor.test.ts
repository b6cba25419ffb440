/** The second factor: codes as in RFC 6238, enrolment, the second step of signing in, and what happens to who puts it off. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base32, codeAt, stepOf, stepOfCode } from '#server/access/totp.ts';
import { PASSWORD, startTestCentre, type Answer, type TestCentre } from '../support/centre.ts';

describe('codes by time', () => {
  it('are those of the RFC (appendix B)', () => {
    const keys = { sha1: '12345678901234567890', sha256: '12345678901234567890123456789012', sha512: '1234567890123456789012345678901234567890123456789012345678901234' };
    const vectors: [number, string, string, string][] = [
      [59, '94287082', '46119246', '90693936'], [1111111109, '07081804', '68084774', '25091201'], [1111111111, '14050471', '67062674', '99943326'],
      [1234567890, '89005924', '91819424', '93441116'], [2000000000, '69279037', '90698825', '38618901'], [20000000000, '65353130', '77737706', '47863826'],
    ];
    for (const [seconds, ...codes] of vectors) for (const [i, algorithm] of (['sha1', 'sha256', 'sha512'] as const).entries()) expect(codeAt(Buffer.from(keys[algorithm]), Math.floor(seconds / 30), 8, algorithm)).toBe(codes[i]);
  });
  it('have keys in base 32 as in RFC 4648, without filling', () => {
    for (const [text, code] of [['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']] as const) expect(base32(Buffer.from(text))).toBe(code);
  });
  it('are good one step early or late, not two, and none before the last used', () => {
    const key = Buffer.from('12345678901234567890');
    const at = new Date('2026-01-05T01:00:15Z');
    expect([-2, -1, 0, 1, 2].map((step) => stepOfCode(key, codeAt(key, stepOf(at) + step), at, -1) !== null)).toEqual([false, true, true, true, false]);
    expect(stepOfCode(key, codeAt(key, stepOf(at)), at, stepOf(at))).toBeNull();
  });
});

describe('an account with a second factor', () => {
  let centre: TestCentre;
  let clock = Date.now();
  beforeAll(async () => { centre = await startTestCentre({ now: () => new Date(clock) }); });
  afterAll(async () => { await centre?.end(); });
  const cookiesOf = (answer: Answer<unknown>) => answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const post = (path: string, body: unknown, cookie = '') => centre.call('POST', path, { as: null, body, headers: { cookie } });
  const signIn = (username: string) => post('/session', { username, password: PASSWORD });
  const later = (seconds: number) => { clock += seconds * 1000; };
  const codeOf = (key: Buffer) => codeAt(key, stepOf(new Date(clock)));
  const read32 = (text: string) => Buffer.from((text.split('').map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  async function enrol(username: string) {
    const cookie = cookiesOf(await signIn(username));
    const begun = await post('/session/second-factor/enrolment', { password: PASSWORD }, cookie);
    expect(begun.status).toBe(201);
    const key = read32(String(begun.body.key));
    expect(begun.body.otpauth).toContain(`secret=${begun.body.key}`);
    const done = await post('/session/second-factor/confirm', { code: codeOf(key) }, cookie);
    return { key, cookie, done, recovery: done.body.recoveryCodes as string[] };
  }

  it('is asked for the code after the password; a code is good once; ten recovery codes are good once each', async () => {
    await centre.createUser('thanh', ['inspector'], '75');
    const early = await signIn('thanh');
    expect(early.body.secondFactor).toMatchObject({ enrolled: false, required: true, mustEnrol: false });
    expect((await post('/session/second-factor/enrolment', { password: 'not-this-one' }, cookiesOf(early))).body.code).toBe('wrong_password');
    expect((await post('/session/second-factor/confirm', { code: '123456' }, cookiesOf(early))).body.code).toBe('second_factor_state');
    const { key, recovery, done, cookie } = await enrol('thanh');
    expect([done.status, recovery.length, new Set(recovery).size]).toEqual([200, 10, 10]);
    // Those signed in before with the password alone are out, the one that enrolled is not.
    expect((await centre.call('GET', '/session', { as: null, headers: { cookie: cookiesOf(early) } })).status).toBe(401);
    expect((await centre.call('GET', '/session', { as: null, headers: { cookie } })).body.secondFactor).toMatchObject({ enrolled: true, recoveryLeft: 10 });

    const half = await signIn('thanh');
    expect([half.status, half.body.code]).toEqual([401, 'second_factor_required']);
    const token = cookiesOf(half);
    expect(token).not.toMatch(/(^|; )session=/);
    expect((await centre.call('GET', '/session', { as: null, headers: { cookie: token } })).status).toBe(401);
    // The code of the enrolment was used.
    expect((await post('/session/second-factor', { code: codeOf(key) }, token)).body.code).toBe('wrong_code');
    later(30);
    const code = codeOf(key);
    const whole = await post('/session/second-factor', { code }, token);
    expect([whole.status, whole.body.username]).toEqual([200, 'thanh']);
    expect(cookiesOf(whole)).toMatch(/(^|; )session=[\w-]{43}/);
    // Neither the half sign-in nor the code again.
    expect((await post('/session/second-factor', { code }, token)).body.code).toBe('sign_in_again');
    expect((await post('/session/second-factor', { code }, cookiesOf(await signIn('thanh')))).body.code).toBe('wrong_code');
    expect((await post('/session/second-factor', { code: `  ${recovery[0]?.toUpperCase()} ` }, cookiesOf(await signIn('thanh')))).status).toBe(200);
    expect((await post('/session/second-factor', { code: recovery[0] }, cookiesOf(await signIn('thanh')))).body.code).toBe('wrong_code');
    const kept = JSON.stringify((await centre.database.query("SELECT u.*, encode(factor_sealed, 'escape') AS e, (SELECT json_agg(r) FROM recovery_codes r) AS r FROM users u")).rows);
    for (const secret of [String(key), base32(key), ...recovery]) expect(kept).not.toContain(secret);
    expect(JSON.stringify((await centre.call('GET', '/audit')).body)).not.toContain(base32(key));
  });

  it('of two requests with one code at the same moment one is let in; five wrong codes end the sign-in, and each takes longer', async () => {
    await centre.createUser('hai', ['operator'], '75');
    const { key } = await enrol('hai');
    later(30);
    const [a, b] = [cookiesOf(await signIn('hai')), cookiesOf(await signIn('hai'))];
    const both = await Promise.all([post('/session/second-factor', { code: codeOf(key) }, a), post('/session/second-factor', { code: codeOf(key) }, b)]);
    expect(both.map((one) => one.status).sort()).toEqual([200, expect.toBeOneOf([401, 429])]);
    const token = cookiesOf(await signIn('hai'));
    const codes: unknown[] = [];
    const from = performance.now();
    for (let i = 0; i < 6; i += 1) codes.push((await post('/session/second-factor', { code: '000000' }, token)).body.code);
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'wrong_code'), 'sign_in_again']);
    expect(performance.now() - from).toBeGreaterThan(450);
    later(301);
    expect((await post('/session/second-factor', { code: codeOf(key) }, cookiesOf(await signIn('hai')))).status).toBe(200);
    const past = cookiesOf(await signIn('hai'));
    later(301);
    expect((await post('/session/second-factor', { code: codeOf(key) }, past)).body.code).toBe('sign_in_again');
  });

  it('replaces it only with a code of the old; an administrator takes it away, never his own, and only in scope', async () => {
    await centre.createUser('lan', ['operator'], '75');
    const { key, cookie } = await enrol('lan');
    expect((await post('/session/second-factor/enrolment', { password: PASSWORD }, cookie)).body.code).toBe('wrong_code');
    later(30);
    expect((await post('/session/second-factor/enrolment', { password: PASSWORD, code: codeOf(key) }, cookie)).status).toBe(201);
    await centre.createUser('district-admin', ['admin'], '731');
    expect((await centre.call('DELETE', '/users/lan/second-factor', { as: 'district-admin' })).status).toBe(404);
    expect((await centre.call('DELETE', '/users/admin/second-factor')).body.code).toBe('second_person');
    expect((await centre.call('DELETE', '/users/lan/second-factor')).status).toBe(204);
    expect((await centre.call('GET', '/session', { as: null, headers: { cookie } })).status).toBe(401);
    expect((await signIn('lan')).status).toBe(200);
    expect(((await centre.call('GET', '/audit?action=second-factor.reset')).body.entries as { actor: string; subject: string }[])[0]).toMatchObject({ actor: 'admin', subject: 'lan' });
  });

  it('that put it off for longer than the days of grace can do nothing but enrol', async () => {
    await centre.createUser('muon', ['inspector'], '75');
    await centre.createUser('leader', ['leader'], '75');
    later(15 * 86_400);
    const late = await signIn('muon');
    expect(late.body.secondFactor).toMatchObject({ mustEnrol: true });
    const cookie = cookiesOf(late);
    for (const route of centre.routes) {
      if (typeof route.access === 'string' && route.access !== 'session') continue;
      if (route.enrolment) continue;
      const answer = await centre.call(route.method.toUpperCase(), route.path.replace(/:\w+/g, 'x'), { as: null, headers: { cookie }, ...(route.method === 'get' ? {} : { body: {} }) });
      expect([route.path, answer.status, answer.body.code]).toEqual([route.path, 403, 'second_factor_enrolment_required']);
    }
    const screen = await fetch(`${centre.url}/live/?EIO=4&transport=polling`, { headers: { cookie } });
    const sid = (JSON.parse((await screen.text()).slice(1)) as { sid: string }).sid;
    await fetch(`${centre.url}/live/?EIO=4&transport=polling&sid=${sid}`, { method: 'POST', headers: { cookie, 'content-type': 'text/plain' }, body: '40' });
    expect(await (await fetch(`${centre.url}/live/?EIO=4&transport=polling&sid=${sid}`, { headers: { cookie } })).text()).toContain('unauthenticated');
    // Whom nothing is required of goes on.
    expect((await signIn('leader')).body.secondFactor).toMatchObject({ required: false, mustEnrol: false });
    const { cookie: enrolled } = await enrol('muon');
    expect((await centre.call('GET', '/units', { as: null, headers: { cookie: enrolled } })).status).toBe(200);
  });
});
