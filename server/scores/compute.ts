/** The score of a unit: each item evaluated as an indicator is, its points by the rule, summed by group and in all. */
import { targetFor } from '#analytics/kpi/target.ts';
import { bandOf, pointsOf, total } from '#analytics/score/points.ts';
import type { RuleSet, ScoringItem } from '#config/scoring.ts';
import type { TargetRow } from '#contract/figures.ts';
import type { Score, ScoreItem } from '#contract/scores.ts';
import type { Basis } from '../indicators/basis.ts';
import { evaluate, type Place } from '../indicators/evaluate.ts';
import type { Units } from '../units/tree.ts';

export type Computed = Pick<Score, 'points' | 'measurable' | 'band' | 'groups'>;
export interface Judged { level: string; year: number; targets: readonly TargetRow[] }

/** Those in force first: the version of each rule set on that day; else the last before it, else the first there is. */
export function ruleSetsFor(sets: readonly RuleSet[], day: string): { set: RuleSet; inForce: boolean }[] {
  return [...new Set(sets.map((set) => set.id))].flatMap((id) => {
    const own = sets.filter((set) => set.id === id).sort((a, b) => (a.effective.from < b.effective.from ? 1 : -1));
    const now = own.find((set) => set.effective.from <= day && (set.effective.to === null || day <= set.effective.to));
    const set = now ?? own.find((one) => one.effective.from <= day) ?? own[own.length - 1];
    return set ? [{ set, inForce: now !== undefined }] : [];
  }).sort((a, b) => Number(b.inForce) - Number(a.inForce) || b.set.max - a.set.max);
}

export function computeScore(set: RuleSet, basis: Basis, units: Pick<Units, 'rows' | 'nameOf'>, place: Place, { level, year, targets }: Judged): Computed {
  const groups = set.groups.map((group) => {
    const items = group.items.map((item) => itemOf(item, basis, units, place, targetFor(targets, item.measured, level, place.unit, year)?.value ?? null));
    return { id: group.id, name: group.name, max: items.reduce((sum, one) => sum + one.max, 0), ...total(items.filter((one) => one.max > 0)), items };
  });
  const all = total(groups.flatMap((group) => group.items.filter((one) => one.max > 0)));
  return { ...all, band: bandOf(set.bands, all.points, all.measurable, set.max)?.id ?? null, groups };
}

function itemOf(item: ScoringItem, basis: Basis, units: Pick<Units, 'rows' | 'nameOf'>, place: Place, target: number | null): ScoreItem {
  const { source } = item;
  const found = evaluate(basis, units, item.measured, 'share', source, place);
  const share = source.kind === 'share' ? source : null;
  return {
    id: item.id, name: item.name, note: item.note, unchecked: item.unchecked, formula: item.formula, max: item.max, points: item.max === 0 ? null : pointsOf(item.rule, item.max, found.value, target),
    value: found.value, of: found.of, in: found.in, state: found.state, aside: found.aside, rule: item.rule, measured: item.measured, source: source.kind, target: item.rule.kind === 'against_target' ? target : null,
    lists: { of: share?.of ?? [], minus: share?.minus ?? [], in: share?.in ?? [], rest: share?.rest ?? null, aside: share?.aside ?? null },
  };
}
