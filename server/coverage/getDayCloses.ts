/** GET /day-closes: how the days that a source closed stand against our counters. */
import { differences, farthest, standing, type ClosedCount, type ToldCounts } from '#analytics/coverage/dayClose.ts';
import type { ClosedDay } from '#contract/coverage.ts';
import type { Queryable } from '../database/pool.ts';
import type { Period } from '../figures/period.ts';
import type { Units } from '../units/tree.ts';
import { toldOf } from './dayStates.ts';

type Told = Record<ClosedCount, number | null>;
interface Row extends Record<string, unknown> {
  unit: string; day: string; simulated: boolean; matches: boolean; received: number; resolved: number; pending: number;
  closed_at: Date | null; reopened_at: Date | null; late_events: number; late_total: number; reopenings: number; total: number;
  sources: (Told & { key: string; name: string; at: string; times: number })[];
}

/** Newest days first. `open`: only those that do not agree now. */
export async function listDayCloses(database: Queryable, units: Units, within: readonly string[], period: Pick<Period, 'from' | 'to'>, open: boolean, limit: number): Promise<{ total: number; days: ClosedDay[] }> {
  const found = await database.query<Row>(
    `SELECT s.*, c.sources FROM (
       SELECT *, count(*) OVER () AS total FROM day_states WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 AND NOT (matches AND $4) ORDER BY day DESC, unit LIMIT $5) s
     CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('key', n.key_id, 'name', coalesce(k.name, n.key_id), 'at', n.sent_at, 'times', n.times, 'received', n.received, 'resolved', n.resolved, 'pending', n.pending) ORDER BY n.sent_at DESC, n.key_id) AS sources
       FROM (SELECT DISTINCT ON (key_id) *, count(*) OVER (PARTITION BY key_id) AS times FROM day_closes d WHERE d.unit = s.unit AND d.day = s.day AND d.simulated = s.simulated ORDER BY key_id, id DESC) n
       LEFT JOIN ingest_keys k ON k.id = n.key_id) c
     ORDER BY s.day DESC, s.unit, s.simulated`, [within, period.from, period.to, open, limit]);
  return { total: found.rows[0]?.total ?? 0, days: found.rows.map((row) => closedDayOf(row, units)) };
}

function closedDayOf(row: Row, units: Units): ClosedDay {
  const ours = { received: row.received, resolved: row.resolved, pending: row.pending };
  const sources = row.sources.map((one) => {
    const theirs: ToldCounts = toldOf(one);
    return { key: one.key, name: one.name, at: new Date(one.at).toISOString(), theirs, differences: differences(ours, theirs), times: one.times };
  });
  const shown = sources.find((one) => farthest(one.differences) > 0) ?? sources[0];
  return {
    unit: row.unit, unitName: units.nameOf(row.unit), day: row.day, state: standing({ matches: row.matches, reopenedAt: row.reopened_at?.getTime() ?? null }), matches: row.matches,
    ours, theirs: shown?.theirs ?? {}, differences: shown?.differences ?? {}, closedAt: row.closed_at?.toISOString() ?? null, reopenedAt: row.reopened_at?.toISOString() ?? null,
    lateEvents: row.late_events, lateTotal: row.late_total, reopenings: row.reopenings, sources, simulated: row.simulated,
  };
}
