/**
 * The live state of the whole centre, kept in memory and refreshed where something changed: desks and queues of the
 * touched units at once, totals of watched units at most once a second, what depends on the clock every ten seconds.
 */
import { dayText, type Zone } from '#analytics/time/localDay.ts';
import { isWorking, type WorkingCalendar } from '#analytics/time/workingCalendar.ts';
import type { AlertRow } from '#contract/alert.ts';
import type { SceneMark, ScreenRow } from '#contract/scene.ts';
import type { AlertCounts, DemoRow, DeskRow, LiveState, QueueRow, TotalRow } from '#contract/live.ts';
import type { DeskState } from '#contract/vocabulary.ts';
import type { Rhythms } from '../coverage/rhythms.ts';
import { getKpis, unitCoverage, unitFigures, type FigureParts } from '../figures/getKpis.ts';
import { periodOf, today } from '../figures/period.ts';

export interface LiveStateKeeper {
  readonly state: LiveState;
  refreshDesks(units: readonly string[]): Promise<void>;
  /** `slow`: also yesterday, month, year and trend. */
  refreshTotals(units: Iterable<string>, slow: boolean): Promise<void>;
  putCameras(rows: LiveState['cameras']): void;
  putAlerts(rows: readonly AlertRow[], counts: ReadonlyMap<string, AlertCounts>): void;
  /** The ids of the alerts, the most urgent first. */
  urgency(): readonly string[];
  setDemo(row: DemoRow | null): void;
  setScreens(rows: readonly ScreenRow[]): void;
  setScenes(marks: readonly SceneMark[]): void;
  isSimulated(): boolean;
}

export interface LiveParts { figures: FigureParts; calendar: WorkingCalendar; zone: Zone; now: () => Date; rhythms: Rhythms; expectedWait: (unit: string) => number | null }

interface DeskSql extends Record<string, unknown> {
  unit: string; pending: number; overdue: number; due_soon: number; paused: number; received_today: number; resolved_today: number;
  resolved30: number; kept30: number; responses30: number; satisfied30: number; last_event_at: Date | null; simulated: boolean | null;
}

const DESK_SUMS = ['pending', 'overdue', 'due_soon', 'paused', 'received_today', 'resolved_today', 'resolved30', 'kept30', 'responses30', 'satisfied30'] as const;

