/**
 * What is held is deleted by nobody. As long as no orders are known (a first start, or kept orders that cannot be opened)
 * everything counts as held: better a full disk than evidence that is gone.
 */
import type { HeldRange } from '#contract/node.ts';

export interface Holds { set(ranges: readonly HeldRange[]): void; /** Held while somebody reads it; ends with the call of what is returned. */ pin(camera: string, from: number, to: number): () => void; covers(camera: string, span: { fromMs: number; toMs: number }): boolean }

export function holdsOf(): Holds {
  let byCamera: Map<string, HeldRange[]> | null = null;
  const pins = new Set<{ camera: string; from: number; to: number }>();
  return {
    pin(camera, from, to) {
      const pin = { camera, from, to };
      pins.add(pin);
      return () => { pins.delete(pin); };
    },
    set(ranges) {
      const fresh = new Map<string, HeldRange[]>();
      for (const range of ranges) fresh.set(range.camera, [...fresh.get(range.camera) ?? [], range]);
      byCamera = fresh;
    },
    /** A file that only touches the range is held as a whole. */
    covers(camera, { fromMs, toMs }) { 
      const touches = (range: { from: number; to: number }): boolean => toMs >= range.from && fromMs <= range.to;
      return byCamera === null || (byCamera.get(camera) ?? []).some(touches) || [...pins].some((pin) => pin.camera === camera && touches(pin));
    },
  };
}
