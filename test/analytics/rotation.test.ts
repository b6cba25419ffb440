/** The rotation of a screen by the clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryAt, isOn } from '#analytics/wall/rotation.ts';

const at = (weekday: number, clock: string) => ({ weekday, minute: Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5)) });
const office = { seconds: 30, from: '07:30', to: '17:00', days: [1, 2, 3, 4, 5] };

describe('the rotation of a screen', () => {
  it('goes by time of day and day of week; the end is not included', () => {
    expect([isOn(office, at(1, '07:29')), isOn(office, at(1, '07:30')), isOn(office, at(5, '16:59')), isOn(office, at(5, '17:00')), isOn(office, at(6, '10:00'))]).toEqual([false, true, true, false, false]);
    expect(isOn({ seconds: 5 }, at(7, '00:00'))).toBe(true);
  });
  it('a window over midnight belongs to the day on which it began', () => {
    const night = { seconds: 60, from: '22:00', to: '06:00', days: [5] };
    expect([isOn(night, at(5, '23:00')), isOn(night, at(6, '05:59')), isOn(night, at(6, '06:00')), isOn(night, at(6, '23:00')), isOn(night, at(5, '05:00')), isOn({ ...night, days: [7] }, at(1, '01:00'))]).toEqual([true, true, false, false, false, true]);
  });
  it('each stays its seconds, in order, and a screen that starts again goes on where it was', () => {
    const rules = [{ seconds: 10 }, { seconds: 20 }, office];
    const seen = Array.from({ length: 60 }, (_, second) => entryAt(rules, at(1, '09:00'), 1_700_000_040 + second)?.index);
    expect([0, 1, 2].map((index) => seen.filter((one) => one === index).length)).toEqual([10, 20, 30]);
    expect(entryAt(rules, at(7, '09:00'), 7)).toEqual({ index: 0, left: 3 });
    expect(entryAt([office], at(7, '09:00'), 7)).toBeNull();
    expect(entryAt([], at(1, '09:00'), 7)).toBeNull();
  });
  it('in any rotation: what is on is on now, and stays as long as it says', () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    const rule = fc.record({ seconds: fc.integer({ min: 5, max: 600 }), from: fc.option(clock, { nil: undefined }), to: fc.option(clock, { nil: undefined }), days: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), { nil: undefined }) });
    fc.assert(fc.property(fc.array(rule, { maxLength: 6 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 4_000_000_000 }), (rules, weekday, minute, second) => {
      const now = entryAt(rules, { weekday, minute }, second);
      if (now === null) { expect(rules.some((one) => isOn(one, { weekday, minute }))).toBe(false); return; }
      const one = rules[now.index];
      expect(one && isOn(one, { weekday, minute }) && now.left >= 1 && now.left <= one.seconds).toBe(true);
      expect(entryAt(rules, { weekday, minute }, second + now.left - 1)?.index).toBe(now.index);
      if (rules.filter((other) => isOn(other, { weekday, minute })).length > 1) expect(entryAt(rules, { weekday, minute }, second + now.left)?.index).not.toBe(now.index);
    }));
  });
});
