/** Where somebody is at an instant of the loop: a list of places, with the time spent on the way and at each. */
import type { Facing } from './person.ts';

export interface Stop { x: number; y: number; /** Seconds spent here. */ stay: number; facing: Facing; pose: 'stand' | 'sit' }
export interface Whereabouts { x: number; y: number; facing: Facing; pose: 'stand' | 'walk' | 'sit'; phase: number; /** Seconds since arriving. */ since: number; stop: number }

/** Pixels a second at the front of the picture; farther away it is less. */
export interface Ground { speedAt: (y: number) => number }
const STRIDE = 7.2;

/** Null while not in the picture. */
export function whereabouts(stops: readonly Stop[], startsAt: number, time: number, loop: number, ground: Ground): Whereabouts | null {
  let left = ((time - startsAt) % loop + loop) % loop;
  for (const [index, stop] of stops.entries()) {
    if (left < stop.stay) return { x: stop.x, y: stop.y, facing: stop.facing, pose: stop.pose, phase: left, since: left, stop: index };
    left -= stop.stay;
    const next = stops[index + 1];
    if (next === undefined) return null;
    const [dx, dy] = [next.x - stop.x, next.y - stop.y];
    // Going away from the camera covers fewer pixels for the same way.
    const seconds = Math.hypot(dx, dy * 2.6) / ground.speedAt((stop.y + next.y) / 2);
    if (left < seconds) {
      const share = left / seconds;
      const facing: Facing = Math.abs(dx) > Math.abs(dy) * 1.2 ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'front' : 'back';
      return { x: stop.x + dx * share, y: stop.y + dy * share, facing, pose: 'walk', phase: left * STRIDE, since: left, stop: index };
    }
    left -= seconds;
  }
  return null;
}
