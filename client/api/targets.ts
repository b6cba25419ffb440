/** Targets: which one binds a unit, and whether it is met. */
import { shallowRef } from 'vue';
import type { TargetRow } from '#contract/figures.ts';
import { ask } from './request.ts';

const known = shallowRef<TargetRow[] | null>(null);
let asking: Promise<void> | null = null;

export function useTargets() {
  asking ??= ask<{ targets: TargetRow[] }>('GET', '/targets').then((answer) => { if (answer.kind === 'ok') known.value = answer.body.targets; else asking = null; });
  return known;
}

/** Where a level has no target of its own, the next below it that has one: the province answers for what is under it. */
const BORROWS: Readonly<Record<string, readonly string[]>> = { province: ['province', 'district', 'commune', 'department'], department: ['department'], district: ['district'], commune: ['commune'] };

/** The unit's own target before that of its level, the newest year not after `year`. */
export function targetFor(targets: readonly TargetRow[], indicator: string, level: string, unit: string, year: number): TargetRow | null {
  const usable = targets.filter((target) => target.indicator === indicator && target.year <= year && (target.unit === null || target.unit === unit));
  for (const wanted of BORROWS[level] ?? [level]) {
    const found = usable.filter((target) => target.level === wanted).sort((a, b) => Number(b.unit !== null) - Number(a.unit !== null) || b.year - a.year)[0];
    if (found) return found;
  }
  return null;
}

export function meets(value: number, target: Pick<TargetRow, 'operator' | 'value'>): boolean {
  switch (target.operator) {
    case '>=': return value >= target.value;
    case '>': return value > target.value;
    case '<=': return value <= target.value;
    case '<': return value < target.value;
  }
}
export const SIGN: Record<TargetRow['operator'], string> = { '>=': '≥', '>': '>', '<=': '≤', '<': '<' };
