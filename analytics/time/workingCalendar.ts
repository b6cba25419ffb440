/**
 * Which minutes are working time. Sessions, holidays and make-up days are data (`config/calendar`), never computed:
 * the government sets Tết and the swapped days by decision each year.
 */
import { MINUTE, dayOf, dayText, startOfDay, weekday, type Zone } from './localDay.ts';

/** Minutes since midnight; `to` is not included. */
export interface Session { readonly from: number; readonly to: number }
export type WeekSessions = Readonly<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, readonly Session[]>>;
export interface SpecialDay { readonly kind: 'holiday' | 'compensatory' | 'makeup' }
export interface WorkingCalendar {
  readonly sessions: WeekSessions;
  readonly days: Readonly<Record<string, SpecialDay>>;
  readonly unitSessions: Readonly<Record<string, WeekSessions>>;
}

/** No calendar has less than one working day in this many days. */
const HORIZON_DAYS = 400;

/** The sessions of a local day at a unit. A make-up day is worked like a Monday. */
export function sessionsOn(calendar: WorkingCalendar, unit: string | null, day: number): readonly Session[] {
  const week = (unit !== null && Object.hasOwn(calendar.unitSessions, unit) ? calendar.unitSessions[unit] : null) ?? calendar.sessions;
  const text = dayText(day);
  const special = Object.hasOwn(calendar.days, text) ? calendar.days[text] : undefined;
  if (special === undefined) return week[weekday(day)];
  return special.kind === 'makeup' ? week[1] : [];
}

/** Whether an instant is working time at a unit. */
export function isWorking(calendar: WorkingCalendar, zone: Zone, unit: string | null, instant: number): boolean {
  const day = dayOf(instant, zone);
  const minute = (instant - startOfDay(day, zone)) / MINUTE;
  return sessionsOn(calendar, unit, day).some((session) => minute >= session.from && minute < session.to);
}

/** Working milliseconds between two instants; never negative. */
export function workingBetween(calendar: WorkingCalendar, zone: Zone, unit: string | null, from: number, to: number): number {
  if (to <= from) return 0;
  let sum = 0;
  for (let day = dayOf(from, zone), last = dayOf(to, zone); day <= last; day += 1) {
    const midnight = startOfDay(day, zone);
    for (const session of sessionsOn(calendar, unit, day)) {
      const start = Math.max(from, midnight + session.from * MINUTE);
      const end = Math.min(to, midnight + session.to * MINUTE);
      if (end > start) sum += end - start;
    }
  }
  return sum;
}

/**
 * The instant at which `amount` working milliseconds after `from` have passed. Time outside working hours does not
 * count; an amount of zero is `from` itself. Throws when the calendar has no working time ahead.
 */
export function addWorking(calendar: WorkingCalendar, zone: Zone, unit: string | null, from: number, amount: number): number {
  if (amount <= 0) return from;
  let left = amount;
  let idle = 0;
  for (let day = dayOf(from, zone); idle < HORIZON_DAYS; day += 1) {
    const midnight = startOfDay(day, zone);
    idle += 1;
    for (const session of sessionsOn(calendar, unit, day)) {
      const start = Math.max(from, midnight + session.from * MINUTE);
      const end = midnight + session.to * MINUTE;
      if (end <= start) continue;
      if (left <= end - start) return start + left;
      left -= end - start;
      idle = 0;
    }
  }
  throw new RangeError(`no working time within ${HORIZON_DAYS} days after ${dayText(dayOf(from, zone))}`);
}

/** The end of the n-th working day after the day of `from` (n ≥ 1). */
export function endOfWorkingDay(calendar: WorkingCalendar, zone: Zone, unit: string | null, from: number, n: number): number {
  let left = n;
  let idle = 0;
  for (let day = dayOf(from, zone) + 1; idle < HORIZON_DAYS; day += 1) {
    const sessions = sessionsOn(calendar, unit, day);
    const last = sessions[sessions.length - 1];
    idle += 1;
    if (!last) continue;
    idle = 0;
    left -= 1;
    if (left === 0) return startOfDay(day, zone) + last.to * MINUTE;
  }
  throw new RangeError(`no ${n} working days after ${dayText(dayOf(from, zone))}`);
}
