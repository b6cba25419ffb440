/** Walking on the map with the arrow keys: the next desk in a direction. */
export interface Spot { code: string; lat: number; lon: number }
export type Direction = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
const WAY: Record<Direction, [east: number, north: number]> = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
export const isDirection = (key: string): key is Direction => key in WAY;

/** The nearest within 45° of the direction, what lies aside counting double; stays where nothing is. */
export function nextSpot<T extends Spot>(spots: readonly T[], from: T, direction: Direction): T {
  const [east, north] = WAY[direction];
  let best = from;
  let least = Infinity;
  for (const spot of spots) {
    const along = (spot.lon - from.lon) * east + (spot.lat - from.lat) * north;
    const aside = Math.abs((spot.lon - from.lon) * north) + Math.abs((spot.lat - from.lat) * east);
    if (spot.code === from.code || along <= 0 || aside > along || along + 2 * aside >= least) continue;
    least = along + 2 * aside;
    best = spot;
  }
  return best;
}