export function keepLiveState({ figures, calendar, zone, now, rhythms, expectedWait }: LiveParts): LiveStateKeeper {
  const { database, soonUntil } = figures;
  const state: LiveState = { kpis: {}, queue: {}, alerts: {}, cameras: {}, scenes: {} };
  let simulated = false;
  let urgency: readonly string[] = [];

  /** A row that says the same stays the same object: comparing is then for nothing. */
  function put(rows: Record<string, unknown>, key: string, row: unknown): void {
    if (JSON.stringify(rows[key]) !== JSON.stringify(row)) rows[key] = row;
  }

  /** These rows and no others, among those whose key begins so. */
  function putAll(target: Record<string, unknown>, rows: ReadonlyMap<string, unknown>, prefix: string): void {
    for (const [key, row] of rows) put(target, key, row);
    for (const key of Object.keys(target)) if (key.startsWith(prefix) && !rows.has(key)) Reflect.deleteProperty(target, key);
  }

  function deskState(row: DeskSql, at: Date): DeskState {
    if (row.last_event_at === null) return 'no_data';
    const silent = isWorking(calendar, zone, row.unit, at.getTime()) && rhythms.silence({ unit: row.unit, lastEventAt: row.last_event_at.toISOString(), simulated: false }, at)?.silent;
    if (silent) return 'not_reporting';
    if (row.overdue > 0) return 'overdue';
    return row.due_soon > 0 ? 'due_soon' : 'in_order';
  }

  /** Former units have no desk of their own: what they left open is told with the desk that has it now. */
  function byDesk(rows: readonly DeskSql[]): DeskSql[] {
    if (!figures.units.history.dated) return [...rows];
    const desks = new Map<string, DeskSql>();
    for (const row of rows) {
      const unit = figures.units.deskOf(row.unit);
      const sum = desks.get(unit);
      if (!sum) { desks.set(unit, { ...row, unit }); continue; }
      for (const name of DESK_SUMS) sum[name] += row[name];
      if (row.last_event_at !== null && (sum.last_event_at === null || row.last_event_at > sum.last_event_at)) sum.last_event_at = row.last_event_at;
      sum.simulated = row.simulated === null ? sum.simulated : (sum.simulated ?? false) || row.simulated;
    }
    return [...desks.values()];
  }

  async function refreshDesks(touched: readonly string[]): Promise<void> {
    const { units: all } = figures;
    const units = all.history.dated ? [...new Set(touched.flatMap((unit) => all.codesOf(all.deskOf(unit))))] : touched;
    const at = now();
    const day = today(zone, at);
    const desks = await database.query<DeskSql>(
      `SELECT u.unit, coalesce(d.pending, 0) AS pending, coalesce(d.overdue, 0) AS overdue, coalesce(d.due_soon, 0) AS due_soon, coalesce(d.paused, 0) AS paused,
         coalesce(c.received_today, 0) AS received_today, coalesce(c.resolved_today, 0) AS resolved_today, coalesce(c.resolved30, 0) AS resolved30, coalesce(c.kept30, 0) AS kept30,
         coalesce(c.responses30, 0) AS responses30, coalesce(c.satisfied30, 0) AS satisfied30, a.last_event_at, coalesce(c.simulated, a.simulated) AS simulated
       FROM unnest($1::text[]) AS u(unit)
       LEFT JOIN (SELECT unit, count(*) AS pending, count(*) FILTER (WHERE paused_since IS NULL AND due_at < $2) AS overdue,
                    count(*) FILTER (WHERE paused_since IS NULL AND due_at >= $2 AND due_at <= $3) AS due_soon, count(*) FILTER (WHERE paused_since IS NOT NULL) AS paused
                  FROM dossiers WHERE unit = ANY($1) AND closed_at IS NULL AND received_at IS NOT NULL GROUP BY unit) d USING (unit)
       LEFT JOIN (SELECT unit, sum(received) FILTER (WHERE day = $4) AS received_today, sum(resolved) FILTER (WHERE day = $4) AS resolved_today, sum(resolved) AS resolved30,
                    sum(resolved_early + resolved_on_time) AS kept30, sum(responses) AS responses30, sum(satisfied) AS satisfied30, bool_or(simulated) AS simulated
                  FROM counter_days WHERE unit = ANY($1) AND day BETWEEN $5 AND $4 AND dimension = 0 GROUP BY unit) c USING (unit)
       LEFT JOIN unit_activity a USING (unit)`,
      [units, at, soonUntil(at), dayText(day), dayText(day - 29)]);
    const there = all.history.dated ? new Set(all.rows.map((unit) => unit.code)) : null;
    if (there) for (const key of Object.keys(state.kpis)) if (key.startsWith('desk:') && !there.has(key.slice(5))) Reflect.deleteProperty(state.kpis, key);
    for (const row of byDesk(desks.rows)) {
      if (there && !there.has(row.unit)) continue;
      if (row.simulated) simulated = true;
      const desk: DeskRow = {
        unit: row.unit, state: deskState(row, at), pending: row.pending, overdue: row.overdue, dueSoon: row.due_soon, paused: row.paused,
        receivedToday: row.received_today, resolvedToday: row.resolved_today, resolved30: row.resolved30, responses30: row.responses30,
        onTimeRate: row.resolved30 > 0 ? row.kept30 / row.resolved30 : null, satisfiedRate: row.responses30 > 0 ? row.satisfied30 / row.responses30 : null,
        lastEventAt: row.last_event_at?.toISOString() ?? null, simulated: row.simulated ?? false,
      };
      put(state.kpis, `desk:${row.unit}`, desk);
    }
    await refreshQueues(units, at, day);
  }

  async function refreshQueues(units: readonly string[], at: Date, day: number): Promise<void> {
    const queues = await database.query<{ unit: string; waiting: number; oldest: Date | null; served: number; no_show: number; average: number | null; p90: number | null; counters: number; last: Date | null; simulated: boolean }>(
      `SELECT unit, count(*) FILTER (WHERE waited_until IS NULL AND issued_at <= $3) AS waiting, min(issued_at) FILTER (WHERE waited_until IS NULL AND issued_at <= $3) AS oldest,
         count(served_at) AS served, count(*) FILTER (WHERE no_show_at IS NOT NULL AND served_at IS NULL) AS no_show,
         percentile_cont(0.9) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM waited_until - issued_at))) FILTER (WHERE waited_until IS NOT NULL AND issued_at IS NOT NULL) AS p90, avg(extract(epoch FROM greatest(waited_until, issued_at) - issued_at)) FILTER (WHERE waited_until IS NOT NULL)::float8 AS average,
         count(DISTINCT counter) FILTER (WHERE called_at IS NOT NULL AND last_at > $3::timestamptz - interval '30 minutes') AS counters, max(last_at) AS last, bool_or(simulated) AS simulated
       FROM tickets WHERE day = $2 AND unit = ANY($1) GROUP BY unit`, [units, dayText(day), at]);
    const found = new Map(queues.rows.map((row) => [row.unit, row]));
    for (const unit of units) {
      const row = found.get(unit);
      // A desk without tickets today has no queue to show; yesterday's is over.
      if (!row) { Reflect.deleteProperty(state.queue, unit); continue; }
      const queue: QueueRow = {
        unit, waiting: row.waiting, longestWaitSeconds: row.oldest ? Math.max(0, Math.round((at.getTime() - row.oldest.getTime()) / 1000)) : null, servedToday: row.served,
        averageWaitSeconds: row.average === null ? null : Math.round(row.average), p90WaitSeconds: row.p90 === null ? null : Math.round(row.p90), noShowToday: row.no_show, openCounters: row.counters, expectedWaitSeconds: expectedWait(unit), lastEventAt: row.last?.toISOString() ?? null, simulated: row.simulated,
      };
      put(state.queue, unit, queue);
    }
  }

  async function totalOf(unit: string, slow: boolean): Promise<void> {
    const at = now();
    const day = today(zone, at);
    const over = (from: number, to: number) => periodOf(dayText(from), dayText(to), zone, at);
    const todayPeriod = over(day, day);
    const key = `total:${unit}`;
    const old = state.kpis[key] as TotalRow | undefined;
    const [todayFigures, coverage] = await Promise.all([unitFigures(figures, unit, todayPeriod), unitCoverage(figures, unit, todayPeriod)]);
    const rest = old && !slow ? { month: old.month, year: old.year, yesterday: old.yesterday, trend: old.trend } : await slowPart(unit, day, at);
    if (coverage.simulated) simulated = true;
    const total: TotalRow = { unit, today: todayFigures, ...rest, coverage: { reporting: coverage.reporting, expected: coverage.expected }, simulated: coverage.simulated };
    put(state.kpis, key, total);
  }

  async function slowPart(unit: string, day: number, at: Date): Promise<Pick<TotalRow, 'month' | 'year' | 'yesterday' | 'trend'>> {
    const text = dayText(day);
    const period = (from: string, to: string) => periodOf(from, to, zone, at);
    const [month, year, yesterday, trend] = await Promise.all([
      unitFigures(figures, unit, period(`${text.slice(0, 7)}-01`, text)), unitFigures(figures, unit, period(`${text.slice(0, 4)}-01-01`, text)),
      unitFigures(figures, unit, period(dayText(day - 1), dayText(day - 1))), getKpis(figures, unit, period(dayText(day - 29), text), 'day'),
    ]);
    const byDay = new Map((trend.rows ?? []).map((row) => [row.key, row]));
    return {
      month, year, yesterday,
      trend: Array.from({ length: 30 }, (_, i) => {
        const key = dayText(day - 29 + i);
        const row = byDay.get(key);
        return { day: key, received: row?.dossiers.received ?? null, resolved: row?.dossiers.resolved ?? null, onTimeRate: row?.dossiers.onTimeRate ?? null, satisfiedRate: row?.satisfaction.satisfiedRate ?? null, responses: row?.satisfaction.responses ?? null };
      }),
    };
  }

  return {
    state, refreshDesks,
    async refreshTotals(units, slow) { for (const unit of units) await totalOf(unit, slow); },
    putCameras(rows) { putAll(state.cameras, new Map(Object.entries(rows)), ''); },
    putAlerts(rows, counts) {
      urgency = rows.map((row) => row.id);
      putAll(state.alerts, new Map(rows.map((row) => [row.id, row])), '');
      putAll(state.kpis, new Map([...counts].map(([unit, row]) => [`alerts:${unit}`, row])), 'alerts:');
    },
    urgency: () => urgency,
    setScreens(rows) { putAll(state.scenes, new Map(rows.map((row) => [`screen:${row.id}`, row])), 'screen:'); },
    setScenes(marks) { putAll(state.scenes, new Map(marks.map((mark) => [`scene:${mark.id}`, mark])), 'scene:'); },
    setDemo(row) { if (row) put(state.scenes, 'demo', row); else Reflect.deleteProperty(state.scenes, 'demo'); },
    isSimulated: () => simulated,
  };
}
