/** The grid of a scene: where tiles may lie. Imports nothing, so that the editor uses the same rules as the check. */
export const COLUMNS = 12;
export const ROWS = 8;

/** In cells, from the top left; `w` and `h` at least 1. */
export interface Place { x: number; y: number; w: number; h: number }

export const inGrid = ({ x, y, w, h }: Place): boolean => [x, y, w, h].every(Number.isInteger) && x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= COLUMNS && y + h <= ROWS;
export const overlap = (a: Place, b: Place): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** The places of the first two that lie over one another; null when none do. */
export function firstOverlap(places: readonly Place[]): [number, number] | null {
  for (let j = 1; j < places.length; j += 1) for (let i = 0; i < j; i += 1) { const [a, b] = [places[i], places[j]]; if (a && b && overlap(a, b)) return [i, j]; }
  return null;
}

/** The first free place of that size, row by row; smaller when there is none, null when the grid is full. */
export function roomFor(taken: readonly Place[], size: { w: number; h: number }): Place | null {
  for (let w = size.w, h = size.h; w >= 1 && h >= 1; w = Math.max(1, w - 1), h = Math.max(1, h - 1)) {
    for (let y = 0; y + h <= ROWS; y += 1) for (let x = 0; x + w <= COLUMNS; x += 1) { const place = { x, y, w, h }; if (!taken.some((one) => overlap(one, place))) return place; }
    if (w === 1 && h === 1) return null;
  }
  return null;
}

/** Moved and resized by whole cells, kept in the grid. */
export function moved(place: Place, by: { x?: number; y?: number; w?: number; h?: number }): Place {
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  const w = within(place.w + (by.w ?? 0), 1, COLUMNS - place.x);
  const h = within(place.h + (by.h ?? 0), 1, ROWS - place.y);
  return { x: within(place.x + (by.x ?? 0), 0, COLUMNS - w), y: within(place.y + (by.y ?? 0), 0, ROWS - h), w, h };
}
