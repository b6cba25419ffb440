import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openTicketDesk } from '#streams/gateway/ticket.ts';
import { signTicket } from '../../support/fakeCentre.ts';

const START = 1_800_000_000_000;
const key = randomBytes(32);
const text = (change: object = {}, signedBy = key): string => signTicket(signedBy.toString('base64url'), { id: 't1', camera: 'cam1', quality: 'main', session: 's', notBefore: START + 1000, expires: START + 60_000, ...change });
function desk(atMs = START + 2000) {
  const clock = { at: atMs };
  return { clock, ...openTicketDesk({ key: () => key, now: () => clock.at, startedAt: () => START }) };
}

describe('a live ticket', () => {
  it('opens its camera once', () => {
    const { check } = desk();
    expect(check(text(), 'cam1', 'main').ok).toBe(true);
    expect(check(text(), 'cam1', 'main').ok).toBe(false);
    expect(check(text({ id: 't2' }), 'cam1', 'main').ok).toBe(true);
  });

  it('opens no other camera and no other quality', () => {
    expect(desk().check(text(), 'cam2', 'main').ok).toBe(false);
    expect(desk().check(text(), 'cam1', 'sub').ok).toBe(false);
  });

  it('ends, and does not begin early', () => {
    expect(desk(START + 60_000).check(text(), 'cam1', 'main').ok).toBe(false);
    expect(desk().check(text({ notBefore: START + 30_000 }), 'cam1', 'main').ok).toBe(false);
  });

  it('of a time before this process is refused, since it may have been used', () => {
    expect(desk().check(text({ notBefore: START - 1 }), 'cam1', 'main').ok).toBe(false);
  });

  it('is refused when altered, signed by another or malformed', () => {
    const { check } = desk();
    const good = text();
    for (const bad of ['', '.', 'a.b', good.slice(0, -2), `${good}x`, good.replace(/^./, 'f'), text({}, randomBytes(32)), text({ expires: 'x' }), 'a'.repeat(5000), `${Buffer.from('{}').toString('base64url')}.`])
      expect(check(bad, 'cam1', 'main').ok, bad.slice(0, 40)).toBe(false);
    expect(check(good, 'cam1', 'main').ok).toBe(true);
  });
});
