/** Reports that speak for a range of days, and the target that binds a unit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountWithin, aYearBefore, daysOfPeriod, latestTouching } from '#analytics/indicator/reports.ts';
import { meets, targetFor, type Target } from '#analytics/kpi/target.ts';
import { dayText, parseDay } from '#analytics/time/localDay.ts';

const day = (text: string) => parseDay(text) ?? NaN;
const range = (from: string, to: string) => ({ from: day(from), to: day(to) });
const report = (period: string, value: number, unit = '75') => ({ unit, period, value });

describe('a period', () => {
  it.each([['2026', '2026-01-01', '2026-12-31'], ['2024-02', '2024-02-01', '2024-02-29'], ['2026-Q4', '2026-10-01', '2026-12-31'], ['2026-07-15', '2026-07-15', '2026-07-15'], ['2026-12', '2026-12-01', '2026-12-31']])('%s goes from %s to %s', (period, from, to) => {
    const days = daysOfPeriod(period);
    expect([dayText(days?.from ?? 0), dayText(days?.to ?? 0)]).toEqual([from, to]);
  });
  it.each(['2026-13', '2026-02-30', '26', 'Q1', '2026-Q5', ''])('«%s» is none', (period) => { expect(daysOfPeriod(period)).toBeNull(); });
  it('a year before keeps the day, but for 29 February', () => {
    expect(aYearBefore(range('2024-02-29', '2024-03-01'))).toEqual(range('2023-02-28', '2023-03-01'));
  });
});

describe('amounts', () => {
  it('add up over months, and a quarter that contains them is not counted again', () => {
    const reports = [report('2026-Q1', 100), report('2026-01', 10), report('2026-02', 20), report('2026-Q2', 7)];
    expect(amountWithin(reports, range('2026-01-01', '2026-06-30'))).toBe(37);
    expect(amountWithin(reports, range('2026-01-01', '2026-01-31'))).toBe(10);
  });
  it('of a longer report than the range say nothing', () => { expect(amountWithin([report('2026', 100)], range('2026-01-01', '2026-06-30'))).toBeNull(); });
  it('of two units stand beside one another', () => { expect(amountWithin([report('2026-01', 1, 'a'), report('2026-Q1', 2, 'b')], range('2026-01-01', '2026-03-31'))).toBe(3); });
  it('of no two overlapping reports of a unit are both in the sum', () => {
    const period = fc.constantFrom('2026', '2026-Q1', '2026-Q2', '2026-01', '2026-02', '2026-03', '2026-05', '2026-01-15', '2026-02-01');
    fc.assert(fc.property(fc.uniqueArray(period, { minLength: 1 }), (periods) => {
      // Each report counts its days: a sum without overlap never exceeds the days of the year.
      const reports = periods.map((one) => { const days = daysOfPeriod(one); return report(one, days ? days.to - days.from + 1 : 0); });
      return (amountWithin(reports, range('2026-01-01', '2026-12-31')) ?? 0) <= 365;
    }));
  });
});

describe('a share', () => {
  it('is that of the report that speaks for the end of the range, the finest of those', () => {
    const reports = [report('2026', 0.5), report('2026-Q3', 0.6), report('2026-09', 0.7), report('2026-10', 0.8), report('2027', 0.9)];
    expect(latestTouching(reports, range('2026-01-01', '2026-09-30'))?.value).toBe(0.7);
    expect(latestTouching(reports, range('2026-01-01', '2026-10-10'))?.value).toBe(0.8);
    expect(latestTouching(reports, range('2025-01-01', '2025-12-31'))).toBeNull();
  });
});

describe('a target', () => {
  const target = (level: string, year: number, value: number, unit: string | null = null): Target => ({ indicator: 'onTimeRate', level, unit, year, operator: '>=', value });
  const all = [target('district', 2021, 0.98), target('district', 2024, 0.97), target('commune', 2024, 0.96), target('district', 2024, 0.99, '731'), target('district', 2027, 1)];
  it('of the unit stands before that of its level, the newest not after the year', () => {
    expect(targetFor(all, 'onTimeRate', 'district', '731', 2026)?.value).toBe(0.99);
    expect(targetFor(all, 'onTimeRate', 'district', '740', 2026)?.value).toBe(0.97);
    expect(targetFor(all, 'onTimeRate', 'district', '740', 2022)?.value).toBe(0.98);
    expect(targetFor(all, 'onTimeRate', 'district', '740', 2020)).toBeNull();
    expect(targetFor(all, 'satisfiedRate', 'district', '740', 2026)).toBeNull();
  });
  it('of the province is borrowed from what is under it; a commune borrows nothing', () => {
    expect(targetFor(all, 'onTimeRate', 'province', '75', 2026)?.level).toBe('district');
    expect(targetFor(all.filter((one) => one.level === 'district'), 'onTimeRate', 'commune', '26068', 2026)).toBeNull();
  });
  it('«> 98 %» is strict', () => { expect([meets(0.98, { operator: '>', value: 0.98 }), meets(0.98, { operator: '>=', value: 0.98 }), meets(0.013, { operator: '<', value: 0.013 }), meets(0.013, { operator: '<=', value: 0.013 })]).toEqual([false, true, false, true]); });
});
