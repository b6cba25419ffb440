/** When each unit is heard of: the last time, and how much by hour, in the transaction of the ingest. */
import { RHYTHM_WEEKS } from '#analytics/coverage/rhythm.ts';
import { DAY, dayOf, dayText, minuteOfDay, type Zone } from '#analytics/time/localDay.ts';
import type { Queryable } from '../database/pool.ts';

export type Heard = readonly [unit: string, at: number];
/** Older than this no rhythm asks for: an import of a year's history writes no year of hours. */
export const KEPT_DAYS = RHYTHM_WEEKS * 7 + 7;

interface UnitHour { unit: string; day: string; hour: number; events: number }

export function hoursOf(heard: readonly Heard[], zone: Zone, now: Date): UnitHour[] {
  const since = now.getTime() - KEPT_DAYS * DAY;
  const hours = new Map<string, UnitHour>();
  for (const [unit, at] of heard) {
    if (at < since) continue;
    const day = dayText(dayOf(at, zone));
    const hour = Math.floor(minuteOfDay(at, zone) / 60);
    const key = `${unit}\n${day}\n${hour + 10}`;
    const known = hours.get(key);
    if (known) known.events += 1; else hours.set(key, { unit, day, hour, events: 1 });
  }
  // In one order everywhere, so that two kinds that touch the same rows wait instead of dead-locking.
  return [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** One statement for both. */
export function markActive(connection: Queryable, touched: ReadonlyMap<string, number>, hours: readonly UnitHour[], simulated: boolean): Promise<unknown> {
  const units = [...touched].filter(([, at]) => at > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (units.length === 0) return Promise.resolve();
  return connection.query(
    `WITH hours AS (
       INSERT INTO unit_hours (unit, day, hour, simulated, events) SELECT unit, day, hour, $3, events FROM unnest($4::text[], $5::date[], $6::smallint[], $7::int[]) AS h(unit, day, hour, events)
       ON CONFLICT (unit, day, hour, simulated) DO UPDATE SET events = unit_hours.events + excluded.events)
     INSERT INTO unit_activity (unit, last_event_at, simulated) SELECT unit, at, $3 FROM unnest($1::text[], $2::timestamptz[]) AS u(unit, at)
     ON CONFLICT (unit) DO UPDATE SET last_event_at = greatest(unit_activity.last_event_at, excluded.last_event_at)`,
    [units.map(([unit]) => unit), units.map(([, at]) => new Date(at)), simulated, hours.map((h) => h.unit), hours.map((h) => h.day), hours.map((h) => h.hour), hours.map((h) => h.events)]);
}
