/** Tickets as the forecast sees them. */
import type { Visit } from '#analytics/queue/seen.ts';
import { dayText } from '#analytics/time/localDay.ts';
import type { Queryable } from '../database/pool.ts';

export interface DayTickets { visits: Visit[]; served: number; noShow: number; oldest: number | null; simulated: boolean }
interface TicketRow extends Record<string, unknown> { unit: string; day: number; issued_at: Date; waited_until: Date | null; last_at: Date; counter: string | null; served: boolean; no_show: boolean; simulated: boolean }

/** By unit and day number; only days and units with tickets. */
export async function ticketsOf(database: Queryable, units: readonly string[], days: readonly number[]): Promise<Map<string, Map<number, DayTickets>>> {
  const found = await database.query<TicketRow>(
    `SELECT unit, day - DATE '1970-01-01' AS day, issued_at, waited_until, last_at, counter, served_at IS NOT NULL AS served, no_show_at IS NOT NULL AND served_at IS NULL AS no_show, simulated
     FROM tickets WHERE unit = ANY($1) AND day = ANY($2::date[]) AND issued_at IS NOT NULL`, [units, days.map(dayText)]);
  const byUnit = new Map<string, Map<number, DayTickets>>();
  for (const row of found.rows) {
    const byDay = byUnit.get(row.unit) ?? new Map<number, DayTickets>();
    byUnit.set(row.unit, byDay);
    const of = byDay.get(row.day) ?? { visits: [], served: 0, noShow: 0, oldest: null, simulated: false };
    byDay.set(row.day, of);
    const issuedAt = row.issued_at.getTime();
    of.visits.push({ issuedAt, waitedUntil: row.waited_until?.getTime() ?? null, counter: row.counter, lastAt: row.last_at.getTime() });
    if (row.served) of.served += 1;
    if (row.no_show) of.noShow += 1;
    if (row.waited_until === null && (of.oldest === null || issuedAt < of.oldest)) of.oldest = issuedAt;
    if (row.simulated) of.simulated = true;
  }
  return byUnit;
}
