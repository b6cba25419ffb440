/** How the console goes through its list while the list changes under it. */
import type { AlertRow } from '#contract/alert.ts';

type Ranked = Pick<AlertRow, 'id' | 'state' | 'severity'>;
/** The order in which the chosen alert still stood where it was chosen. */
export interface Walk { chosen: string | null; rank: string; order: readonly string[] }
export const NOWHERE: Walk = { chosen: null, rank: '', order: [] };

/** An acknowledged alert sinks, a resolved one leaves: the order before that is kept until another is chosen. */
export function follow(walk: Walk, chosen: string | null, list: readonly Ranked[]): Walk {
  const at = list.find((alert) => alert.id === chosen);
  const rank = at ? `${at.state === 'open' ? 'open' : 'seen'} ${at.severity}` : '';
  return walk.chosen === chosen && walk.rank !== '' && walk.rank !== rank ? walk : { chosen, rank, order: list.map((alert) => alert.id) };
}

/** The neighbour of the chosen alert that is still in the list; at the end it stays. Without a place to go on from, the first. */
export function along({ chosen, order }: Walk, list: readonly Ranked[], step: 1 | -1): string | null {
  const there = new Set(list.map((alert) => alert.id));
  const from = chosen === null ? -1 : order.indexOf(chosen);
  if (from < 0) return list[0]?.id ?? null;
  for (let i = from + step; i >= 0 && i < order.length; i += step) { const id = order[i]; if (id !== undefined && there.has(id)) return id; }
  return chosen !== null && there.has(chosen) ? chosen : list[0]?.id ?? null;
}

/** The worst among the open ones that were not there before; null: none. `before` is null until the state of the centre is known. */
export function newcomer(before: ReadonlySet<string> | null, now: readonly Ranked[]): AlertRow['severity'] | null {
  const fresh = before === null ? [] : now.filter((alert) => alert.state === 'open' && !before.has(alert.id));
  return (['critical', 'warning', 'notice'] as const).find((severity) => fresh.some((alert) => alert.severity === severity)) ?? null;
}
