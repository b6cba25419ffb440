/** How old the picture is. Measured from the last word heard, by a clock that nobody sets. */

/** The heart-beat comes every two seconds; after this a picture is old. */
export const OLD_AFTER = 6_000;

/** Whole seconds since `heardAt`, or null while fresh (and before anything was heard). */
export function oldSeconds(heardAt: number | null, now: number): number | null {
  return heardAt === null || now - heardAt <= OLD_AFTER ? null : Math.round((now - heardAt) / 1000);
}

/** Tries again after 0.4 s, doubling to 3 s, each with up to half as much again by chance: walls do not come back in one wave. */
export function retryDelay(failures: number, chance: number): number {
  return Math.min(2_000, 400 * 2 ** Math.min(failures, 8)) * (1 + chance / 2);
}
