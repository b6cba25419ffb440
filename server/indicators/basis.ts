/** What indicators and scores are computed from, read once for all units and days that are asked about. */
import { aYearBefore } from '#analytics/indicator/reports.ts';
import { dayText, startOfDay } from '#analytics/time/localDay.ts';
import type { IndicatorSource } from '#config/indicators.ts';
import type { Procedure } from '#config/schema.ts';
import type { CameraRow } from '#contract/camera.ts';
import { CONNECTED_STATES } from '#contract/vocabulary.ts';
import { countLists, type Countable, type Counts } from '../figures/countLists.ts';
import type { FigureParts } from '../figures/getKpis.ts';
import type { Period } from '../figures/period.ts';

export interface IndicatorParts extends FigureParts {
  procedures: readonly Procedure[];
  /** The cameras of the whole centre as they are now. */
  cameras: () => readonly CameraRow[];
}

export interface StoredReport { unit: string; indicator: string; period: string; value: number; source: string; at: Date }
/** By the procedure: how many dossiers of the period. */
export interface ProcedureUse { received: number; receivedOnline: number; paidOnline: number }
export interface Basis {
  period: Period; procedures: readonly Procedure[]; counts: Counts; before: Counts; /** By indicator, then by unit. */ reports: ReadonlyMap<string, ReadonlyMap<string, readonly StoredReport[]>>;
  use: ReadonlyMap<string, ReadonlyMap<string, ProcedureUse>>; reporting: ReadonlySet<string>; connected: ReadonlySet<string>;
  uptime: ReadonlyMap<string, { known: number; up: number }>; handling: ReadonlyMap<string, { cases: number; hours: number }>; /** Whose figures are simulated. */ simulatedUnits: ReadonlySet<string>; simulated: boolean;
}
/** A source with the id under which it may be reported. */
export interface Asked { id: string; source: IndicatorSource }

export async function readBasis(parts: IndicatorParts, asked: readonly Asked[], units: readonly string[], period: Period): Promise<Basis> {
  const kinds = new Set(asked.map(({ source }) => source.kind));
  const lists = new Set<Countable>();
  const earlier = new Set<Countable>();
  const reported = new Set<string>();
  for (const { id, source } of asked) {
    if (source.kind === 'share') [...source.of, ...source.minus, ...source.in, ...source.known, ...(source.aside ? [source.aside] : [])].forEach((name) => lists.add(name));
    if (source.kind === 'count' || source.kind === 'growth') source.of.forEach((name) => lists.add(name));
    if (source.kind === 'growth') source.of.forEach((name) => earlier.add(name));
    if (source.kind === 'units' && source.having) lists.add(source.having);
    if (source.kind === 'reported' || source.kind === 'growth') reported.add(id);
    if (source.kind === 'units' && source.reported) reported.add(source.reported);
  }
  const has = (kind: IndicatorSource['kind']) => kinds.has(kind);
  const [counts, before, reports, use, reporting, uptime, handling] = await Promise.all([
    countLists(parts, lists, units, period), countLists(parts, earlier, units, yearBefore(parts, period)), readReports(parts, [...reported], units, period),
    has('procedures') ? readUse(parts, units, period) : new Map(), readReporting(parts, units, period), has('cameras') ? readUptime(parts, units, period) : new Map(), has('handling') ? readHandling(parts, units, period) : new Map(),
  ]);
  const connected = new Set(parts.cameras().filter((camera) => camera.enabled && CONNECTED_STATES.includes(camera.state)).map((camera) => camera.unit));
  return { period, procedures: parts.procedures, counts, before, reports, use, reporting: reporting.units, connected, uptime, handling, simulatedUnits: reporting.simulated, simulated: reporting.simulated.size > 0 };
}

