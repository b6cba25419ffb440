/** Adds a difference of contributions to the counter rows, in the caller's transaction. */
import { COUNTERS, type Contribution, type Counter } from '#analytics/kpi/counters.ts';
import { dayText } from '#analytics/time/localDay.ts';
import { arrayText } from '../database/arrayText.ts';
import type { Queryable } from '../database/pool.ts';
import type { Counted } from '../deadlines/reckoned.ts';

/** `month`: the whole again, on the first day of its month, so that a year is a dozen rows of a unit. */
export const DIMENSION = { all: 0, procedure: 1, channel: 2, month: 3 } as const;
/** Added to a dimension: what the deadlines as first reported count more or less than those as corrected (docs/design/deadlines.md). */
export const REPORTED = 10;

/** `receivedOnline` → `received_online`, quoted because of `left`. */
export const columnOf = (counter: Counter): string => `"${counter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}"`;

const COLUMNS = COUNTERS.map(columnOf);
const PLACE = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Record<Counter, number>;
const EMPTY = COUNTERS.map(() => 0);
/** Only the counters that something is added to: a kind of data knows a few of them, and each costs as much as another. */
const statementOf = (table: string, columns: readonly string[]): string => `
  INSERT INTO ${table} AS c (unit, day, dimension, key, simulated, ${columns.join(', ')})
  SELECT * FROM unnest($1::text[], $2::date[], $3::smallint[], $4::text[], $5::boolean[], ${columns.map((_, i) => `$${i + 6}::bigint[]`).join(', ')})
  ON CONFLICT (unit, day, dimension, key, simulated) DO UPDATE SET ${columns.map((column) => `${column} = c.${column} + excluded.${column}`).join(', ')}`;

interface CounterRow { unit: string; day: string; dimension: number; key: string; simulated: boolean; values: number[] }

/** One contribution becomes a row of the whole, one of its month, one of its procedure and one of its channel. */
export function counterRows(parts: readonly Counted[]): CounterRow[] {
  const rows = new Map<string, CounterRow>();
  const days = new Map<number, string>();
  const add = (part: Counted, day: string, of: number, key: string) => {
    const dimension = part.reported ? of + REPORTED : of;
    // No code of a unit, a procedure or a channel holds a control character.
    const place = `${part.unit}\n${day}\n${dimension}\n${key}\n${part.simulated}`;
    let row = rows.get(place);
    if (!row) rows.set(place, (row = { unit: part.unit, day, dimension, key, simulated: part.simulated, values: EMPTY.slice() }));
    for (const name in part.counts) { const at = PLACE[name as Counter]; row.values[at] = (row.values[at] ?? 0) + (part.counts[name as Counter] ?? 0); }
  };
  for (const part of parts) {
    let day = days.get(part.day);
    if (day === undefined) days.set(part.day, (day = dayText(part.day)));
    add(part, day, DIMENSION.all, '');
    add(part, `${day.slice(0, 7)}-01`, DIMENSION.month, '');
    if (part.procedure !== null) add(part, day, DIMENSION.procedure, part.procedure);
    if (part.channel !== null) add(part, day, DIMENSION.channel, part.channel);
  }
  // In one order everywhere, so that two transactions that touch the same rows wait instead of dead-locking.
  return [...rows].filter(([, row]) => row.values.some((value) => value !== 0)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** `table`: another than the counters themselves where they are only compared. */
export function applyCounters(connection: Queryable, parts: readonly (Contribution & { simulated: boolean })[], table: 'counter_days' | 'recounted' = 'counter_days'): Promise<unknown> {
  const rows = counterRows(parts);
  if (rows.length === 0) return Promise.resolve();
  const used = COUNTERS.map((_, i) => i).filter((i) => rows.some((row) => row.values[i] !== 0));
  return connection.query(statementOf(table, used.map((i) => COLUMNS[i] as string)), [
    arrayText(rows.map((row) => row.unit)), arrayText(rows.map((row) => row.day)), arrayText(rows.map((row) => row.dimension)), arrayText(rows.map((row) => row.key)), arrayText(rows.map((row) => String(row.simulated))),
    ...used.map((i) => arrayText(rows.map((row) => row.values[i] ?? 0))),
  ]);
}
