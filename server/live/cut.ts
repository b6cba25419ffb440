/** What a watch sees of the live state, and what changed between two of them. Rows are compared by identity first. */
import type { AlertRow } from '#contract/alert.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { LiveState, Patch } from '#contract/live.ts';
import type { Topic } from '#contract/vocabulary.ts';

export interface Cut {
  scope: ReadonlySet<string>; units: readonly string[]; topics: readonly Topic[];
  /** The watched units and all under them. */
  under: ReadonlySet<string>;
}

/** What a screen can hold of one list; how many there are is told by the counts. */
export const ALERTS_OF_WATCH = 2_000;

type Rows = Record<string, unknown>;

/** The unit that a row belongs to; null for rows that everybody may see. */
function unitOf(topic: Topic, key: string, row: unknown): string | null {
  if (topic === 'kpis') return key.slice(key.indexOf(':') + 1);
  if (topic === 'queue') return key;
  if (topic === 'cameras') return (row as CameraRow).unit;
  if (topic === 'scenes') return (row as { unit?: string }).unit ?? null;
  return null;
}

/** `urgency`: the ids of the alerts, the most urgent first. */
export function cutOut(state: LiveState, cut: Cut, urgency: readonly string[]): Partial<LiveState> {
  const out: Partial<Record<Topic, Rows>> = {};
  for (const topic of cut.topics) {
    const rows: Rows = {};
    if (topic === 'alerts') { out[topic] = alertsOf(state, cut, urgency); continue; }
    for (const [key, row] of Object.entries(state[topic])) {
      const unit = unitOf(topic, key, row);
      if (unit === null) { rows[key] = row; continue; }
      if (!cut.under.has(unit) || !cut.scope.has(unit)) continue;
      // A total is sent to those who watch that very unit.
      if (topic === 'kpis' && key.startsWith('total:') && !cut.units.includes(unit)) continue;
      rows[key] = row;
    }
    out[topic] = rows;
  }
  return out as Partial<LiveState>;
}

function alertsOf({ alerts }: LiveState, cut: Cut, urgency: readonly string[]): Record<string, AlertRow> {
  const rows: Record<string, AlertRow> = {};
  let n = 0;
  for (const id of urgency) {
    const row = alerts[id];
    if (!row || !cut.under.has(row.unit) || !cut.scope.has(row.unit)) continue;
    rows[id] = row;
    if ((n += 1) >= ALERTS_OF_WATCH) break;
  }
  return rows;
}

export function changesBetween(before: Partial<LiveState>, after: Partial<LiveState>): Pick<Patch, 'set' | 'remove'> & { empty: boolean } {
  const set: Patch['set'] = {};
  const remove: Patch['remove'] = {};
  let empty = true;
  for (const topic of Object.keys(after) as Topic[]) {
    const old = (before[topic] ?? {}) as Rows;
    const now = (after[topic] ?? {}) as Rows;
    for (const [key, row] of Object.entries(now)) {
      if (old[key] === row) continue;
      if (old[key] !== undefined && JSON.stringify(old[key]) === JSON.stringify(row)) continue;
      (set[topic] ??= {})[key] = row;
      empty = false;
    }
    for (const key of Object.keys(old)) if (!Object.hasOwn(now, key)) { (remove[topic] ??= []).push(key); empty = false; }
  }
  return { set, remove, empty };
}
