/**
 * How closed days stand against our counters, in the caller's transaction and under the lock of the dossiers
 * (`aloneWithDossiers`): a close sees all that was counted, and what is counted later sees the close.
 */
import { CLOSED_COUNTS, countsAtEnd, differences, farthest, lateEvents, nextDayState, type ClosedCount, type CountedDay, type DayCounts, type DayState, type Differences, type Move, type ToldCounts } from '#analytics/coverage/dayClose.ts';
import type { Contribution } from '#analytics/kpi/counters.ts';
import { dayText, parseDay } from '#analytics/time/localDay.ts';
import type { Queryable } from '../database/pool.ts';

/** One unit on one day, in one of the two tenants. */
export interface Place { unit: string; day: number; simulated: boolean }
export interface Told { key: string; sentAt: Date; theirs: ToldCounts }
export interface Compared { ours: DayCounts; told: readonly Told[]; matches: boolean }

export const placeKey = (place: Place): string => `${place.unit}/${place.day}/${place.simulated}`;
const tenantOf = (place: Place): string => `${place.unit}/${place.simulated}`;
const columns = (places: readonly Place[]) => [places.map((p) => p.unit), places.map((p) => dayText(p.day)), places.map((p) => p.simulated)];
const dayNumber = (text: string): number => parseDay(text) ?? 0;

/** What each source told last of these days. */
export async function newestTold(connection: Queryable, places: readonly Place[]): Promise<Map<string, Told[]>> {
  const found = await connection.query<{ unit: string; day: string; simulated: boolean; key_id: string; sent_at: Date; received: number | null; resolved: number | null; pending: number | null }>(
    `SELECT DISTINCT ON (c.unit, c.day, c.simulated, c.key_id) c.* FROM unnest($1::text[], $2::date[], $3::boolean[]) AS p(unit, day, simulated)
     JOIN day_closes c USING (unit, day, simulated) ORDER BY c.unit, c.day, c.simulated, c.key_id, c.id DESC`, columns(places));
  const told = new Map<string, Told[]>();
  for (const row of found.rows) {
    const key = placeKey({ unit: row.unit, day: dayNumber(row.day), simulated: row.simulated });
    told.set(key, [...(told.get(key) ?? []), { key: row.key_id, sentAt: row.sent_at, theirs: toldOf(row) }]);
  }
  return told;
}

export function toldOf(row: Readonly<Record<ClosedCount, number | null>>): ToldCounts {
  return Object.fromEntries(CLOSED_COUNTS.flatMap((name) => (row[name] === null ? [] : [[name, row[name]]])));
}

/** Our own counts of these days. What lies before the first day of a unit comes as one row. */
async function oursOf(connection: Queryable, places: readonly Place[]): Promise<Map<string, DayCounts>> {
  const tenants = new Map<string, { place: Place; days: number[] }>();
  for (const place of places) {
    const tenant = tenants.get(tenantOf(place));
    if (tenant) tenant.days.push(place.day); else tenants.set(tenantOf(place), { place, days: [place.day] });
  }
  const list = [...tenants.values()];
  const found = await connection.query<{ unit: string; simulated: boolean; at: string; received: number; resolved: number; change: number }>(
    `SELECT c.unit, c.simulated, greatest(c.day, w.first - 1) AS at, sum(received) AS received, sum(resolved) AS resolved, sum(entered - "left") AS change
     FROM unnest($1::text[], $2::boolean[], $3::date[], $4::date[]) AS w(unit, simulated, first, last)
     JOIN counter_days c ON c.unit = w.unit AND c.simulated = w.simulated AND c.day <= w.last AND c.dimension = 0 GROUP BY 1, 2, 3`,
    [list.map((one) => one.place.unit), list.map((one) => one.place.simulated), list.map((one) => dayText(Math.min(...one.days))), list.map((one) => dayText(Math.max(...one.days)))]);
  const counted = new Map<string, CountedDay[]>();
  for (const row of found.rows) {
    const key = `${row.unit}/${row.simulated}`;
    const one = { day: dayNumber(row.at), received: row.received, resolved: row.resolved, change: row.change };
    const known = counted.get(key);
    if (known) known.push(one); else counted.set(key, [one]);
  }
  const ours = new Map<string, DayCounts>();
  for (const [tenant, { place, days }] of tenants) {
    for (const [day, counts] of countsAtEnd(counted.get(tenant) ?? [], days)) ours.set(placeKey({ ...place, day }), counts);
  }
  return ours;
}

interface StateRow extends Record<string, unknown> { unit: string; day: string; simulated: boolean; matches: boolean; closed_at: Date | null; reopened_at: Date | null; late_events: number; late_total: number; reopenings: number }
const stateOf = (row: StateRow): DayState => ({ matches: row.matches, closedAt: row.closed_at?.getTime() ?? null, reopenedAt: row.reopened_at?.getTime() ?? null, lateEvents: row.late_events, lateTotal: row.late_total, reopenings: row.reopenings });

