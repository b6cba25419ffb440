/** How areas are coloured: by the state of the desk, or in five steps of one colour by a figure. */
import type { DeskRow, QueueRow } from '#contract/live.ts';
import type { MapColour } from '#contract/vocabulary.ts';

export const STEPS = 5;
/** Null: nothing is known, which is not zero. */
export function valueOf(colour: Exclude<MapColour, 'state'>, desk: DeskRow | undefined, queue: QueueRow | undefined): number | null {
  if (colour === 'waiting') return queue?.waiting ?? null;
  if (desk === undefined || desk.state === 'no_data') return null;
  return desk[colour];
}
export const isShare = (colour: MapColour): boolean => colour === 'onTimeRate' || colour === 'satisfiedRate';

export interface Scale { /** The least value of each step. */ from: number[]; most: number }
/** Steps of equally many desks, each with another least value; null where nothing is known. */
export function scaleOf(values: readonly (number | null)[]): Scale | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const [least, most] = [known[0], known.at(-1)];
  if (least === undefined || most === undefined) return null;
  const from = [...new Set(Array.from({ length: STEPS }, (_, i) => known[Math.floor((i * known.length) / STEPS)] ?? least))];
  return { from, most };
}
/** 0 … 4, the higher the more; of fewer steps the outermost, so that most and least are always told apart. */
export function stepOf(value: number, { from }: Scale): number {
  const at = from.findLastIndex((least) => value >= least);
  return from.length === 1 ? 0 : Math.round((Math.max(0, at) * (STEPS - 1)) / (from.length - 1));
}
