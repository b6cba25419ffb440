/** Targets: which one binds a unit, and whether it is met. */
export type Operator = '>=' | '>' | '<=' | '<';
export interface Target { indicator: string; level: string; unit: string | null; year: number; operator: Operator; value: number }

/** Where a level has no target of its own, the next below it that has one: the province answers for what is under it. */
const BORROWS: Readonly<Record<string, readonly string[]>> = { province: ['province', 'district', 'commune', 'department'] };

/** The unit's own target before that of its level, the newest year not after `year`; null where none binds it. */
export function targetFor<T extends Target>(targets: readonly T[], indicator: string, level: string, unit: string, year: number): T | null {
  const usable = targets.filter((target) => target.indicator === indicator && target.year <= year && (target.unit === null || target.unit === unit));
  for (const wanted of BORROWS[level] ?? [level]) {
    const found = usable.filter((target) => target.level === wanted).sort((a, b) => Number(b.unit !== null) - Number(a.unit !== null) || b.year - a.year)[0];
    if (found) return found;
  }
  return null;
}

/** «> 98 %» is strict, as the documents write it. */
export function meets(value: number, target: Pick<Target, 'operator' | 'value'>): boolean {
  switch (target.operator) {
    case '>=': return value >= target.value;
    case '>': return value > target.value;
    case '<=': return value <= target.value;
    case '<': return value < target.value;
  }
}
