/**
 * What is away, as outages: cause before symptom. When all cameras of a desk are away at once it is one outage of its
 * line, not one a camera; when its media node is away it is the node's. Pure: what is open and what is seen come in.
 */
import type { CameraRow } from '#contract/camera.ts';

export type Seen = Pick<CameraRow, 'id' | 'unit' | 'enabled' | 'state' | 'reason' | 'since' | 'simulated'>;
export type Kind = 'camera' | 'line' | 'node';
export interface Open { kind: Kind; unit: string; camera: string | null; beganAt: number }
export interface Opening extends Open { cameras: number; cause: string; simulated: boolean }
export interface Closing { outage: Open; at: number; as: 'back' | 'line' | 'removed' }

/** Reasons that a broken line gives. A wrong password or a refused path is the camera's own, however many have it. */
const OF_THE_LINE = new Set(['unreachable', 'no_packets', 'ended', 'unstable', 'refused', 'unknown']);

/** `lineEnded`: when the last outage of the line or the node of a unit ended; what is still away counts from there. */
export function judgeOutages(seen: readonly Seen[], open: readonly Open[], lineEnded: ReadonlyMap<string, number>, at: number, patienceMs: number): { opened: Opening[]; closed: Closing[] } {
  const opened: Opening[] = [];
  const closed: Closing[] = [];
  const byUnit = groupBy(seen);
  const living = (kind: Kind, unit: string, camera: string | null = null) => open.find((one) => one.kind === kind && one.unit === unit && one.camera === camera);

  for (const [unit, all] of byUnit) {
    const wanted = all.filter((one) => one.enabled);
    const away = wanted.filter((one) => isAway(one));
    const sinceOf = (one: Seen) => Math.max(Date.parse(one.since ?? ''), lineEnded.get(unit) ?? 0);
    const wide = (kind: 'line' | 'node', cause: string) => {
      const there = living(kind, unit);
      // Since all of them are: since the last one went.
      const began = Math.max(...away.map(sinceOf));
      if (!there && at - began >= patienceMs) opened.push({ kind, unit, camera: null, beganAt: began, cameras: away.length, cause, simulated: away.every((one) => one.simulated) });
      if (there || at - began >= patienceMs) for (const one of open) if (one.unit === unit && one.kind !== kind) closed.push({ outage: one, at, as: 'line' });
    };
    if (away.length > 0 && away.length === wanted.length && away.every((one) => one.reason === 'node_away')) { wide('node', 'node_away'); continue; }
    if (away.length > 1 && away.length === wanted.length && away.every((one) => OF_THE_LINE.has(one.reason ?? 'unknown'))) { wide('line', 'line'); continue; }

    // Somebody is back, or it was never all of them. Nobody judged yet (just started): nothing is known, nothing ends.
    const known = wanted.some((one) => isAway(one) || isThere(one));
    let ended: number | null = null;
    for (const kind of ['line', 'node'] as const) {
      const there = living(kind, unit);
      if (!there) continue;
      if (wanted.length === 0) { closed.push({ outage: there, at, as: 'removed' }); continue; }
      if (!known) continue;
      const back = wanted.filter(isThere).map((one) => Date.parse(one.since ?? '')).filter((one) => one >= there.beganAt && one <= at);
      ended = back.length > 0 ? Math.min(...back) : at;
      closed.push({ outage: there, at: ended, as: 'back' });
    }
    for (const one of away) {
      if (living('camera', unit, one.id)) continue;
      const began = Math.max(sinceOf(one), ended ?? 0);
      if (at - began >= patienceMs) opened.push({ kind: 'camera', unit, camera: one.id, beganAt: began, cameras: 1, cause: one.reason ?? 'unknown', simulated: one.simulated });
    }
  }
  for (const outage of open) {
    if (closed.some((one) => one.outage === outage)) continue;
    const all = byUnit.get(outage.unit) ?? [];
    if (outage.camera === null) { if (all.length === 0) closed.push({ outage, at, as: 'removed' }); continue; }
    const camera = all.find((one) => one.id === outage.camera);
    if (!camera || !camera.enabled) closed.push({ outage, at, as: 'removed' });
    else if (isThere(camera)) { const since = Date.parse(camera.since ?? ''); closed.push({ outage, at: since >= outage.beganAt && since <= at ? since : at, as: 'back' }); }
  }
  return { opened, closed };
}

/** Before a node has spoken of a camera, its `since` is not there: it is neither away nor there. */
const isAway = (one: Seen): boolean => (one.state === 'offline' || one.state === 'connecting') && one.since !== null;
const isThere = (one: Seen): boolean => one.state === 'online' || one.state === 'black' || one.state === 'frozen' || one.state === 'covered';

function groupBy(seen: readonly Seen[]): Map<string, Seen[]> {
  const groups = new Map<string, Seen[]>();
  for (const one of seen) groups.set(one.unit, [...groups.get(one.unit) ?? [], one]);
  return groups;
}
