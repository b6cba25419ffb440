/** What happened at a counter on one day, from the figures' own lists and the alerts: each leads to its minute. */
import type { AlertRow } from '#contract/alert.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { ExplainedItem } from '#contract/figures.ts';
import type { Explainable } from '#contract/vocabulary.ts';
import { ask, query, troubleOf, type Trouble } from '../api/request.ts';
import type { Mark } from '../design/shapes.ts';

export const HAPPENINGS = ['late', 'rating', 'alert', 'received', 'served'] as const;
export type HappeningKind = (typeof HAPPENINGS)[number];
export interface Happening { key: string; kind: HappeningKind; at: number; label: string; counter: string | null; rating: number | null; rule: AlertRow['rule'] | null; simulated: boolean }
export const MARK_OF: Record<HappeningKind, Mark> = { late: 'overdue', rating: 'due_soon', alert: 'not_reporting', received: 'in_order', served: 'no_data' };

const LISTS: readonly [HappeningKind, Explainable][] = [['late', 'resolvedLate'], ['rating', 'dissatisfied'], ['received', 'received'], ['served', 'served']];

/** `day` as `2026-11-20`. What no counter is known of happened somewhere at the desk, and is shown for each of its cameras. */
export async function happeningsAt(camera: CameraRow, day: string, start: number, signal: AbortSignal): Promise<{ found: Happening[]; trouble: Trouble | null }> {
  const [alerts, ...lists] = await Promise.all([
    ask<{ alerts: AlertRow[] }>('GET', `/alerts${query({ unit: camera.unit, state: 'all', from: new Date(start).toISOString(), to: new Date(start + 86_400_000).toISOString() })}`, undefined, signal),
    ...LISTS.map(([, name]) => ask<{ items: ExplainedItem[] }>('GET', `/kpis/${name}/explain${query({ unit: camera.unit, from: day, to: day, limit: 500 })}`, undefined, signal)),
  ]);
  const here = (unit: string, counter: string | null) => unit === camera.unit && (counter === null || camera.counter === null || counter === camera.counter);
  const found: Happening[] = [];
  lists.forEach((answer, i) => {
    const kind = LISTS[i]?.[0];
    if (answer.kind !== 'ok' || !kind) return;
    // A list of a unit holds those of the units under it too; a camera sees one desk.
    for (const item of answer.body.items) if (here(item.unit, item.counter)) found.push({ key: `${kind} ${item.id} ${item.at}`, kind, at: Date.parse(item.at), label: item.id, counter: item.counter, rating: item.rating, rule: null, simulated: item.simulated });
  });
  if (alerts.kind === 'ok') for (const alert of alerts.body.alerts) if (here(alert.unit, alert.counter)) found.push({ key: `alert ${alert.id}`, kind: 'alert', at: Date.parse(alert.at), label: alert.dossier ?? '', counter: alert.counter, rating: null, rule: alert.rule, simulated: alert.simulated });
  return { found: found.sort((a, b) => a.at - b.at), trouble: [alerts, ...lists].map(troubleOf).find((one) => one !== null) ?? null };
}
