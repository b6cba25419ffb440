/** Which unit somebody asks about: a code alone means the unit of that code on the day that is asked about. */
import { parseDay } from '#analytics/time/localDay.ts';
import { Fault } from '#contract/faults.ts';
import { Refusal } from '../ingest/refusal.ts';
import type { LivingUnit, Units } from './tree.ts';

/** The parts of a query that tell the day: `to` or `at`; under the tree of now, and of the units of today with all their codes, it is today. */
export interface DayAsked { to?: unknown; at?: unknown; tree?: unknown }

export function dayAsked(units: Units, query: DayAsked): number {
  const told = query.tree === 'now' || query.tree === 'whole' ? undefined : query.to ?? query.at;
  return (typeof told === 'string' ? parseDay(told) : null) ?? units.today();
}
export function unitAsked(units: Units, address: string, query: DayAsked): LivingUnit {
  const unit = units.find(address, dayAsked(units, query));
  if (!unit) throw new Fault('not_found');
  return unit;
}
/** Today's code whose scope decides who sees the unit asked about; null when there is no such unit. `query` null: the code of today is meant. */
export function placeAsked(units: Units, address: string, query: DayAsked | null): string | null {
  if (!units.history.dated || query === null) return units.tree.has(address) ? address : null;
  const unit = units.find(address, dayAsked(units, query));
  return unit && units.placeOf(unit);
}

/** Why an event of that day may not name this unit; null when it may. What is already of a unit goes on with its code. */
export function notThen(units: Units, code: string, day: number): Refusal | null {
  try { unitThen(units, code, day); return null; } catch (error) { if (error instanceof Refusal) return error; throw error; }
}

/**
 * The code under which an event of that day is kept: the one it names while its unit is there, afterwards that of the one
 * unit that took over. Throws a Refusal where nobody, or more than one, could be meant.
 */
export function unitThen(units: Units, code: string, day: number): string {
  const { history } = units;
  if (!history.dated || history.alive(code, day)) return code;
  const unit = history.named(code, day);
  if (!unit) return code;
  if (unit.from > day) throw new Refusal('unit_not_valid_then', `unit "${code}" did not exist yet on the day of the event`);
  const heirs = history.heirs(unit, day);
  const [heir] = heirs;
  if (heirs.length === 1 && heir && heir.unit !== unit) return heir.unit.code;
  throw new Refusal('unit_not_valid_then', `unit "${code}" was no more on the day of the event${heirs.length > 1 ? `; name the one that took over: ${heirs.map((one) => one.unit.code).join(', ')}` : ''}`);
}
