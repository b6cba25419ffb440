import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expected, isSilent, rhythmOf, type HourCount, type WeekdayOf } from '#analytics/coverage/rhythm.ts';
import { HOUR, MINUTE, parseDay, startOfDay, weekday, zoneOf } from '#analytics/time/localDay.ts';

const zone = zoneOf('Asia/Ho_Chi_Minh');
const weekdayOf: WeekdayOf = weekday;
const LAST = parseDay('2026-03-29') ?? 0; // a Sunday
const at = (text: string) => Date.parse(`${text}:00+07:00`);
/** Eight weeks of `perHour` events from 8 to 16 o'clock, Monday to Friday. */
const office = (perHour: (day: number, hour: number) => number): HourCount[] =>
  Array.from({ length: 56 }, (_, i) => LAST - i).filter((day) => weekday(day) <= 5).flatMap((day) => Array.from({ length: 8 }, (_, h) => ({ day, hour: 8 + h, events: perHour(day, 8 + h) })));
const made = (hours: HourCount[], of: WeekdayOf = weekdayOf) => { const found = rhythmOf(hours, LAST, of); if (!found) throw new Error('no rhythm'); return found; };
const LIMITS = { fixedMinutes: 240, minimumMinutes: 60, probability: 0.0001 };

describe('a rhythm', () => {
  it('expects by weekday and hour', () => {
    const rhythm = made(office(() => 6));
    expect(rhythm.eventsPerWeek).toBeCloseTo(240);
    expect(expected(rhythm, at('2026-03-30T08:00'), at('2026-03-30T10:30'), zone, weekdayOf).events).toBeCloseTo(15);
    // From Friday 15:30 to Monday 08:30: the last half hour and the first.
    expect(expected(rhythm, at('2026-03-27T15:30'), at('2026-03-30T08:30'), zone, weekdayOf).events).toBeCloseTo(6);
  });
  it('takes a quiet Saturday for what it is, and a quiet Monday for silence', () => {
    const rhythm = made(office(() => 6));
    const saturday = expected(rhythm, at('2026-03-27T16:00'), at('2026-03-28T12:00'), zone, weekdayOf);
    expect(saturday).toEqual({ events: 0, chance: 1 });
    expect(isSilent(270, saturday.chance, LIMITS)).toBe(false);
    const monday = expected(rhythm, at('2026-03-27T16:00'), at('2026-03-30T10:00'), zone, weekdayOf);
    expect(isSilent(120, monday.chance, LIMITS)).toBe(true);
    // Less likely than the limit, but shorter than the least.
    expect(isSilent(59, monday.chance, LIMITS)).toBe(false);
  });
  it('takes a source that sends in bursts for one: an hour that is empty every other week is not silent', () => {
    const rhythm = made(office((day, hour) => (hour === 9 && Math.floor(day / 7) % 2 === 0 ? 500 : 0)));
    expect(expected(rhythm, at('2026-03-30T08:00'), at('2026-03-30T12:00'), zone, weekdayOf).chance).toBeGreaterThan(0.3);
  });
  it('knows that quiet hours come together: half the mornings silent is another thing than half the hours', () => {
    const span = [at('2026-03-30T08:00'), at('2026-03-30T12:00')] as const;
    const whole = made(office((day, hour) => ((day + (hour < 12 ? 0 : 1)) % 2 === 0 ? 4 : 0)));
    const mixed = made(office((day, hour) => ((day + hour) % 2 === 0 ? 4 : 0)));
    expect([whole.independence < 0.6, mixed.independence]).toEqual([true, 1]);
    expect(expected(whole, ...span, zone, weekdayOf).chance).toBeGreaterThan(2 * expected(mixed, ...span, zone, weekdayOf).chance);
  });
  it('expects nobody on a holiday, and learns nothing from it', () => {
    const holidays = new Set([parseDay('2026-03-30'), parseDay('2026-03-16')]);
    const of: WeekdayOf = (day) => (holidays.has(day) ? null : weekday(day));
    const rhythm = made(office((day) => (holidays.has(day) ? 0 : 6)), of);
    expect(expected(rhythm, at('2026-03-30T00:00'), at('2026-03-31T00:00'), zone, of)).toEqual({ events: 0, chance: 1 });
    expect(expected(rhythm, at('2026-04-06T08:00'), at('2026-04-06T09:00'), zone, of).events).toBeCloseTo(6);
  });
  it('is none where there is too little of it: the fixed limit holds', () => {
    expect(rhythmOf([], LAST, weekdayOf)).toBeNull();
    expect(rhythmOf(office(() => 6).filter((one) => one.day > LAST - 13), LAST, weekdayOf)).toBeNull();
    expect(rhythmOf(office(() => 6).filter((one) => weekday(one.day) === 3 && one.day > LAST - 28), LAST, weekdayOf)).toBeNull();
    expect([isSilent(240, null, LIMITS), isSilent(241, null, LIMITS)]).toEqual([false, true]);
  });
});

describe('the chance of a silence', () => {
  const hours = fc.array(fc.record({ day: fc.integer({ min: LAST - 55, max: LAST }), hour: fc.integer({ min: 0, max: 23 }), events: fc.integer({ min: 0, max: 200 }) }), { minLength: 20, maxLength: 200 });
  const minutes = fc.integer({ min: 0, max: 9 * 24 * 60 });
  const monday = startOfDay(LAST + 1, zone);

  it('lies within 0..1, only falls as it lasts, and what is expected adds up', () => {
    fc.assert(fc.property(hours, minutes, minutes, minutes, (all, a, b, c) => {
      const rhythm = rhythmOf(all, LAST, weekdayOf);
      fc.pre(rhythm !== null);
      if (!rhythm) return;
      const [from = 0, between = 0, to = 0] = [a, b, c].sort((x, y) => x - y).map((minute) => monday + minute * MINUTE);
      const short = expected(rhythm, from, between, zone, weekdayOf);
      const rest = expected(rhythm, between, to, zone, weekdayOf);
      const long = expected(rhythm, from, to, zone, weekdayOf);
      expect(long.chance).toBeGreaterThanOrEqual(0);
      expect(long.chance).toBeLessThanOrEqual(1);
      expect(long.chance).toBeLessThanOrEqual(short.chance + 1e-12);
      expect(long.events).toBeCloseTo(short.events + rest.events, 6);
      expect(long.chance).toBeCloseTo(short.chance * rest.chance, 9);
    }));
  });
  it('is smaller for a unit that sends more often', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (few, more) => {
      const chance = (perHour: number) => expected(made(office(() => perHour)), monday + 8 * HOUR, monday + 9 * HOUR, zone, weekdayOf).chance;
      expect(chance(few + more)).toBeLessThan(chance(few));
    }));
  });
  it('of hours that were never used is one', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 59 }), (hour, minute) => {
      expect(expected(made(office(() => 6)), monday + hour * HOUR, monday + hour * HOUR + minute * MINUTE, zone, weekdayOf)).toEqual({ events: 0, chance: 1 });
    }));
  });
});
