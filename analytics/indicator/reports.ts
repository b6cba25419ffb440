/** Figures that somebody reports instead of sending events: which reports speak for a range of days. */
import { dateOf, dayOfDate, parseDay } from '../time/localDay.ts';

export interface Days { from: number; to: number }
export interface Report { unit: string; period: string; value: number }

/** `2026`, `2026-H1`, `2026-9M`, `2026-Q3`, `2026-07`, `2026-07-15` as days, both ends included; null for anything else. */
export function daysOfPeriod(period: string): Days | null {
  const year = Number(period.slice(0, 4));
  const months = (first: number, count: number): Days => ({ from: dayOfDate(year, first, 1), to: dayOfDate(year, first + count, 1) - 1 });
  if (/^\d{4}$/.test(period)) return months(1, 12);
  const quarter = /^\d{4}-Q([1-4])$/.exec(period);
  if (quarter) return months((Number(quarter[1]) - 1) * 3 + 1, 3);
  const half = /^\d{4}-H([12])$/.exec(period);
  if (half) return months((Number(half[1]) - 1) * 6 + 1, 6);
  if (/^\d{4}-9M$/.test(period)) return months(1, 9);
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return months(Number(period.slice(5)), 1);
  const day = parseDay(period);
  return day === null ? null : { from: day, to: day };
}

/** The same days a year earlier; 29 February becomes the 28th. */
export function aYearBefore({ from, to }: Days): Days {
  const earlier = (day: number) => {
    const { year, month, date } = dateOf(day);
    return dayOfDate(year - 1, month, month === 2 && date === 29 ? 28 : date);
  };
  return { from: earlier(from), to: earlier(to) };
}

/**
 * Amounts (messages sent, copies certified) add up: the reports that lie wholly within the range and do not overlap, the
 * finest first, so that a month and the quarter that contains it are not both counted. A longer report than the range says
 * nothing of it. Null when none fits.
 */
export function amountWithin(reports: readonly Report[], range: Days): number | null {
  const taken = new Map<string, Days[]>();
  let sum: number | null = null;
  const fitting = reports.flatMap((report) => { const days = daysOfPeriod(report.period); return days && days.from >= range.from && days.to <= range.to ? [{ report, days }] : []; })
    .sort((a, b) => (a.days.to - a.days.from) - (b.days.to - b.days.from) || a.days.from - b.days.from);
  for (const { report, days } of fitting) {
    const own = taken.get(report.unit) ?? [];
    if (own.some((other) => other.from <= days.to && days.from <= other.to)) continue;
    taken.set(report.unit, [...own, days]);
    sum = (sum ?? 0) + report.value;
  }
  return sum;
}

/** Shares do not add up: the report that speaks for the end of the range, the finest of those. Null when none touches it. */
export function latestTouching<R extends Report>(reports: readonly R[], range: Days): R | null {
  const touching = reports.flatMap((report) => { const days = daysOfPeriod(report.period); return days && days.from <= range.to && days.to >= range.from ? [{ report, days }] : []; });
  touching.sort((a, b) => Math.min(b.days.to, range.to) - Math.min(a.days.to, range.to) || (a.days.to - a.days.from) - (b.days.to - b.days.from));
  return touching[0]?.report ?? null;
}
