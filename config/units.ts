/**
 * The tree of units and who succeeded whom. A row is a period of a unit: the same code may stand several times, one period
 * after another. Refused: periods of one code that overlap, a parent that is not there on every day of a row, cycles on any
 * day, successors that are not there or do not take over everything.
 */
import { readCsv, type CsvRow } from './csvFile.ts';
import type { SuccessorEntry, UnitEntry } from './schema.ts';
import type { Report } from './yamlFile.ts';

interface File { path: string; name: string }
const COLUMNS = ['code', 'name', 'level', 'kind', 'parent', 'lat', 'lon'];
const ALWAYS = '0000-01-01';
const FOR_EVER = '9999-12-31';

type Row = UnitEntry & { line: number; from: string; to: string };

export function readUnits(units: File, successors: File | null, report: Report): { units: UnitEntry[]; successors: SuccessorEntry[] } {
  const rows = unitRows(readCsv(units.path, units.name, COLUMNS, report), units.name, report);
  checkPeriods(rows, units.name, report);
  checkParents(rows, units.name, report);
  const passed = successors === null ? [] : successorsOf(readCsv(successors.path, successors.name, ['from_code', 'on', 'to_code', 'weight', 'source'], report), rows, successors.name, report);
  return { units: rows.map(({ line: _line, from: _from, to: _to, ...unit }) => unit), successors: passed };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) === text;
}
function next(day: string, by: 1 | -1): string {
  if (day === FOR_EVER || day === ALWAYS) return day;
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
}

function unitRows(found: readonly CsvRow[], name: string, report: Report): Row[] {
  return found.flatMap(({ line, cells }): Row[] => {
    const cell = (column: string) => cells.get(column) ?? '';
    const code = cell('code');
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(code)) { report(`${name}:${line}:1`, `code: «${code}» is not a unit code`); return []; }
    const place = (column: string, limit: number) => {
      const value = cell(column);
      if (value === '') return null;
      if (!Number.isFinite(Number(value)) || Math.abs(Number(value)) > limit) report(`${name}:${line}:1`, `${column}: «${value}» is no coordinate`);
      return Number(value);
    };
    const day = (column: string) => {
      const value = cell(column);
      if (value === '') return null;
      if (isDay(value)) return value;
      report(`${name}:${line}:1`, `${column}: «${value}» is no date`);
      return null;
    };
    const [validFrom, validTo] = [day('valid_from'), day('valid_to')];
    if (validFrom !== null && validTo !== null && validTo < validFrom) { report(`${name}:${line}:1`, `valid_to: «${validTo}» lies before valid_from «${validFrom}»`); return []; }
    return [{ line, code, name: cell('name'), level: cell('level'), kind: cell('kind'), parent: cell('parent') || null, lat: place('lat', 90), lon: place('lon', 180), validFrom, validTo, from: validFrom ?? ALWAYS, to: validTo ?? FOR_EVER }];
  });
}

function byCode(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(row.code, [...(found.get(row.code) ?? []), row]);
  return found;
}

function checkPeriods(rows: readonly Row[], name: string, report: Report): void {
  for (const same of byCode(rows).values()) {
    same.forEach((row, i) => {
      const other = same.slice(0, i).find((before) => before.from <= row.to && row.from <= before.to);
      if (!other) return;
      const dated = [row.validFrom, row.validTo, other.validFrom, other.validTo].some((day) => day !== null);
      report(`${name}:${row.line}:1`, dated ? `valid_from: the period of «${row.code}» overlaps that of line ${other.line}` : `code: «${row.code}» stands here twice`);
    });
  }
}

function checkParents(rows: readonly Row[], name: string, report: Report): void {
  const all = byCode(rows);
  for (const row of rows) {
    if (row.parent === null) continue;
    const parents = [...(all.get(row.parent) ?? [])].sort((a, b) => (a.from < b.from ? -1 : 1));
    if (parents.length === 0) { report(`${name}:${row.line}:1`, `parent: «${row.parent}» of «${row.code}» is not in the tree`); continue; }
    // The first day of the row that no period of the parent covers.
    let day = row.from;
    let covered = false;
    for (const parent of parents) if (!covered && parent.from <= day && day <= parent.to) { covered = parent.to >= row.to; day = next(parent.to, 1); }
    if (!covered) report(`${name}:${row.line}:1`, `parent: «${row.parent}» of «${row.code}» is not there on ${day === ALWAYS ? 'the earliest days' : day}`);
  }
  // The tree changes only where a row begins: a cycle on any day is there on one of these.
  const told = new Set<Row>();
  for (const day of [...new Set(rows.map((row) => row.from))].sort()) {
    const then = new Map(rows.filter((row) => row.from <= day && day <= row.to).map((row) => [row.code, row]));
    for (const row of then.values()) {
      const seen = new Set<string>();
      for (let at: string | null = row.code; at !== null; at = then.get(at)?.parent ?? null) {
        // Who only leads into a cycle is no part of it, but no better off.
        if (seen.has(at)) { if (!told.has(row)) report(`${name}:${row.line}:1`, `parent: «${row.code}» is in a cycle${day === ALWAYS ? '' : ` on ${day}`}`); told.add(row); break; }
        seen.add(at);
      }
    }
  }
}

function successorsOf(found: readonly CsvRow[], rows: readonly Row[], name: string, report: Report): SuccessorEntry[] {
  const all = byCode(rows);
  const sums = new Map<string, { line: number; sum: number; from: string; on: string }>();
  const told = new Set<string>();
  const passed = found.flatMap(({ line, cells }): SuccessorEntry[] => {
    const cell = (column: string) => cells.get(column) ?? '';
    const [from, on, to, weight] = [cell('from_code'), cell('on'), cell('to_code'), Number(cell('weight'))];
    const refuse = (text: string): SuccessorEntry[] => { report(`${name}:${line}:1`, text); return []; };
    if (!isDay(on)) return refuse(`on: «${on}» is no date`);
    if (!all.has(from)) return refuse(`from_code: «${from}» is not in the tree`);
    if (!all.has(to)) return refuse(`to_code: «${to}» is not in the tree`);
    if (!all.get(from)?.some((row) => row.to === next(on, -1))) return refuse(`from_code: no period of «${from}» ends on ${next(on, -1)}, the day before «on»`);
    if (!all.get(to)?.some((row) => row.from <= on && on <= row.to)) return refuse(`to_code: «${to}» is not there on ${on}`);
    if (cell('weight') === '' || !(weight > 0 && weight <= 1)) return refuse(`weight: «${cell('weight')}» is no share above 0 and up to 1`);
    if (cell('source') === '') return refuse('source: who decided it must be named');
    const key = `${from} ${on}`;
    if (told.has(`${key} ${to}`)) return refuse(`to_code: «${to}» stands here twice for «${from}» on ${on}`);
    told.add(`${key} ${to}`);
    sums.set(key, { line, sum: (sums.get(key)?.sum ?? 0) + weight, from, on });
    return [{ from, on, to, weight, source: cell('source') }];
  });
  for (const { line, sum, from, on } of sums.values()) if (Math.abs(sum - 1) > 1e-6) report(`${name}:${line}:1`, `weight: the shares of «${from}» on ${on} sum to ${Number(sum.toFixed(6))}, not to 1`);
  return passed;
}
