/** Signing in behind a proxy: each has an address of his own, the cookie is Secure, and an office is not slowed for ever. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { SlowDown } from '#server/access/signIn.ts';
import { PASSWORD, startTestCentre, type TestCentre } from '../support/centre.ts';

describe('the growing wait', () => {
  it('of an address is halved by a sign-in that succeeds, that of the account ends', () => {
    const slow = new SlowDown(() => new Date());
    for (let i = 0; i < 8; i += 1) slow.failed('account a', 'address office');
    expect(slow.waitFor('address office')).toBeGreaterThan(0);
    slow.succeeded('account a');
    slow.halve('address office');
    expect(slow.waitFor('account a')).toBe(0);
    slow.halve('address office');
    expect(slow.waitFor('address office')).toBe(0);
  });
});

describe('behind a proxy that is trusted', () => {
  let centre: TestCentre;
  beforeAll(async () => { centre = await startTestCentre({ environment: { TRUST_PROXY: 'loopback' } }); });
  afterAll(async () => { await centre?.end(); });
  const signIn = (password: string, address: string) => centre.call('POST', '/session', { as: null, body: { username: 'admin', password }, headers: { 'x-forwarded-for': address, 'x-forwarded-proto': 'https' } });

  it('the cookie is Secure and the audit log knows who it was', async () => {
    const answer = await signIn(PASSWORD, '203.0.113.7');
    expect(answer.headers.get('set-cookie')).toContain('; Secure');
    expect(JSON.stringify((await centre.call('GET', '/audit?action=session.open')).body)).toContain('203.0.113.7');
  });
  it('a success weakens what failures of others behind the same address have left', async () => {
    for (let i = 0; i < 5; i += 1) await centre.call('POST', '/session', { as: null, body: { username: `nobody-${i}`, password: 'wrong' }, headers: { 'x-forwarded-for': '203.0.113.9' } });
    await signIn(PASSWORD, '203.0.113.9');
    const from = performance.now();
    expect((await signIn(PASSWORD, '203.0.113.9')).status).toBe(200);
    // A fifth failure alone would cost a second.
    expect(performance.now() - from).toBeLessThan(900);
  });
});

it('the compose file trusts the proxy that it starts', () => {
  const { services } = parse(readFileSync(fromRoot('docker-compose.yml'), 'utf8')) as { services: { centre: { environment: Record<string, string>; ports?: unknown } } };
  const { TRUST_PROXY = '' } = services.centre.environment;
  expect(loadConfig({ dir: fromRoot('config'), environment: { TRUST_PROXY } }).centre.trustProxy).toEqual(['uniquelocal']);
  // Who could reach the centre without the proxy could name any address.
  expect(services.centre.ports).toBeUndefined();
});
