/**
 * One source for one unit: its value, what stands above and below the line, and the rows behind it where these are not
 * dossiers. What nobody told has a state of its own and no value: it is never zero.
 */
import { amountWithin, aYearBefore, latestTouching } from '#analytics/indicator/reports.ts';
import { rate } from '#analytics/kpi/counters.ts';
import type { Indicator, IndicatorSource } from '#config/indicators.ts';
import type { Procedure } from '#config/schema.ts';
import type { IndicatorValue } from '#contract/indicators.ts';
import type { Countable, Counts } from '../figures/countLists.ts';
import type { Units } from '../units/tree.ts';
import type { Basis, ProcedureUse } from './basis.ts';

export interface Row { key: string; name: string; has: boolean | null; value: number | null; note: string | null }
export interface Evaluated extends Pick<IndicatorValue, 'value' | 'of' | 'in' | 'state' | 'reported' | 'reportedBelow' | 'aside'> { rows: readonly Row[] }
/** Whose: a unit of today, and the codes under it. */
export interface Place { unit: string; codes: readonly string[] }

const NONE: Evaluated = { value: null, of: null, in: null, state: 'nothing', reported: null, reportedBelow: 0, aside: null, rows: [] };
const share = (of: number, over: number, rows: readonly Row[] = []): Evaluated => ({ ...NONE, value: rate(of, over), of, in: over, state: over > 0 ? 'measured' : 'nothing', rows });
const plain = (key: string, name: string, has: boolean | null): Row => ({ key, name, has, value: null, note: null });

export function sumOf(counts: Counts, codes: readonly string[], names: readonly Countable[]): number {
  let sum = 0;
  for (const code of codes) { const own = counts.get(code); if (own) for (const name of names) sum += own.get(name) ?? 0; }
  return sum;
}

export function evaluate(basis: Basis, units: Pick<Units, 'rows' | 'nameOf'>, id: string, measure: Indicator['measure'], source: IndicatorSource, place: Place): Evaluated {
  const sum = (names: readonly Countable[]) => sumOf(basis.counts, place.codes, names);
  switch (source.kind) {
    case 'share': return source.known.length > 0 && sum(source.known) === 0 ? { ...NONE, state: sum(source.in) > 0 ? 'not_reported' : 'nothing' } : { ...share(Math.max(0, sum(source.of) - sum(source.minus)), sum(source.in)), aside: source.aside ? sum([source.aside]) : null };
    // Of a unit that sent nothing at all nobody knows how many there were.
    case 'count': { const of = sum(source.of); return of === 0 && !isHeard(basis, place) ? NONE : { ...NONE, value: of, of, state: 'measured' }; }
    case 'growth': return growth(basis, id, source.of, place);
    case 'procedures': return ofProcedures(basis, units, source, place);
    case 'units': return ofUnits(basis, units, source, place);
    case 'coverage': { const desks = desksOf(units, source.levels, place); return share(desks.filter((one) => basis.reporting.has(one.code)).length, desks.length, desks.map((one) => plain(one.code, one.name, basis.reporting.has(one.code)))); }
    case 'cameras': return ofCameras(basis, units, source, place);
    case 'handling': {
      const all = place.codes.flatMap((code) => basis.handling.get(code) ?? []);
      const cases = all.reduce((total, one) => total + one.cases, 0);
      return cases === 0 ? NONE : { ...NONE, value: all.reduce((total, one) => total + one.hours, 0) / cases, in: cases, state: 'measured' };
    }
    case 'reported': return reported(basis, units, id, measure, place);
  }
}

/** The units of today by their codes: looked up for each of thousands of units, made once for a tree. */
const byCode = new WeakMap<object, Map<string, Units['rows'][number]>>();
export function rowsByCode(rows: Units['rows']): Map<string, Units['rows'][number]> {
  let found = byCode.get(rows);
  if (!found) byCode.set(rows, (found = new Map(rows.map((row) => [row.code, row]))));
  return found;
}
const desksOf = (units: Pick<Units, 'rows'>, levels: readonly string[], place: Place) => { const rows = rowsByCode(units.rows); return place.codes.flatMap((code) => { const row = rows.get(code); return row && levels.includes(row.level) ? [row] : []; }); };
const reportsOf = (basis: Basis, id: string, place: Place) => { const reports = basis.reports.get(id); return reports ? place.codes.flatMap((code) => reports.get(code) ?? []) : []; };
const isHeard = (basis: Basis, place: Place) => place.codes.some((code) => basis.reporting.has(code));

function growth(basis: Basis, id: string, names: readonly Countable[], place: Place): Evaluated {
  const range = { from: basis.period.fromDay, to: basis.period.toDay };
  const reports = reportsOf(basis, id, place);
  const [told, toldThen] = [amountWithin(reports, range), amountWithin(reports, aYearBefore(range))];
  const now = sumOf(basis.counts, place.codes, names) + (told ?? 0);
  const then = sumOf(basis.before, place.codes, names) + (toldThen ?? 0);
  // Reported for one of the two and not for the other: the silence is no decrease.
  if (now === 0 && told === null) return { ...NONE, state: then > 0 ? 'not_reported' : 'nothing' };
  return { ...NONE, of: now, in: then, value: then > 0 ? (now - then) / then : null, state: then > 0 ? 'measured' : 'nothing' };
}

