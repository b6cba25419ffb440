/** What the values of a column say of it. */
import { clockOf, instantOf } from '../instant.ts';
import { meaningOf } from './words.ts';
import type { ImportKind, Role } from './headings.ts';
import type { Names } from './names.ts';

export interface Known { units: Names; procedures: Names }
/** `rows`: the cells of the column, empty ones left out. */
export interface Column { index: number; title: string; values: readonly string[]; distinct: ReadonlyMap<string, number>; order: Order }
/** How many values can only be one order of day and month, how many could be both, how many are no such date. */
export interface Order { timed: number; serial: number; dmy: number; mdy: number; either: number; example: string | null; shortYear: number }

/** As many values as a judgement needs; the tables of values take all. */
const ENOUGH = 500;
const DMY = clockOf({ offset: '+07:00', dateOrder: 'dmy', serialDates: false });
const MDY = clockOf({ offset: '+07:00', dateOrder: 'mdy', serialDates: false });

export function columnOf(index: number, title: string, cells: readonly string[]): Column {
  const values = cells.filter((cell) => cell !== '');
  const distinct = new Map<string, number>();
  for (const value of values) if (distinct.size < 2_000 || distinct.has(value)) distinct.set(value, (distinct.get(value) ?? 0) + 1);
  return { index, title, values, distinct, order: orderOf(values.slice(0, ENOUGH)) };
}

function orderOf(values: readonly string[]): Order {
  const order: Order = { timed: 0, serial: 0, dmy: 0, mdy: 0, either: 0, example: null, shortYear: 0 };
  for (const value of values) {
    if (value.length > 60) continue;
    const [dmy, mdy] = [instantOf(value, DMY, '00:00'), instantOf(value, MDY, '00:00')];
    if (dmy !== null || mdy !== null) order.timed += 1;
    else if (isSerial(value)) order.serial += 1;
    else if (/^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(\D|$)/.test(value)) order.shortYear += 1;
    if (dmy !== null && mdy === null) order.dmy += 1;
    if (dmy === null && mdy !== null) order.mdy += 1;
    if (dmy !== null && mdy !== null && dmy !== mdy) { order.either += 1; order.example ??= value; }
  }
  return order;
}
/** Days since 1899-12-30 between 1990 and 2063: a date that a workbook shows without its format. */
const isSerial = (value: string) => /^\d{5}([.,]\d+)?$/.test(value) && Number(value.slice(0, 5)) > 32_800 && Number(value.slice(0, 5)) < 60_000;

/** 0..1: how well the values fit the role; null where the column is empty. */
export function fits(kind: ImportKind, role: Role, column: Column, known: Known): number | null {
  const some = column.values.slice(0, ENOUGH);
  if (some.length === 0) return null;
  const part = (test: (value: string) => boolean) => {
    const seen = new Map<string, boolean>();
    return some.filter((value) => { const is = seen.get(value) ?? test(value); seen.set(value, is); return is; }).length / some.length;
  };
  switch (role.shape) {
    case 'time': return Math.max(column.order.timed, column.order.serial) / some.length;
    case 'unit': return part((value) => known.units.has(value) || known.units.find(value).code !== null);
    case 'procedure': return part((value) => PROCEDURE.test(value) || known.procedures.find(value).code !== null);
    case 'code': return part((value) => /\d/.test(value) && value.length <= 60 && !/\s.*\s/.test(value));
    case 'word': case 'rating': case 'flag': return part((value) => meaningOf(kind, role.name, value) !== null);
    case 'text': return part((value) => value.length <= 80);
  }
}
export const PROCEDURE = /^\d\.\d{6}(?=$|\D)/;
/** H19.37.26-260105-0012: the code of the national portal. */
export const DOSSIER = /^[A-Z]\d{2}(\.\d{1,3}){1,5}-\d{6}-\d{3,6}$/;
