/** Which unit a typed text means: by code, by name, by a part of it; accents are not needed. */
import { contains, plain } from '../design/plain.ts';

export interface NamedUnit { code: string; name: string; /** With the parent and the code: told apart from others of that name. */ label: string }
/** The units that a text may mean, by the narrowest way that finds any; when one only, it is that one. */
export function unitsMeant(units: readonly NamedUnit[], typed: string): readonly NamedUnit[] {
  const wanted = plain(typed.trim());
  if (wanted === '') return [];
  const ways: readonly ((unit: NamedUnit) => boolean)[] = [
    (unit) => plain(unit.code) === wanted, (unit) => plain(unit.label) === wanted, (unit) => plain(unit.name) === wanted,
    (unit) => plain(unit.name).includes(wanted), (unit) => plain(unit.label).includes(wanted), (unit) => contains(unit.label, wanted),
  ];
  for (const way of ways) {
    const found = units.filter(way);
    if (found.length > 0) return found;
  }
  return [];
}
