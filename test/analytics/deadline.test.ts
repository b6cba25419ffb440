/** The deadline of a dossier, worked by hand, by both rules of counting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadline, WORKING_DAY, type CountingRule } from '#analytics/time/deadline.ts';
import { HOUR } from '#analytics/time/localDay.ts';
import { workingBetween } from '#analytics/time/workingCalendar.ts';
import { at, calendar, local, zone } from './shipped.ts';

const due = (from: number, days: number, rule: CountingRule) => deadline(calendar, zone, null, from, days, rule);

describe('a deadline', () => {
  it.each<[string, number, string, string]>([
    ['2026-03-02 08:00', 1, '2026-03-03 08:00', '2026-03-03 17:00'],
    ['2026-03-02 08:00', 7, '2026-03-11 08:00', '2026-03-11 17:00'],
    ['2026-03-02 16:59', 7, '2026-03-11 16:59', '2026-03-11 17:00'],
    ['2026-03-02 08:00', 0.5, '2026-03-02 13:30', '2026-03-02 13:30'],
    ['2026-03-02 08:00', 0.25, '2026-03-02 10:00', '2026-03-02 10:00'],
    ['2026-03-02 16:00', 0.25, '2026-03-03 08:30', '2026-03-03 08:30'],
    ['2026-03-02 08:00', 2.5, '2026-03-04 13:30', '2026-03-05 11:30'],
    ['2026-03-07 09:00', 1, '2026-03-09 17:00', '2026-03-09 17:00'],
    ['2026-03-06 12:00', 1, '2026-03-09 11:30', '2026-03-09 17:00'],
    ['2026-02-13 08:00', 1, '2026-02-23 08:00', '2026-02-23 17:00'],
    ['2026-02-11 10:00', 5, '2026-02-25 10:00', '2026-02-25 17:00'],
    ['2026-01-09 08:00', 1, '2026-01-10 08:00', '2026-01-10 17:00'],
    ['2025-12-31 08:00', 3, '2026-01-07 08:00', '2026-01-07 17:00'],
    ['2026-04-24 08:00', 2, '2026-04-29 08:00', '2026-04-29 17:00'],
    ['2024-05-02 08:00', 2, '2024-05-04 08:00', '2024-05-04 17:00'],
  ])('received %s, %d working days: %s by hours, %s by days', (received, days, byHours, byDays) => {
    expect([local(due(at(received), days, 'working_hours')), local(due(at(received), days, 'end_of_nth_day'))]).toEqual([byHours, byDays]);
  });

  const received = fc.integer({ min: at('2018-01-01 00:00'), max: at('2027-10-01 00:00') });
  const quarters = fc.integer({ min: 1, max: 240 }).map((n) => n / 4);
  it('by hours leaves exactly its working time', () => fc.assert(fc.property(received, quarters, (from, days) => { expect(workingBetween(calendar, zone, null, from, due(from, days, 'working_hours'))).toBe(days * WORKING_DAY); })));
  it('by days never comes before that by hours', () => fc.assert(fc.property(received, quarters, (from, days) => { expect(due(from, days, 'end_of_nth_day')).toBeGreaterThanOrEqual(due(from, days, 'working_hours')); })));
  it('grows with the days that are promised', () => fc.assert(fc.property(received, quarters, fc.constantFrom<CountingRule>('working_hours', 'end_of_nth_day'), (from, days, rule) => { expect(due(from, days + 1, rule) - due(from, days, rule)).toBeGreaterThanOrEqual(8 * HOUR); })));
});
