import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forecastStorage, type StoredCamera } from '#analytics/recording/storage.ts';
import { dayOf, MINUTE } from '#analytics/time/localDay.ts';
import { workingSpans } from '#analytics/time/workingSpans.ts';
import { isWorking } from '#analytics/time/workingCalendar.ts';
import { isOpen } from '#streams/recorder/schedule.ts';
import { calendar, zone } from './shipped.ts';

const camera = (change: Partial<StoredCamera>): StoredCamera => ({ camera: 'a', bytes: 0, heldBytes: 0, perDay: 10, days: 30, limitBytes: null, ...change });

describe('how long recordings last', () => {
  it('is what is promised when there is room for it', () => {
    const { shortInDays, cameras } = forecastStorage([camera({})], 300);
    expect([shortInDays, cameras.get('a')]).toEqual([null, { keptDays: 30, limitedBy: 'days' }]);
  });
  it('is what the disk holds when there is not, and says from when on', () => {
    // Two cameras at 10 a day; 100 free beside 100 recorded: 200 hold ten days of both; the last 100 are full in five days.
    const { shortInDays, cameras } = forecastStorage([camera({ bytes: 50 }), camera({ camera: 'b', bytes: 50 })], 100);
    expect(shortInDays).toBeCloseTo(5, 1);
    expect([cameras.get('a')?.limitedBy, cameras.get('b')?.limitedBy]).toEqual(['disk', 'disk']);
    expect(cameras.get('a')?.keptDays).toBeCloseTo(10, 1);
  });
  it('does not count room that is held, and keeps to a size', () => {
    expect(forecastStorage([camera({ bytes: 200, heldBytes: 200 })], 100).cameras.get('a')?.keptDays).toBeCloseTo(10, 1);
    expect(forecastStorage([camera({ limitBytes: 70 })], 1000)).toEqual({ shortInDays: null, cameras: new Map([['a', { keptDays: 7, limitedBy: 'bytes' }]]) });
  });
  it('says nothing of a camera that recorded too little to tell', () => {
    expect(forecastStorage([camera({ perDay: null })], 0).cameras.get('a')).toEqual({ keptDays: null, limitedBy: null });
  });
});

describe('working hours sent ahead', () => {
  it('are open whenever it is working time, for the province and for a unit of its own hours; a margin only adds', () => {
    const start = Date.UTC(2026, 0, 30);
    fc.assert(fc.property(fc.integer({ min: 0, max: 30 * 1440 - 1 }), fc.constantFrom(0, 15), (minute, margin) => {
      const at = start + minute * MINUTE;
      const hours = { until: start / 1000 + 31 * 86_400, spans: workingSpans(calendar, zone, null, start - 86_400_000, 33, margin * MINUTE).map(([a, b]): [number, number] => [a / 1000, b / 1000]) };
      const expected = [-margin, 0, margin].some((shift) => isWorking(calendar, zone, null, at + shift * MINUTE));
      expect([dayOf(at, zone), isOpen(hours, at)]).toEqual([dayOf(at, zone), expected]);
    }), { numRuns: 300 });
  });
  it('are forgotten beyond what was told: then it is recorded', () => {
    expect([isOpen({ until: 100, spans: [] }, 99_000), isOpen({ until: 100, spans: [] }, 100_000), isOpen(undefined, 0)]).toEqual([false, true, true]);
  });
});