function ofProcedures(basis: Basis, units: Pick<Units, 'rows'>, source: Extract<IndicatorSource, { kind: 'procedures' }>, place: Place): Evaluated {
  const rowOf = rowsByCode(units.rows);
  const levels = new Set(place.codes.flatMap((code) => rowOf.get(code)?.level ?? []));
  const offered = (procedure: Procedure) => (procedure.online === null ? null : procedure.online !== 'none');
  const isAmong = (procedure: Procedure): boolean | null => (source.among === 'all' ? true : source.among === 'fee' ? procedure.feeRequired : source.among === 'full' ? (procedure.online === null ? null : procedure.online === 'full') : offered(procedure));
  const used = (procedure: Procedure, name: keyof ProcedureUse) => place.codes.some((code) => (basis.use.get(code)?.get(procedure.code)?.[name] ?? 0) > 0);
  const has = (procedure: Procedure): boolean | null => {
    if (isUse(source.having)) return used(procedure, source.having);
    switch (source.having) {
      case 'online': return offered(procedure);
      default: return procedure[source.having];
    }
  };
  const here = basis.procedures.filter((procedure) => procedure.levels.some((level) => levels.has(level)));
  const rows = here.filter((procedure) => isAmong(procedure) === true).map((procedure) => plain(procedure.code, procedure.name, has(procedure)));
  const known = rows.filter((row) => row.has !== null);
  if (here.length > 0 && (here.every((procedure) => isAmong(procedure) === null) || (rows.length > 0 && known.length === 0))) return { ...NONE, state: 'not_known', rows };
  if (isUse(source.having) && !isHeard(basis, place)) return { ...NONE, rows };
  return share(known.filter((row) => row.has).length, known.length, rows);
}
const isUse = (having: Extract<IndicatorSource, { kind: 'procedures' }>['having']): having is keyof ProcedureUse => having === 'received' || having === 'receivedOnline' || having === 'paidOnline';

function ofUnits(basis: Basis, units: Pick<Units, 'rows'>, source: Extract<IndicatorSource, { kind: 'units' }>, place: Place): Evaluated {
  const range = { from: basis.period.fromDay, to: basis.period.toDay };
  const reports = source.reported === null ? [] : reportsOf(basis, source.reported, place);
  const rows = desksOf(units, source.levels, place).map((unit): Row => {
    const own = reports.filter((report) => report.unit === unit.code);
    const told = latestTouching(own, range);
    const counted = source.having !== null && sumOf(basis.counts, [unit.code], [source.having]) > 0;
    return { key: unit.code, name: unit.name, has: counted || (told === null ? (source.having === null ? null : false) : told.value > 0), value: told?.value ?? null, note: told?.period ?? null };
  });
  // Where no unit has shown one, nor said that it has none, nobody has told.
  if (rows.length > 0 && !rows.some((row) => row.has === true || row.value !== null)) return { ...NONE, state: 'not_reported', rows: rows.map((row) => ({ ...row, has: null })) };
  // Who has not reported has not shown that it has it: all desks stand below the line, and the rows say who is silent.
  return share(rows.filter((row) => row.has).length, rows.length, rows);
}

function ofCameras(basis: Basis, units: Pick<Units, 'rows'>, source: Extract<IndicatorSource, { kind: 'cameras' }>, place: Place): Evaluated {
  const desks = desksOf(units, source.levels, place);
  if (source.what === 'connected' && !basis.period.isNow) {
    // Of a past period: a desk with a camera that was there at some time of it.
    if (!desks.some((one) => basis.uptime.has(one.code))) return { ...NONE, state: 'not_known' };
    const was = (code: string) => (basis.uptime.get(code)?.up ?? 0) > 0;
    return share(desks.filter((one) => was(one.code)).length, desks.length, desks.map((one) => plain(one.code, one.name, was(one.code))));
  }
  if (source.what === 'connected') return share(desks.filter((one) => basis.connected.has(one.code)).length, desks.length, desks.map((one) => plain(one.code, one.name, basis.connected.has(one.code))));
  const watched = desks.flatMap((desk) => { const time = basis.uptime.get(desk.code); return time && time.known > 0 ? [{ desk, ...time }] : []; });
  const known = watched.reduce((total, one) => total + one.known, 0);
  if (known === 0) return { ...NONE, state: 'not_known' };
  return { ...share(watched.reduce((total, one) => total + one.up, 0), known), rows: watched.map(({ desk, known: k, up }) => ({ key: desk.code, name: desk.name, has: null, value: up / k, note: null })) };
}

function reported(basis: Basis, units: Pick<Units, 'nameOf'>, id: string, measure: Indicator['measure'], place: Place): Evaluated {
  const range = { from: basis.period.fromDay, to: basis.period.toDay };
  const reports = reportsOf(basis, id, place);
  const rows = reports.map((report): Row => ({ key: `${report.unit} ${report.period}`, name: units.nameOf(report.unit), has: null, value: report.value, note: `${report.period} · ${report.source}` }));
  if (measure === 'count') {
    const value = amountWithin(reports, range);
    return { ...NONE, value, state: value === null ? 'not_reported' : 'measured', rows };
  }
  const told = latestTouching(reports.filter((report) => report.unit === place.unit), range);
  const below = new Set(reports.filter((report) => report.unit !== place.unit && latestTouching([report], range) !== null).map((report) => report.unit)).size;
  if (told === null) return { ...NONE, state: 'not_reported', reportedBelow: below, rows };
  // 97 is no share: whoever sent it meant a percentage or something else, and it must not give full marks.
  if (measure === 'share' && (told.value < 0 || told.value > 1)) return { ...NONE, state: 'not_known', reportedBelow: below, rows };
  return { ...NONE, value: told.value, state: 'measured', reported: { period: told.period, source: told.source, at: told.at.toISOString() }, reportedBelow: below, rows };
}
