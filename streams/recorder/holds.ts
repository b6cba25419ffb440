/**
 * What is held is deleted by nobody. As long as no orders are known (a first start, or kept orders that cannot be opened)
 * everything counts as held: better a full disk than evidence that is gone.
 */
import type { HeldRange } from '#contract/node.ts';

export interface Holds { set(ranges: readonly HeldRange[]): void; covers(camera: string, span: { fromMs: number; toMs: number }): boolean }

export function holdsOf(): Holds {
  let byCamera: Map<string, HeldRange[]> | null = null;
  return {
    set(ranges) {
      const fresh = new Map<string, HeldRange[]>();
      for (const range of ranges) fresh.set(range.camera, [...fresh.get(range.camera) ?? [], range]);
      byCamera = fresh;
    },
    /** A file that only touches the range is held as a whole. */
    covers(camera, { fromMs, toMs }) { return byCamera === null || (byCamera.get(camera) ?? []).some((range) => toMs >= range.from && fromMs <= range.to); },
  };
}