/** Compares anew and keeps how each stands. `movesOf`: what late events changed in a unit; none when a source closed the day. */
export async function compareDays(connection: Queryable, places: readonly Place[], movesOf: (place: Place) => readonly Move[], at: Date): Promise<Map<string, Compared>> {
  const compared = new Map<string, Compared>();
  if (places.length === 0) return compared;
  const told = await newestTold(connection, places);
  const ours = await oursOf(connection, places);
  const stored = await connection.query<StateRow>('SELECT s.* FROM unnest($1::text[], $2::date[], $3::boolean[]) AS p(unit, day, simulated) JOIN day_states s USING (unit, day, simulated)', columns(places));
  const before = new Map(stored.rows.map((row) => [placeKey({ unit: row.unit, day: dayNumber(row.day), simulated: row.simulated }), stateOf(row)]));

  const rows = places.flatMap((place) => {
    const key = placeKey(place);
    const counts = ours.get(key);
    const sources = told.get(key);
    if (!counts || !sources) return [];
    const apart: Differences[] = sources.map((one) => differences(counts, one.theirs));
    const far = Math.max(...apart.map(farthest));
    const names = CLOSED_COUNTS.filter((name) => sources.some((one) => one.theirs[name] !== undefined));
    const state = nextDayState(before.get(key) ?? null, far === 0, lateEvents(movesOf(place), place.day, names), at.getTime());
    compared.set(key, { ours: counts, told: sources, matches: state.matches });
    return [{ ...place, day: dayText(place.day), ...counts, ...state, far }];
  });
  const instant = (time: number | null) => (time === null ? null : new Date(time));
  await connection.query(
    `INSERT INTO day_states (unit, day, simulated, matches, received, resolved, pending, farthest, closed_at, reopened_at, late_events, late_total, reopenings, changed_at)
     SELECT *, $14::timestamptz FROM unnest($1::text[], $2::date[], $3::boolean[], $4::boolean[], $5::int[], $6::int[], $7::int[], $8::int[], $9::timestamptz[], $10::timestamptz[], $11::int[], $12::int[], $13::int[])
     ON CONFLICT (unit, day, simulated) DO UPDATE SET matches = excluded.matches, received = excluded.received, resolved = excluded.resolved, pending = excluded.pending, farthest = excluded.farthest,
       closed_at = excluded.closed_at, reopened_at = excluded.reopened_at, late_events = excluded.late_events, late_total = excluded.late_total, reopenings = excluded.reopenings, changed_at = excluded.changed_at`,
    [rows.map((r) => r.unit), rows.map((r) => r.day), rows.map((r) => r.simulated), rows.map((r) => r.matches), rows.map((r) => r.received), rows.map((r) => r.resolved), rows.map((r) => r.pending), rows.map((r) => r.far),
      rows.map((r) => instant(r.closedAt)), rows.map((r) => instant(r.reopenedAt)), rows.map((r) => r.lateEvents), rows.map((r) => r.lateTotal), rows.map((r) => r.reopenings), at]);
  return compared;
}

/** What an ingest changed in the counters, dossier by dossier. */
export interface Changed { simulated: boolean; events: number; parts: readonly Contribution[] }

/** Compares the closed days that these changes touch: their own day, and what is pending at the end of later ones. */
export async function compareTouched(connection: Queryable, changes: readonly Changed[], at: Date): Promise<void> {
  const moves = new Map<string, { place: Place; moves: Move[] }>();
  for (const { simulated, events, parts } of changes) {
    const byUnit = new Map<string, CountedDay[]>();
    for (const { unit, day, counts } of parts) {
      const one = { day, received: counts.received ?? 0, resolved: counts.resolved ?? 0, change: (counts.entered ?? 0) - (counts.left ?? 0) };
      if (one.received === 0 && one.resolved === 0 && one.change === 0) continue;
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), one]);
    }
    for (const [unit, days] of byUnit) {
      const day = Math.min(...days.map((one) => one.day));
      const tenant = moves.get(tenantOf({ unit, day, simulated }));
      if (!tenant) { moves.set(tenantOf({ unit, day, simulated }), { place: { unit, day, simulated }, moves: [{ events, days }] }); continue; }
      tenant.place.day = Math.min(tenant.place.day, day);
      tenant.moves.push({ events, days });
    }
  }
  if (moves.size === 0) return;
  // Nearly always empty: a day that goes on is not closed.
  const found = await connection.query<{ unit: string; day: string; simulated: boolean }>(
    'SELECT s.unit, s.day, s.simulated FROM unnest($1::text[], $2::date[], $3::boolean[]) AS t(unit, day, simulated) JOIN day_states s ON s.unit = t.unit AND s.day >= t.day AND s.simulated = t.simulated',
    columns([...moves.values()].map((one) => one.place)));
  await compareDays(connection, found.rows.map((row) => ({ unit: row.unit, day: dayNumber(row.day), simulated: row.simulated })), (place) => moves.get(tenantOf(place))?.moves ?? [], at);
}

/** All closed days, after the counters were made anew. */
export async function compareAll(connection: Queryable, at: Date): Promise<void> {
  const found = await connection.query<{ unit: string; day: string; simulated: boolean }>('SELECT unit, day, simulated FROM day_states');
  for (let i = 0; i < found.rows.length; i += 2_000) {
    await compareDays(connection, found.rows.slice(i, i + 2_000).map((row) => ({ unit: row.unit, day: dayNumber(row.day), simulated: row.simulated })), () => [], at);
  }
}
