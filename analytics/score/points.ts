/** From shares to points, groups and bands. What could not be measured gives no points and takes none: it is left out of both. */
export type Rule = { kind: 'proportional'; full: number } | { kind: 'steps' | 'against_target'; steps: readonly { at: number; points: number }[] };

/** Null: not measured. `target`: of the unit, for a rule that is measured against it; without one there is nothing to say. */
export function pointsOf(rule: Rule, max: number, value: number | null, target: number | null): number | null {
  if (value === null) return null;
  if (rule.kind === 'proportional') return Math.min(1, Math.max(0, value) / rule.full) * max;
  if (rule.kind === 'against_target' && (target === null || target <= 0)) return null;
  const reached = rule.kind === 'against_target' ? value / (target ?? 1) : value;
  // Shares are quotients of counts: 19/20 must reach a step at 0.95.
  return rule.steps.find((step) => reached >= step.at - 1e-9)?.points ?? 0;
}

export interface Scored { max: number; points: number | null }
/** `measurable`: the points that could be had of what was measured. */
export function total(items: readonly Scored[]): { points: number | null; measurable: number } {
  const measured = items.filter((item) => item.points !== null);
  return { points: measured.length === 0 ? null : measured.reduce((sum, item) => sum + (item.points ?? 0), 0), measurable: measured.reduce((sum, item) => sum + item.max, 0) };
}

/** The band is judged by the share of what could be measured, and not at all when that is less than half of the whole. */
export function bandOf<B extends { from: number }>(bands: readonly B[], points: number | null, measurable: number, max: number): B | null {
  if (points === null || measurable < max / 2) return null;
  const share = points / measurable;
  return [...bands].sort((a, b) => b.from - a.from).find((band) => share >= band.from - 1e-9) ?? null;
}

/** Places as the national portal gives them: equal scores share a place, the next one is left out (1, 2, 2, 4). Best first. */
export function places<T extends { score: number }>(rows: readonly T[]): (T & { place: number })[] {
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  return sorted.map((row) => ({ ...row, place: sorted.findIndex((other) => Math.abs(other.score - row.score) < 1e-9) + 1 }));
}
