/**
 * The deadline of a dossier from the working days of its procedure. One working day is eight working hours
 * (Labour Code 2019, art. 105); quarter days exist for same-day procedures.
 */
import { HOUR, type Zone } from './localDay.ts';
import { addWorking, endOfWorkingDay, type WorkingCalendar } from './workingCalendar.ts';

export type CountingRule = 'working_hours' | 'end_of_nth_day';
export const WORKING_DAY = 8 * HOUR;

/**
 * `working_hours`: n × 8 working hours after receipt. `end_of_nth_day`: the end of the n-th working day after the day of
 * receipt; a part of a day is still counted in hours.
 */
export function deadline(calendar: WorkingCalendar, zone: Zone, unit: string | null, receivedAt: number, workingDays: number, rule: CountingRule): number {
  if (rule === 'working_hours' || workingDays < 1) return addWorking(calendar, zone, unit, receivedAt, workingDays * WORKING_DAY);
  const end = endOfWorkingDay(calendar, zone, unit, receivedAt, Math.floor(workingDays));
  return addWorking(calendar, zone, unit, end, (workingDays - Math.floor(workingDays)) * WORKING_DAY);
}
