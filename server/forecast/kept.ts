/** Forecasts that were made, kept until what came is known, and how far off they were. */
import type { QueueForecast } from '#analytics/queue/forecast.ts';
import { QUARTER } from '#analytics/queue/seen.ts';
import { DAY, dayText, HOUR } from '#analytics/time/localDay.ts';
import type { ForecastAccuracy } from '#contract/forecast.ts';
import type { Queryable } from '../database/pool.ts';

export const ACCURACY_DAYS = 14;
const KEPT_DAYS = 30;
/** Sources send late: only after this is it settled that nobody came. */
const PATIENCE = 2 * HOUR;
/** Which quarters of the three hours are kept beside that of now. */
const HOURS_AHEAD = [{ slot: 3, ahead: 60 }, { slot: 7, ahead: 120 }] as const;

export interface Made { unit: string; simulated: boolean; forecast: QueueForecast }

/** Once a quarter of an hour: what is there already stays. */
export async function keepForecasts(database: Queryable, made: readonly Made[], at: number, day: number): Promise<void> {
  const mark = new Date(Math.floor(at / QUARTER) * QUARTER);
  const rows = made.flatMap(({ unit, simulated, forecast }) => [
    { ahead: 0, from: at, wait: forecast.wait }, ...HOURS_AHEAD.map(({ slot, ahead }) => ({ ahead, from: forecast.slots[slot]?.from ?? at, wait: forecast.slots[slot]?.wait ?? null })),
  ].flatMap(({ ahead, from, wait }) => (wait === null ? [] : [{ unit, made_at: mark, ahead, from_at: new Date(from), day: dayText(day), p10: Math.round(wait.p10 / 1000), p50: Math.round(wait.p50 / 1000), p90: Math.round(wait.p90 / 1000), simulated }])));
  if (rows.length === 0) return;
  await database.query(
    `INSERT INTO queue_forecasts (unit, made_at, ahead, from_at, day, p10, p50, p90, simulated)
     SELECT * FROM json_to_recordset($1::json) AS r(unit text, made_at timestamptz, ahead smallint, from_at timestamptz, day date, p10 integer, p50 integer, p90 integer, simulated boolean) ON CONFLICT DO NOTHING`, [JSON.stringify(rows)]);
}

/** Compares what is due with the first ticket that came. Still waiting: later, unless its day is over. */
export async function settleForecasts(database: Queryable, at: Date, day: number): Promise<void> {
  await database.query(
    `UPDATE queue_forecasts q SET settled = true, actual = f.actual
     FROM (SELECT f.unit, f.made_at, f.ahead, CASE WHEN t.waited_until IS NOT NULL THEN round(greatest(0, extract(epoch FROM t.waited_until - t.issued_at)))::int END AS actual, t.issued_at, t.waited_until, f.from_at, f.day
           FROM queue_forecasts f LEFT JOIN LATERAL (
             SELECT issued_at, waited_until FROM tickets WHERE unit = f.unit AND day = f.day AND issued_at >= f.from_at AND issued_at < f.from_at + interval '15 minutes' ORDER BY issued_at LIMIT 1) t ON true
           WHERE NOT f.settled AND f.from_at <= $1::timestamptz - interval '15 minutes') f
     WHERE q.unit = f.unit AND q.made_at = f.made_at AND q.ahead = f.ahead
       AND (f.waited_until <= $1 OR f.day < $2::date OR (f.issued_at IS NULL AND f.from_at < $3))`, [at, dayText(day), new Date(at.getTime() - PATIENCE)]);
}

export async function pruneForecasts(database: Queryable, at: Date): Promise<void> {
  await database.query('DELETE FROM queue_forecasts WHERE made_at < $1', [new Date(at.getTime() - KEPT_DAYS * DAY)]);
}

/** Of the last 14 days, by unit: a ticket drawn when it was said, and one drawn an hour or two later. */
export async function accuracyOf(database: Queryable, units: readonly string[], at: Date): Promise<Map<string, { now: ForecastAccuracy | null; ahead: ForecastAccuracy | null }>> {
  const found = await database.query<{ unit: string; later: boolean; days: number; forecasts: number; off: number; bias: number; within: number }>(
    `SELECT unit, ahead > 0 AS later, count(DISTINCT day) AS days, count(*) AS forecasts, avg(abs(p50 - actual))::float8 AS off, avg(p50 - actual)::float8 AS bias, avg((actual BETWEEN p10 - 1 AND p90 + 1)::int)::float8 AS within
     FROM queue_forecasts WHERE unit = ANY($1) AND made_at >= $2 AND actual IS NOT NULL GROUP BY unit, later`, [units, new Date(at.getTime() - ACCURACY_DAYS * DAY)]);
  const byUnit = new Map<string, { now: ForecastAccuracy | null; ahead: ForecastAccuracy | null }>();
  for (const row of found.rows) {
    const both = byUnit.get(row.unit) ?? { now: null, ahead: null };
    byUnit.set(row.unit, both);
    both[row.later ? 'ahead' : 'now'] = { days: row.days, forecasts: row.forecasts, meanAbsoluteErrorSeconds: row.off, biasSeconds: row.bias, withinBand: row.within };
  }
  return byUnit;
}
