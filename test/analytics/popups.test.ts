/** What comes up on a screen: one at a time, the more important first, bounded, and everything gives way in the end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, MAX_WAIT, MAX_WAITING, noPopups, settle, withdraw, type Popup, type Popups } from '#analytics/wall/popups.ts';

const popup = (key: string, priority: number, askedAt: number, holdMs = 30_000): Popup => ({ key, priority, holdMs, askedAt });
const start = () => noPopups<Popup>();

describe('pop-ups of a screen', () => {
  it('come up at once on a free screen, and give way when their time is over', () => {
    const one = admit(start(), popup('a', 40, 1_000), 1_000);
    expect(one.shown).toMatchObject({ popup: { key: 'a' }, since: 1_000, until: 31_000 });
    expect(settle(one, 30_999).shown?.popup.key).toBe('a');
    expect(settle(one, 31_000)).toEqual({ shown: null, waiting: [] });
  });
  it('an equal one waits; a more important one goes before, and what gave way comes back for what it had left', () => {
    let now = admit(start(), popup('a', 40, 0), 0);
    now = admit(now, popup('b', 40, 1_000), 1_000);
    expect([now.shown?.popup.key, now.waiting.map((one) => one.key)]).toEqual(['a', ['b']]);
    now = admit(now, popup('c', 50, 10_000), 10_000);
    expect([now.shown?.popup.key, now.waiting.map((one) => one.key)]).toEqual(['c', ['a', 'b']]);
    now = settle(now, 40_000);
    expect(now.shown).toMatchObject({ popup: { key: 'a' }, since: 40_000, until: 60_000 });
    expect(settle(now, 60_000).shown?.popup.key).toBe('b');
  });
  it('the last seconds of what gave way are not worth a return', () => {
    const now = admit(admit(start(), popup('a', 40, 0), 0), popup('c', 50, 26_000), 26_000);
    expect(settle(now, 56_000)).toEqual({ shown: null, waiting: [] });
  });
  it('the same again begins its time anew and stands nowhere twice', () => {
    const now = admit(admit(start(), popup('a', 40, 0), 0), popup('a', 40, 20_000), 20_000);
    expect(now).toMatchObject({ shown: { until: 50_000 }, waiting: [] });
  });
  it('an alert that ended leaves, and the next comes up at once', () => {
    const now = admit(admit(start(), popup('a', 40, 0), 0), popup('b', 30, 0), 0);
    expect(withdraw(now, (one) => one.key === 'a', 5_000).shown).toMatchObject({ popup: { key: 'b' }, since: 5_000 });
    expect(withdraw(now, (one) => one.key === 'b', 5_000)).toMatchObject({ shown: { popup: { key: 'a' }, until: 30_000 }, waiting: [] });
  });
  it('what waited too long is forgotten', () => {
    let now = admit(start(), popup('long', 90, 0, MAX_WAIT * 2), 0);
    now = admit(now, popup('b', 30, 0), 0);
    expect(settle(now, MAX_WAIT * 2)).toEqual({ shown: null, waiting: [] });
  });

  const step = fc.oneof(
    fc.record({ do: fc.constant('ask' as const), key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'), priority: fc.integer({ min: 0, max: 5 }), hold: fc.integer({ min: 5_000, max: 60_000 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }), fc.record({ do: fc.constant('end' as const), key: fc.constantFrom('a', 'b', 'c') }));
  it('whatever happens: never two, never more than so many, nobody waits for a free screen, and at last the screen is free', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now: Popups<Popup> = start();
      let at = 0;
      for (const one of steps) {
        if (one.do === 'wait') { at += one.ms; now = settle(now, at); }
        else if (one.do === 'end') now = withdraw(now, ({ key }) => key === one.key, at);
        else now = admit(now, popup(one.key, one.priority, at, one.hold), at);
        const keys = [...(now.shown ? [now.shown.popup.key] : []), ...now.waiting.map(({ key }) => key)];
        expect(new Set(keys).size).toBe(keys.length);
        expect(now.waiting.length).toBeLessThanOrEqual(MAX_WAITING);
        if (now.shown) { expect(now.shown.until).toBeGreaterThan(at); expect(now.shown.until - at).toBeLessThanOrEqual(60_000); } else expect(now.waiting).toEqual([]);
      }
      for (let i = 0; i <= MAX_WAITING + 1; i += 1) { at += 60_000; now = settle(now, at); }
      expect(now).toEqual({ shown: null, waiting: [] });
    }));
  });
  it('the more important newcomer is shown, always', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 100 }), (low, more) => {
      const now = admit(admit(start(), popup('a', low, 0), 0), popup('b', low + more, 1_000), 1_000);
      expect(now.shown?.popup.key).toBe('b');
    }));
  });
});
