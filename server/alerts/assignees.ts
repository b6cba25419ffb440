/** Whom an alert may be given to. */
import type { AccountName } from '#contract/alert.ts';
import type { Role } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

/** Enabled accounts within `scope` that see the unit and may act on alerts, those nearest to the unit first. */
export async function assigneesOf(database: Queryable, units: Units, unit: string, scope: ReadonlySet<string>, roles: readonly Role[]): Promise<AccountName[]> {
  const holders = [...units.tree.above(unit)].filter((one) => scope.has(one));
  const found = await database.query<{ username: string; unit: string }>(
    'SELECT username, unit FROM users WHERE enabled AND unit = ANY($1) AND roles && $2 ORDER BY array_position($1, unit), username', [holders, roles]);
  return found.rows.map((row) => ({ ...row, unitName: units.nameOf(row.unit) }));
}
