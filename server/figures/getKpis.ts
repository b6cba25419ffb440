/** GET /kpis: the figures of a unit and all under it, as sums over the counters and counts of what is open. */
import { dateOf, dayOfDate, dayText, startOfDay, weekday, type Zone } from '#analytics/time/localDay.ts';
import { COUNTERS } from '#analytics/kpi/counters.ts';
import type { TreeOfFigures } from '#analytics/unit/reach.ts';
import type { FigureRow, Figures, KpiAnswer } from '#contract/figures.ts';
import type { Queryable, Row } from '../database/pool.ts';
import { columnOf, DIMENSION, REPORTED } from '../ingest/counters.ts';
import { unitAsked } from '../units/asked.ts';
import type { Units } from '../units/tree.ts';
import { assemble, NO_CASES, NO_QUEUE, NOTHING_OPEN, type Sums } from './assemble.ts';
import { datedCoverage, datedFigures, datedKpis } from './datedKpis.ts';
import { openCases, openDossiers, queueNow, type OpenBy } from './open.ts';
import { casesOverTime, openOverTime, type Bucket } from './overTime.ts';
import { dueBy, type Period } from './period.ts';

export const BY = ['unit', 'day', 'week', 'month', 'procedure', 'channel'] as const;
export type By = (typeof BY)[number];

export interface FigureParts {
  database: Queryable; units: Units; zone: Zone;
  /** The instant up to which a deadline is «soon», seen from `at`. */
  soonUntil: (at: Date) => Date;
  procedureName: (code: string) => string | null;
}

const SUMS = COUNTERS.map((counter) => `sum(${columnOf(counter)})::float8 AS ${columnOf(counter)}`).join(', ');
const KEY: Record<By | 'all', string> = {
  all: "''", unit: 'unit', procedure: 'key', channel: 'key',
  day: 'day::text', week: "to_char(date_trunc('week', day), 'YYYY-MM-DD')", month: "to_char(day, 'YYYY-MM')",
};

export async function sumsOf(database: Queryable, units: readonly string[], period: Period, by: By | 'all'): Promise<Map<string, Sums>> {
  // As first reported: the counters and what was kept beside them.
  const of = (wanted: number) => (period.deadlines === 'reported' ? `IN (${wanted}, ${wanted + REPORTED})` : `= ${wanted}`);
  const dimension = by === 'procedure' ? DIMENSION.procedure : by === 'channel' ? DIMENSION.channel : DIMENSION.all;
  const months = by === 'all' || by === 'unit' || by === 'month' ? wholeMonths(period) : null;
  const found = months === null
    ? await database.query<Row>(`SELECT ${KEY[by]} AS bucket_key, ${SUMS} FROM counter_days WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 AND dimension ${of(dimension)} GROUP BY 1`, [units, period.from, period.to])
    // Whole months from their one row, the days before and after from theirs.
    : await database.query<Row>(
      `SELECT ${KEY[by]} AS bucket_key, ${SUMS} FROM (
         SELECT * FROM counter_days WHERE unit = ANY($1) AND dimension ${of(DIMENSION.month)} AND day BETWEEN $4 AND $5
         UNION ALL SELECT * FROM counter_days WHERE unit = ANY($1) AND dimension ${of(DIMENSION.all)} AND day >= $2 AND day < $4
         UNION ALL SELECT * FROM counter_days WHERE unit = ANY($1) AND dimension ${of(DIMENSION.all)} AND day >= $6 AND day <= $3) c GROUP BY 1`,
      [units, period.from, period.to, months.first, months.last, months.after]);
  return new Map(found.rows.map((row) => [String(row.bucket_key), row as Sums]));
}

/** The first days of the first and the last month that lie wholly within the period, and the day after the last; null when there is none. */
export function wholeMonths(period: Pick<Period, 'fromDay' | 'toDay'>): { first: string; last: string; after: string } | null {
  const from = dateOf(period.fromDay);
  const first = from.date === 1 ? period.fromDay : dayOfDate(from.year, from.month + 1, 1);
  const next = dateOf(period.toDay + 1);
  const after = dayOfDate(next.year, next.month, 1);
  if (first >= after) return null;
  const end = dateOf(after - 1);
  return { first: dayText(first), last: dayText(dayOfDate(end.year, end.month, 1)), after: dayText(after) };
}

/** The figures of a set of units as one. */
export async function figuresOf({ database, zone, soonUntil }: FigureParts, units: readonly string[], period: Period): Promise<Figures> {
  const [sums, open, queue, cases] = await Promise.all([
    sumsOf(database, units, period, 'all'), openDossiers(database, units, period, soonUntil(period.asOf), null),
    queueNow(database, units, period, zone.name, null), openCases(database, units, period, null),
  ]);
  return assemble(sums.get('') ?? {}, open.get('') ?? NOTHING_OPEN, queue.get('') ?? NO_QUEUE, cases.get('') ?? NO_CASES);
}

/** The figures of a unit and all under it as one, under the tree of each day. */
export async function unitFigures(parts: FigureParts, unit: string, period: Period): Promise<Figures> {
  return parts.units.history.dated ? (await datedFigures(parts, { root: unitAsked(parts.units, unit, period), tree: 'as_of_date' }, period)).figures : figuresOf(parts, parts.units.tree.under(unit), period);
}
export async function unitCoverage(parts: FigureParts, unit: string, period: Period): Promise<{ reporting: number; expected: number; simulated: boolean }> {
  return parts.units.history.dated ? datedCoverage(parts, { root: unitAsked(parts.units, unit, period), tree: 'as_of_date' }, period) : coverageOf(parts, parts.units.tree.under(unit), period);
}