function yearBefore({ zone }: FigureParts, period: Period): Period {
  const { from, to } = aYearBefore({ from: period.fromDay, to: period.toDay });
  const end = new Date(startOfDay(to + 1, zone));
  return { from: dayText(from), to: dayText(to), fromDay: from, toDay: to, start: new Date(startOfDay(from, zone)), end, asOf: new Date(end.getTime() - 1), isNow: false, ...(period.deadlines ? { deadlines: period.deadlines } : {}) };
}

/** The latest of (unit, indicator, period), of the years that touch the period and the year before. */
async function readReports({ database }: FigureParts, ids: readonly string[], units: readonly string[], period: Period): Promise<Map<string, Map<string, StoredReport[]>>> {
  if (ids.length === 0) return new Map();
  const found = await database.query<StoredReport & Record<string, unknown>>(
    `SELECT DISTINCT ON (unit, indicator, period) unit, indicator, period, value, channel AS source, received_at AS at FROM indicators
     WHERE unit = ANY($1) AND indicator = ANY($2) AND left(period, 4) BETWEEN $3 AND $4 ORDER BY unit, indicator, period, received_at DESC, event_id DESC`,
    [units, ids, String(Number(period.from.slice(0, 4)) - 1), period.to.slice(0, 4)]);
  const reports = new Map<string, Map<string, StoredReport[]>>();
  for (const row of found.rows) {
    let own = reports.get(row.indicator);
    if (!own) reports.set(row.indicator, (own = new Map()));
    own.set(row.unit, [...(own.get(row.unit) ?? []), row]);
  }
  return reports;
}

async function readUse({ database }: FigureParts, units: readonly string[], period: Period): Promise<Map<string, Map<string, ProcedureUse>>> {
  const found = await database.query<ProcedureUse & { unit: string; key: string } & Record<string, unknown>>(
    `SELECT unit, key, sum(received)::float8 AS received, sum(received_online)::float8 AS "receivedOnline", sum(paid_online)::float8 AS "paidOnline" FROM counter_days WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 AND dimension = 1 GROUP BY unit, key`,
    [units, period.from, period.to]);
  const use = new Map<string, Map<string, ProcedureUse>>();
  for (const row of found.rows) use.set(row.unit, (use.get(row.unit) ?? new Map<string, ProcedureUse>()).set(row.key, row));
  return use;
}

async function readReporting({ database }: FigureParts, units: readonly string[], period: Period): Promise<{ units: Set<string>; simulated: Set<string> }> {
  const found = await database.query<{ unit: string; simulated: boolean }>(
    `SELECT u.unit, c.simulated FROM unnest($1::text[]) AS u(unit) CROSS JOIN LATERAL (SELECT simulated FROM counter_days c WHERE c.unit = u.unit AND c.day BETWEEN $2 AND $3 AND c.dimension = 0 LIMIT 1) c`, [units, period.from, period.to]);
  return { units: new Set(found.rows.map((row) => row.unit)), simulated: new Set(found.rows.filter((row) => row.simulated).map((row) => row.unit)) };
}

async function readUptime({ database }: FigureParts, units: readonly string[], period: Period): Promise<Map<string, { known: number; up: number }>> {
  const found = await database.query<{ unit: string; known: number; up: number }>(
    'SELECT unit, sum(known_seconds) AS known, sum(up_seconds) AS up FROM camera_days WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 GROUP BY unit', [units, period.from, period.to]);
  return new Map(found.rows.map((row) => [row.unit, row]));
}

async function readHandling({ database }: FigureParts, units: readonly string[], period: Period): Promise<Map<string, { cases: number; hours: number }>> {
  const found = await database.query<{ unit: string; cases: number; hours: number }>(
    `SELECT unit, count(*) AS cases, sum(extract(epoch FROM resolved_at - received_at) / 3600)::float8 AS hours FROM feedback_cases
     WHERE unit = ANY($1) AND resolved_at >= $2 AND resolved_at < $3 AND received_at IS NOT NULL AND resolved_at >= received_at GROUP BY unit`, [units, period.start, period.end]);
  return new Map(found.rows.map((row) => [row.unit, row]));
}
