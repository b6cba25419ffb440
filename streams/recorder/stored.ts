/** What lies on the disk, camera by camera, for the forecast of the centre. Reckoned once a minute: it walks the catalogue. */
import type { NodeReport } from '#contract/node.ts';
import type { Recorder } from './recorder.ts';

type Stored = NonNullable<NodeReport['storage']>['cameras'];
const EVERY_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;
const LEAST_MS = 600_000;

export function watchStored(recorder: Recorder, now: () => number): () => Stored {
  let kept: { at: number; stored: Stored } | null = null;
  const reckon = (at: number): Stored => recorder.catalogue.cameras().flatMap((camera) => {
    const segments = recorder.catalogue.between(camera, -Infinity, Infinity);
    const first = segments[0];
    if (first === undefined) return [];
    const recent = segments.filter((one) => one.fromMs >= at - WEEK_MS);
    const coveredMs = at - Math.max(at - WEEK_MS, first.fromMs);
    const sum = (list: readonly { bytes: number }[]): number => list.reduce((total, one) => total + one.bytes, 0);
    return [{
      camera, bytes: recorder.catalogue.bytes(camera), heldBytes: sum(segments.filter((one) => recorder.isHeld(camera, one))),
      perDay: coveredMs < LEAST_MS ? null : Math.round(sum(recent) / coveredMs * 86_400_000), from: new Date(first.fromMs).toISOString(),
    }];
  });
  return () => {
    const at = now();
    if (kept === null || Math.abs(at - kept.at) > EVERY_MS) kept = { at, stored: reckon(at) };
    return kept.stored;
  };
}