/** `tree` tells nothing where one tree holds for all days. */
export async function getKpis(parts: FigureParts, unit: string, period: Period, by: By | null, tree: TreeOfFigures = 'as_of_date'): Promise<KpiAnswer> {
  if (parts.units.history.dated) return datedKpis(parts, unit, { root: unitAsked(parts.units, unit, { to: period.to, tree }), tree }, period, by);
  const units = parts.units.tree.under(unit);
  const [figures, coverage, rows] = await Promise.all([
    figuresOf(parts, units, period), coverageOf(parts, units, period),
    by === null ? undefined : by === 'day' || by === 'week' || by === 'month' ? rowsOverTime(parts, units, period, by) : rowsBy(parts, units, period, by),
  ]);
  return {
    unit, from: period.from, to: period.to, asOf: period.asOf.toISOString(), coverage: { reporting: coverage.reporting, expected: coverage.expected },
    simulated: coverage.simulated, deadlines: period.deadlines ?? 'corrected', ...figures, ...(by === null ? {} : { by, rows: rows ?? [] }),
  };
}

/** Who sent anything in the period, but at least in the last seven days of it: a morning without events is not silence. */
export async function coverageOf({ database }: Pick<FigureParts, 'database'>, units: readonly string[], period: Period): Promise<{ reporting: number; expected: number; simulated: boolean }> {
  const from = dayText(Math.min(period.fromDay, period.toDay - 6));
  const found = await database.query<{ reporting: number; simulated: boolean | null }>(
    // Unit by unit, to the first row found: years of counters need not be gone through.
    `SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM counter_days c WHERE c.unit = u.unit AND c.day BETWEEN $2 AND $3 AND c.dimension = 0)) AS reporting,
       bool_or(EXISTS (SELECT FROM counter_days c WHERE c.unit = u.unit AND c.day BETWEEN $2 AND $3 AND c.dimension = 0 AND c.simulated)) AS simulated FROM unnest($1::text[]) AS u(unit)`, [units, from, period.to]);
  return { reporting: found.rows[0]?.reporting ?? 0, expected: units.length, simulated: found.rows[0]?.simulated ?? false };
}

/** `unit`: each unit by itself, without what is under it, so that the rows add up to the whole. */
async function rowsBy({ database, units: all, zone, soonUntil, procedureName }: FigureParts, units: readonly string[], period: Period, by: Exclude<OpenBy, null>): Promise<FigureRow[]> {
  const [sums, open, queue, cases] = await Promise.all([
    sumsOf(database, units, period, by), openDossiers(database, units, period, soonUntil(period.asOf), by),
    queueNow(database, units, period, zone.name, by), openCases(database, units, period, by),
  ]);
  const keys = by === 'unit' ? [...units] : [...new Set([...sums.keys(), ...open.keys(), ...queue.keys()])].filter((key) => key !== '').sort();
  const nameOf = (key: string) => (by === 'unit' ? all.nameOf(key) : by === 'procedure' ? procedureName(key) : null);
  return keys.map((key) => {
    const name = nameOf(key);
    return { key, ...(name === null ? {} : { name }), ...assemble(sums.get(key) ?? {}, open.get(key) ?? NOTHING_OPEN, queue.get(key) ?? NO_QUEUE, cases.get(key) ?? NO_CASES) };
  });
}

/** Buckets that have begun; those without any data are left out, so that a gap is drawn as a gap. */
export function bucketsOf(period: Period, by: 'day' | 'week' | 'month', zone: Zone): Bucket[] {
  const buckets = new Map<string, number>();
  for (let day = period.fromDay; day <= period.toDay; day += 1) {
    const { year, month } = dateOf(day);
    const key = by === 'day' ? dayText(day) : by === 'week' ? dayText(day - weekday(day) + 1) : dayText(dayOfDate(year, month, 1)).slice(0, 7);
    if (startOfDay(day, zone) > period.asOf.getTime()) break;
    buckets.set(key, day);
  }
  return [...buckets].map(([key, last]) => ({ key, asOf: new Date(Math.min(startOfDay(last + 1, zone) - 1, period.asOf.getTime())) }));
}

async function rowsOverTime({ database, zone, soonUntil }: FigureParts, units: readonly string[], period: Period, by: 'day' | 'week' | 'month'): Promise<FigureRow[]> {
  const buckets = bucketsOf(period, by, zone);
  if (buckets.length === 0) return [];
  const [sums, open, cases] = await Promise.all([sumsOf(database, units, period, by), openOverTime(database, units, buckets, soonUntil, undefined, dueBy(period.deadlines)), casesOverTime(database, units, buckets)]);
  const p90 = await p90OverTime(database, units, period, by, zone.name);
  return buckets.filter((bucket) => sums.has(bucket.key)).map(({ key }) => ({
    key, ...assemble(sums.get(key) ?? {}, open.get(key) ?? NOTHING_OPEN, { ...NO_QUEUE, p90: p90.get(key) ?? null }, cases.get(key) ?? NO_CASES),
  }));
}

async function p90OverTime(database: Queryable, units: readonly string[], period: Period, by: 'day' | 'week' | 'month', zone: string): Promise<Map<string, number>> {
  const found = await database.query<{ key: string; p90: number }>(
    `SELECT ${KEY[by]} AS key, percentile_cont(0.9) WITHIN GROUP (ORDER BY wait) AS p90
     FROM (SELECT (waited_until AT TIME ZONE $4)::date AS day, greatest(0, extract(epoch FROM waited_until - issued_at))::float8 AS wait
           FROM tickets WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 AND waited_until IS NOT NULL AND issued_at IS NOT NULL) w GROUP BY 1`, [units, period.from, period.to, zone]);
  return new Map(found.rows.map((row) => [row.key, row.p90]));
}
