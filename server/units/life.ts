/** The life of a unit, as it is told to those who ask. */
import { dayText } from '#analytics/time/localDay.ts';
import type { Passing } from '#analytics/unit/history.ts';
import type { UnitLife } from '#contract/figures.ts';
import { dayOrNull, type LivingUnit, type Period, type Units } from './tree.ts';

export function lifeOf({ history }: Units, unit: LivingUnit): UnitLife {
  // Addressed by a day of its own life: a code alone would mean whoever bears it on the day that is asked about.
  const passing = ({ unit: other, on, weight, source }: Passing<Period>, day: number) => ({
    unit: `${other.code}@${dayText(day)}`, name: history.periodOn(other, day).name, validFrom: dayOrNull(other.from), validTo: dayOrNull(other.to), on: dayText(on), weight, source,
  });
  return {
    code: unit.code, name: history.periodOn(unit, unit.to).name, validFrom: dayOrNull(unit.from), validTo: dayOrNull(unit.to),
    periods: unit.periods.map(({ name, level, parent, validFrom, validTo }) => ({ name, level, parent, validFrom, validTo })),
    predecessors: history.predecessors(unit).map((one) => passing(one, one.on - 1)), successors: history.successors(unit).map((one) => passing(one, one.on)),
  };
}
