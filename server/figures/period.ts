/** A period of days of the centre's zone, both ends included. */
import { dayOf, parseDay, startOfDay, type Zone } from '#analytics/time/localDay.ts';
import { Fault } from '#contract/faults.ts';
import type { Deadlines } from '#contract/vocabulary.ts';

/** The deadline of a row of `dossiers`. */
export const dueBy = (deadlines: Deadlines = 'corrected'): string => (deadlines === 'corrected' ? 'due_at' : '(CASE WHEN reported_calendar IS NULL THEN due_at ELSE reported_due_at END)');

/** A condition, order or outcome of dossiers by these deadlines. */
export const byDeadlines = (sql: string, deadlines: Deadlines | undefined): string => (deadlines === 'reported' ? sql.replace(/(?<![\w."])due_at\b/g, dueBy('reported')) : sql);

export interface Period { from: string; to: string; fromDay: number; toDay: number; start: Date; end: Date; /** The last millisecond of `to`, or now if that is earlier: what happens at midnight belongs to the next day. */ asOf: Date; isNow: boolean; /** By which deadlines: as corrected, where nothing is said. */ deadlines?: Deadlines }

const MAX_DAYS = 3660;

export function periodOf(from: string, to: string, zone: Zone, now: Date, deadlines: Deadlines = 'corrected'): Period {
  const fromDay = parseDay(from);
  const toDay = parseDay(to);
  if (fromDay === null || toDay === null) throw new Fault('bad_period', `${fromDay === null ? 'from' : 'to'} is not a date of the form YYYY-MM-DD`);
  if (fromDay > toDay) throw new Fault('bad_period', 'from is after to');
  if (toDay - fromDay > MAX_DAYS) throw new Fault('bad_period', 'the period is longer than ten years');
  const end = new Date(startOfDay(toDay + 1, zone));
  const isNow = end >= now;
  return { from, to, fromDay, toDay, start: new Date(startOfDay(fromDay, zone)), end, asOf: isNow ? now : new Date(end.getTime() - 1), isNow, deadlines };
}

export const today = (zone: Zone, now: Date): number => dayOf(now.getTime(), zone);
