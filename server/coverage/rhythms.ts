/** Each unit's weekly rhythm in memory, made from `unit_hours` every five minutes, and what it says of a silence. */
import { expected, isSilent, rhythmOf, type Rhythm, type SilenceLimits, type Weekday } from '#analytics/coverage/rhythm.ts';
import { DAY, dayOf, dayText, MINUTE, weekday, type Zone } from '#analytics/time/localDay.ts';
import { workingBetween, type WorkingCalendar } from '#analytics/time/workingCalendar.ts';
import type { Config } from '#config/schema.ts';
import type { Queryable } from '../database/pool.ts';
import { KEPT_DAYS } from './unitHours.ts';

export interface Silence {
  unit: string; lastEventAt: Date; silent: boolean; simulated: boolean;
  /** Working minutes since the last event, and the limit in minutes that holds for this unit. */
  minutes: number; limit: number;
  rhythm: { eventsPerWeek: number; expected: number; chance: number } | null;
}
export interface Rhythms {
  refresh(): Promise<void>;
  /** Null for a unit that was never heard of. */
  silence(unit: { unit: string; lastEventAt: string | null; simulated: boolean }, at: Date): Silence | null;
}

const LOOK_BACK = 14 * DAY;

export function silenceLimitsOf(config: Config): SilenceLimits {
  const rule = config.alerts.find((one) => one.rule === 'unit_silent');
  return rule?.rule === 'unit_silent' ? { fixedMinutes: rule.workingMinutes, minimumMinutes: rule.minimumWorkingMinutes, probability: rule.probability } : { fixedMinutes: 120, minimumMinutes: 60, probability: 0.0001 };
}

export function keepRhythms({ database, calendar, zone, now, limits }: { database: Queryable; calendar: WorkingCalendar; zone: Zone; now: () => Date; limits: SilenceLimits }): Rhythms {
  let rhythms = new Map<string, Rhythm>();
  let prunedOn = '';
  const weekdays = new Map<number, Weekday | null>();
  /** Nobody is expected on a holiday; a make-up day is worked like a Monday. */
  const weekdayOf = (day: number): Weekday | null => {
    let found = weekdays.get(day);
    if (found === undefined) {
      const special = Object.hasOwn(calendar.days, dayText(day)) ? calendar.days[dayText(day)] : undefined;
      weekdays.set(day, (found = special === undefined ? weekday(day) : special.kind === 'makeup' ? 1 : null));
    }
    return found;
  };

  return {
    async refresh() {
      const today = dayText(dayOf(now().getTime(), zone));
      if (prunedOn !== today) {
        // Before its last event, not before today: a unit that fell silent keeps the rhythm by which it is silent.
        await database.query("DELETE FROM unit_hours h USING unit_activity a WHERE a.unit = h.unit AND h.day < (a.last_event_at - $1::int * interval '1 day')::date", [KEPT_DAYS]);
        prunedOn = today;
      }
      const found = await database.query<{ unit: string; last_event_at: Date; days: number[]; hours: number[]; events: number[] }>(
        `SELECT unit, a.last_event_at, array_agg(day - DATE '1970-01-01') AS days, array_agg(hour::int) AS hours, array_agg(events) AS events
         FROM unit_hours JOIN unit_activity a USING (unit) GROUP BY unit, a.last_event_at`);
      const made = new Map<string, Rhythm>();
      for (const row of found.rows) {
        // Whole days only, and none of a silence that goes on.
        const lastDay = dayOf(Math.min(row.last_event_at.getTime(), now().getTime()), zone) - 1;
        const rhythm = rhythmOf(row.days.map((day, i) => ({ day, hour: row.hours[i] ?? 0, events: row.events[i] ?? 0 })), lastDay, weekdayOf);
        if (rhythm) made.set(row.unit, rhythm);
      }
      rhythms = made;
    },
    silence({ unit, lastEventAt, simulated }, at) {
      if (lastEventAt === null) return null;
      const last = Date.parse(lastEventAt);
      const to = at.getTime();
      const minutes = workingBetween(calendar, zone, unit, Math.max(last, to - LOOK_BACK), to) / MINUTE;
      const rhythm = rhythms.get(unit);
      const missed = rhythm ? expected(rhythm, last, to, zone, weekdayOf) : null;
      return {
        unit, lastEventAt: new Date(last), simulated, minutes, limit: rhythm ? limits.minimumMinutes : limits.fixedMinutes,
        silent: isSilent(minutes, missed?.chance ?? null, limits), rhythm: rhythm && missed ? { eventsPerWeek: rhythm.eventsPerWeek, expected: missed.events, chance: missed.chance } : null,
      };
    },
  };
}
