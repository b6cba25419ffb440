/** GET /coverage: which units should report and do not, against their own rhythm, and how their days are closed. */
import { dayText, type Zone } from '#analytics/time/localDay.ts';
import type { CoverageAnswer, CoverageRow } from '#contract/coverage.ts';
import type { Queryable } from '../database/pool.ts';
import { coverageOf } from '../figures/getKpis.ts';
import { periodOf, today } from '../figures/period.ts';
import type { Units } from '../units/tree.ts';
import type { Rhythms } from './rhythms.ts';

export const CLOSED_WITHIN_DAYS = 30;

export interface CoverageParts { database: Queryable; units: Units; zone: Zone; rhythms: Rhythms; now: () => Date }

interface Row extends Record<string, unknown> { unit: string; last_event_at: Date | null; simulated: boolean | null; closed: number; reopened: number; apart: number; last_closed: string | null }

export async function getCoverage({ database, units, zone, rhythms, now }: CoverageParts, unit: string): Promise<CoverageAnswer> {
  const at = now();
  // Units of today; those that they came from report no more.
  const there = new Set(units.rows.map((one) => one.code));
  const within = units.tree.under(unit).filter((code) => there.has(code));
  const day = today(zone, at);
  const [found, coverage] = await Promise.all([
    database.query<Row>(
      `SELECT u.unit, a.last_event_at, a.simulated, coalesce(d.closed, 0) AS closed, coalesce(d.reopened, 0) AS reopened, coalesce(d.apart, 0) AS apart, d.last_closed
       FROM unnest($1::text[]) AS u(unit) LEFT JOIN unit_activity a USING (unit)
       LEFT JOIN (SELECT unit, count(*) FILTER (WHERE matches) AS closed, count(*) FILTER (WHERE NOT matches AND reopened_at IS NOT NULL) AS reopened, count(*) FILTER (WHERE NOT matches) AS apart,
                    max(day) FILTER (WHERE matches) AS last_closed FROM day_states WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 GROUP BY unit) d USING (unit)`,
      [[...within], dayText(day - CLOSED_WITHIN_DAYS + 1), dayText(day)]),
    coverageOf({ database }, within, periodOf(dayText(day), dayText(day), zone, at)),
  ]);
  const levels = new Map(units.rows.map((one) => [one.code, one.level]));
  return {
    unit, asOf: at.toISOString(), coverage: { reporting: coverage.reporting, expected: coverage.expected },
    units: found.rows.map((row): CoverageRow => {
      const lastEventAt = row.last_event_at?.toISOString() ?? null;
      const silence = rhythms.silence({ unit: row.unit, lastEventAt, simulated: row.simulated ?? false }, at);
      return {
        unit: row.unit, unitName: units.nameOf(row.unit), level: levels.get(row.unit) ?? '', state: silence === null ? 'never' : silence.silent ? 'silent' : 'reporting', lastEventAt,
        silentMinutes: silence === null ? null : Math.round(silence.minutes), rhythm: silence?.rhythm ?? null,
        closedDays: row.closed, reopenedDays: row.reopened, mismatches: row.apart, lastClosedDay: row.last_closed, simulated: row.simulated ?? false,
      };
    }),
  };
}
