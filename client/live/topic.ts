/** What a screen holds of the live state: a snapshot, then patches in their order. A gap is never passed over. */
import type { LiveState, Patch, Snapshot } from '#contract/live.ts';
import type { Topic } from '#contract/vocabulary.ts';

export interface Held { seq: number; asOf: string; state: LiveState }
export const NOTHING: LiveState = { kpis: {}, queue: {}, alerts: {}, cameras: {}, scenes: {} };

export function fromSnapshot(message: Snapshot): Held {
  return { seq: message.seq, asOf: message.asOf, state: { ...NOTHING, ...message.state } };
}

/** Null when a patch is missing before this one: ask for what was missed. An old patch changes nothing. */
export function applyPatch(held: Held, patch: Patch): Held | null {
  if (patch.seq <= held.seq) return held;
  if (patch.seq !== held.seq + 1) return null;
  const state = { ...held.state } as Record<Topic, Record<string, unknown>>;
  for (const topic of new Set([...Object.keys(patch.set), ...Object.keys(patch.remove)]) as Set<Topic>) {
    // Topics that did not change keep their object: what is computed from them is not computed again.
    const rows = { ...state[topic], ...patch.set[topic] };
    for (const key of patch.remove[topic] ?? []) Reflect.deleteProperty(rows, key);
    state[topic] = rows;
  }
  return { seq: patch.seq, asOf: patch.asOf, state: state as unknown as LiveState };
}
