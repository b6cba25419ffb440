/** Which entry of a rotation is on. Reckoned from the clock alone: screens go in step, and one that starts again goes on where it was. */
export interface RotationRule { seconds: number; from?: string | undefined; to?: string | undefined; days?: readonly number[] | undefined }
/** In the centre's zone: 1 is Monday, minutes since midnight. */
export interface WallTime { weekday: number; minute: number }

const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** `from` is included, `to` is not; a window over midnight belongs to the day on which it began. */
export function isOn(rule: RotationRule, { weekday, minute }: WallTime): boolean {
  const from = rule.from === undefined ? 0 : minutes(rule.from);
  const to = rule.to === undefined ? 1440 : minutes(rule.to);
  const day = (back: 0 | 1) => rule.days === undefined || rule.days.includes(((weekday - 1 - back + 7) % 7) + 1);
  if (from < to) return minute >= from && minute < to && day(0);
  return (minute >= from && day(0)) || (minute < to && day(1));
}

/** The index of the entry that is on at that second of the clock, and how many seconds it stays; null when none is on. */
export function entryAt(rules: readonly RotationRule[], time: WallTime, second: number): { index: number; left: number } | null {
  const on = rules.flatMap((rule, index) => (isOn(rule, time) ? [{ index, seconds: rule.seconds }] : []));
  const round = on.reduce((sum, one) => sum + one.seconds, 0);
  if (round <= 0) return null;
  let at = ((second % round) + round) % round;
  for (const { index, seconds } of on) { if (at < seconds) return { index, left: seconds - at }; at -= seconds; }
  return null;
}
