import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSED_COUNTS, countsAtEnd, differences, farthest, lateEvents, nextDayState, standing, type CountedDay, type DayState } from '#analytics/coverage/dayClose.ts';

const whole = fc.integer({ min: 0, max: 50 });
const counts = fc.record({ received: whole, resolved: whole, pending: whole });
const day = fc.integer({ min: 100, max: 110 });
const counted = fc.record({ day, received: whole, resolved: whole, change: fc.integer({ min: -20, max: 20 }) });

describe('the comparison', () => {
  it('finds nothing between equal counts, whatever is left out', () => {
    fc.assert(fc.property(counts, fc.subarray(['received', 'resolved', 'pending'] as const), (ours, told) => {
      expect(differences(ours, Object.fromEntries(told.map((name) => [name, ours[name]])))).toEqual({});
    }));
  });
  it('finds each count that differs, and how far', () => {
    expect(differences({ received: 5, resolved: 3, pending: 7 }, { received: 6, resolved: 3, pending: 5 })).toEqual({ received: -1, pending: 2 });
    expect(farthest({ received: -1, pending: 2 })).toBe(2);
    expect(farthest({})).toBe(0);
  });
});

describe('our counts at the end of a day', () => {
  it('are sums over all that was counted, in whatever order it comes', () => {
    fc.assert(fc.property(fc.array(counted, { maxLength: 30 }), fc.uniqueArray(day, { maxLength: 5 }), (all, days) => {
      const found = countsAtEnd(all, days);
      const sum = (pick: (one: CountedDay) => number) => all.reduce((total, one) => total + pick(one), 0);
      for (const one of days) {
        expect(found.get(one)).toEqual({
          received: sum((c) => (c.day === one ? c.received : 0)), resolved: sum((c) => (c.day === one ? c.resolved : 0)), pending: sum((c) => (c.day <= one ? c.change : 0)),
        });
      }
    }));
  });
});

describe('late events', () => {
  const received = { day: 100, received: 1, resolved: 0, change: 1 };
  const resolved = { day: 102, received: 0, resolved: 1, change: -1 };
  it('count for the day on which they change something and for those over which something is pending', () => {
    const moves = [{ events: 2, days: [received, resolved] }];
    expect([99, 100, 101, 102, 103].map((one) => lateEvents(moves, one, CLOSED_COUNTS))).toEqual([0, 2, 2, 2, 0]);
    expect([99, 100, 101, 102, 103].map((one) => lateEvents(moves, one, ['resolved']))).toEqual([0, 0, 0, 2, 0]);
    expect(lateEvents([{ events: 1, days: [received] }, { events: 3, days: [{ ...resolved, change: 0 }] }], 103, CLOSED_COUNTS)).toBe(1);
  });
});

describe('a day', () => {
  const step = fc.record({ matches: fc.boolean(), late: fc.integer({ min: 0, max: 5 }) });
  it('is closed exactly while the two agree; a mark needs a late event', () => {
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      let state: DayState | null = null;
      steps.forEach(({ matches, late }, at) => {
        const before: DayState | null = state;
        state = nextDayState(before, matches, late, at);
        expect(standing(state) === 'closed').toBe(matches);
        expect(state.reopenedAt === null).toBe(state.lateEvents === 0);
        expect(state.lateTotal).toBeGreaterThanOrEqual(state.lateEvents);
        if (before?.matches && matches) expect(state.closedAt).toBe(before.closedAt);
        if (!matches && late > 0 && before?.reopenedAt == null) expect(state).toMatchObject({ reopenedAt: at, lateEvents: late, reopenings: (before?.reopenings ?? 0) + 1 });
      });
      expect((state as DayState | null)?.lateTotal).toBe(steps.reduce((sum, one) => sum + one.late, 0));
    }));
  });
});
