/** What the pages about desks see of the live state: names, levels, desks, queues, alerts and cameras of the account's unit. */
import { computed } from 'vue';
import type { AlertRow } from '#contract/alert.ts';
import type { AlertRule } from '#contract/vocabulary.ts';
import type { UnitRow } from '#contract/figures.ts';
import type { AlertCounts, DeskRow, TotalRow } from '#contract/live.ts';
import type { Live } from '../live/connection.ts';

export function useProvince(live: Live, root: string) {
  const units = computed(() => new Map(live.units.value.map((unit) => [unit.code, unit])));
  const desks = computed(() => {
    const found = new Map<string, DeskRow>();
    for (const [key, row] of Object.entries(live.kpis.value)) if (key.startsWith('desk:')) found.set(key.slice(5), row as DeskRow);
    return found;
  });
  const children = computed(() => {
    const found = new Map<string, UnitRow[]>();
    for (const unit of live.units.value) if (unit.parent !== null) found.set(unit.parent, [...(found.get(unit.parent) ?? []), unit]);
    return found;
  });
  /** All that are not closed, also those that the list of the most urgent has no room for. */
  const alertCounts = computed(() => Object.entries(live.kpis.value).flatMap(([key, row]) => (key.startsWith('alerts:') ? [row as AlertCounts] : [])));
  return {
    units, desks, children, alertCounts,
    alertsInAll: (rules: readonly AlertRule[]) => alertCounts.value.reduce((sum, { byRule }) => sum + rules.reduce((of, rule) => of + (byRule[rule] ?? 0), 0), 0),
    total: computed(() => live.kpis.value[`total:${root}`] as TotalRow | undefined),
    nameOf: (code: string) => units.value.get(code)?.name ?? code,
    queues: computed(() => Object.values(live.queue.value)),
    alerts: computed(() => Object.values(live.alerts.value)),
    cameras: computed(() => Object.values(live.cameras.value).sort((a, b) => (a.id < b.id ? -1 : 1))),
  };
}
export type Province = ReturnType<typeof useProvince>;

const SEVERITY = { critical: 0, warning: 1, notice: 2 } as const;
/** Open before seen, critical before warning, newest first. */
export function byUrgency(a: AlertRow, b: AlertRow): number {
  return Number(a.state !== 'open') - Number(b.state !== 'open') || SEVERITY[a.severity] - SEVERITY[b.severity] || (a.openedAt < b.openedAt ? 1 : a.openedAt > b.openedAt ? -1 : 0);
}
/** The day that does not match (`26068/2026-03-02`), as the centre keeps days. */
export const dayOfAlert = (alert: AlertRow): string | null => (alert.rule === 'day_mismatch' ? alert.subject.split('/')[1] ?? null : null);
/** The address that shows the counter's recording from half a minute before a moment. */
export const recordingOf = (what: { unit: string; counter?: string | null; camera?: string | null; at: string }) => ({
  path: '/inspection',
  query: { ...(what.camera ? { camera: what.camera } : { unit: what.unit, ...(what.counter ? { counter: what.counter } : {}) }), at: new Date(Date.parse(what.at) - 30_000).toISOString() },
});
