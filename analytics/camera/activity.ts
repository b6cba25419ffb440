/** What activity in a camera's zones says of a desk. Pure; shares between 0 and 1, the minutes those that were looked at. */

/** So many of the looks that belong into a span must be there before it says anything. */
const ENOUGH = 0.6;
const enough = (looks: number, minutes: number, everyMinutes: number): boolean => looks >= Math.max(2, Math.floor((minutes / everyMinutes) * ENOUGH));

/** Nobody moved at the counter in any look of the last `minutes`. Too few looks tell nothing. */
export function isUnattended(looks: readonly number[], limits: { minutes: number; everyMinutes: number; activity: number }): boolean {
  return enough(looks.length, limits.minutes, limits.everyMinutes) && looks.every((share) => share < limits.activity);
}

/** In every look of the last `minutes` more moved than `factor` times what is usual at this hour there. Without a usual (null) it is not said. */
export function isCrowd(looks: readonly number[], usual: number | null, limits: { minutes: number; everyMinutes: number; factor: number; atLeast: number }): boolean {
  if (usual === null || !enough(looks.length, limits.minutes, limits.everyMinutes)) return false;
  return looks.every((share) => share > Math.max(limits.atLeast, usual * limits.factor));
}
