/**
 * How much moves within a zone: the share of its blocks that change from one picture to the next. No faces, no people, no
 * identities: a number between 0 and 1.
 */
import { ACROSS, BLOCKS, differences, DOWN, type Picture } from './measures.ts';

/** Corners in shares of the picture's width and height. */
export type Zone = readonly (readonly [number, number])[];

/** The blocks whose middle lies within the polygon. */
export function blocksWithin(zone: Zone): number[] {
  const inside: number[] = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    const [x, y] = [((block % ACROSS) + 0.5) / ACROSS, (Math.floor(block / ACROSS) + 0.5) / DOWN];
    let odd = false;
    for (let i = 0, j = zone.length - 1; i < zone.length; j = i, i += 1) {
      const [[ax, ay], [bx, by]] = [zone[i] ?? [0, 0], zone[j] ?? [0, 0]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    if (odd) inside.push(block);
  }
  return inside;
}

const CHANGED = 3;
/** Noise is what changes everywhere; beyond this it is no noise any more but a camera that shakes. */
const NOISIEST = 3.2;

/** Of each pair of pictures, how much each block changed: the same for every zone. */
export const changesOf = (pictures: readonly Picture[]): Float32Array[] => pictures.slice(1).map((picture, i) => differences(pictures[i] ?? picture, picture));

/** Mean over the pairs; null: fewer than two pictures, or no zone, or one smaller than a block. */
export function activityIn(changes: readonly Float32Array[], zone: Zone | null | undefined): number | null {
  const blocks = zone == null ? [] : blocksWithin(zone);
  if (blocks.length === 0 || changes.length === 0) return null;
  let sum = 0;
  for (const amounts of changes) {
    const noise = Math.min(NOISIEST, amounts.slice().sort()[BLOCKS >> 1] ?? 0);
    const limit = Math.max(CHANGED, 2.5 * noise);
    sum += blocks.filter((block) => (amounts[block] ?? 0) > limit).length / blocks.length;
  }
  return sum / changes.length;
}
