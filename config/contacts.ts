/** The people to call at a desk: config/contacts.csv. */
import type { Contact } from '#contract/search.ts';
import type { CsvRow } from './csvFile.ts';
import type { Report } from './yamlFile.ts';

export function contactsOf(rows: readonly CsvRow[], units: ReadonlySet<string>, name: string, report: Report): Contact[] {
  return rows.map(({ line, cells }) => {
    const cell = (column: string) => cells.get(column) ?? '';
    if (!units.has(cell('unit'))) report(`${name}:${line}:1`, `unit: «${cell('unit')}» is not in the unit tree`);
    if (cell('name') === '' || cell('name').length > 120) report(`${name}:${line}:1`, 'name: 1 to 120 characters');
    if (!/^\+?[\d .()-]{3,30}$/.test(cell('phone'))) report(`${name}:${line}:1`, `phone: «${cell('phone')}» is no number such as 0251 3822 501`);
    return { unit: cell('unit'), name: cell('name'), role: cell('role'), phone: cell('phone') };
  });
}
