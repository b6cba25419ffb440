/**
 * The units: filled from config at start, kept in memory with their tree and their life (docs/design/units.md). `rows`,
 * `tree` and the scopes are those of today; where the configuration has no dates they are the same on every day.
 */
import { unitHistory, type Succession, type Unit, type UnitHistory, type UnitPeriod } from '#analytics/unit/history.ts';
import { unitTree, type UnitTree } from '#analytics/unit/tree.ts';
import { dayText, parseDay } from '#analytics/time/localDay.ts';
import type { UnitRow } from '#contract/figures.ts';
import type { Queryable } from '../database/pool.ts';

export interface UnitEntry { code: string; name: string; level: string; kind: string; parent: string | null; lat: number | null; lon: number | null; validFrom: string | null; validTo: string | null }
export interface SuccessorEntry { from: string; on: string; to: string; weight: number; source: string }
export type Period = UnitPeriod & UnitEntry;
export type LivingUnit = Unit<Period>;

export interface Units {
  /** The units of today. */
  readonly rows: readonly UnitRow[];
  /** Every code under that of today's unit that has its work: what a code reaches today. */
  readonly tree: UnitTree;
  readonly history: UnitHistory<Period>;
  today(): number;
  /** On that day; without one, what the code is or was last called. */
  nameOf(code: string, day?: number): string;
  /** The scope of an account: its unit, all under it, and those that became one of these. */
  scopeOf(unit: string): ReadonlySet<string>;
  /** Today's code of the unit that has the work of a code: itself, where it is there. */
  deskOf(code: string): string;
  /** The codes whose work this unit of today has, its own first. */
  codesOf(unit: string): readonly string[];
  rowsAt(day: number): UnitRow[];
  /** `code` is the unit of that code on the day; `code@2024-10-31` the one of that day, whatever day is asked about. Null: no such. */
  find(address: string, day: number): LivingUnit | null;
  /** How a unit is addressed by somebody who asks about this day. */
  addressOf(unit: LivingUnit, day: number): string;
  /** The code of today's unit under which all of a unit went on: who sees it sees all of that unit. */
  placeOf(unit: LivingUnit): string;
}

const dayOrEver = (text: string | null, otherwise: number) => (text === null ? otherwise : parseDay(text) ?? otherwise);
export const dayOrNull = (day: number): string | null => (Number.isFinite(day) ? dayText(day) : null);

/** The life of units as configured: a pure reading of the two tables. */
export function historyOf(units: readonly UnitEntry[], successors: readonly SuccessorEntry[]): UnitHistory<Period> {
  return unitHistory(
    units.map((unit): Period => ({ ...unit, from: dayOrEver(unit.validFrom, -Infinity), to: dayOrEver(unit.validTo, Infinity) })),
    successors.map((one): Succession => ({ ...one, on: dayOrEver(one.on, Infinity) })),
    (code, from) => (Number.isFinite(from) ? `${code}@${dayText(from)}` : code));
}

/** Units that the configuration no longer names stay: dossiers refer to them. */
export async function loadUnits(database: Queryable, configured: readonly UnitEntry[], successors: readonly SuccessorEntry[], today: () => number): Promise<Units> {
  await database.query(
    `INSERT INTO units (code, valid_from, valid_to, name, level, kind, parent, lat, lon)
     SELECT * FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[])
     ON CONFLICT (code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, name = excluded.name, level = excluded.level,
       kind = excluded.kind, parent = excluded.parent, lat = excluded.lat, lon = excluded.lon`,
    [configured.map((u) => u.code), configured.map((u) => u.validFrom ?? '-infinity'), configured.map((u) => u.validTo), configured.map((u) => u.name),
      configured.map((u) => u.level), configured.map((u) => u.kind), configured.map((u) => u.parent), configured.map((u) => u.lat), configured.map((u) => u.lon)]);
  // Of a code that the configuration names, only its periods of now hold: another tree may have been configured before.
  const found = await database.query<{ code: string; name: string; level: string; kind: string; parent: string | null; lat: number | null; lon: number | null; valid_from: string; valid_to: string | null }>(
    'SELECT code, name, level, kind, parent, lat, lon, valid_from::text, valid_to::text FROM units WHERE code <> ALL($1) OR (code, valid_from) IN (SELECT * FROM unnest($1::text[], $2::date[])) ORDER BY code, valid_from',
    [configured.map((u) => u.code), configured.map((u) => u.validFrom ?? '-infinity')]);
  const periods = found.rows.map((row): UnitEntry => ({
    code: row.code, name: row.name, level: row.level, kind: row.kind, parent: row.parent, lat: row.lat, lon: row.lon,
    validFrom: row.valid_from === '-infinity' ? null : row.valid_from, validTo: row.valid_to,
  }));
  return unitsOf(historyOf(periods, successors), today);
}

function unitsOf(history: UnitHistory<Period>, today: () => number): Units {
  const rowOf = (unit: LivingUnit, day: number): UnitRow => {
    const { name, level, kind, parent, lat, lon } = history.periodOn(unit, day);
    return { code: unit.code, name, level, kind, parent, lat, lon, validFrom: dayOrNull(unit.from), validTo: dayOrNull(unit.to) };
  };
  const rowsAt = (day: number) => history.codes.flatMap((code) => { const unit = history.alive(code, day); return unit ? [rowOf(unit, day)] : []; });
  /** What is of one day, made anew when the tree has changed since. */
  const of = (day: number) => {
    const owners = new Map(history.codes.map((code) => [code, history.owner(code, day) as LivingUnit]));
    const place = (unit: LivingUnit): string | null => {
      for (let at: LivingUnit | null = unit; at !== null; at = history.parentOn(at, day)) if (owners.get(at.code) === at) return at.code;
      return null;
    };
    const behind = new Map<string, string[]>();
    for (const [code, unit] of owners) if (code !== unit.code) behind.set(unit.code, [...(behind.get(unit.code) ?? []), code]);
    const codes = unitTree([...owners].map(([code, unit]) => {
      const above = unit.code === code ? history.parentOn(unit, day) : unit;
      return { code, parent: above && place(above) };
    }));
    return { rows: rowsAt(day), owners, place, behind, codes };
  };
  let held: { day: number; value: ReturnType<typeof of> } | null = null;
  const now = () => {
    const day = today();
    if (held === null || (held.day !== day && history.dated)) held = { day, value: of(day) };
    return held.value;
  };
  return {
    history, today, rowsAt,
    get rows() { return now().rows; },
    get tree() { return now().codes; },
    nameOf: (code, day = today()) => { const unit = history.named(code, day); return unit ? history.periodOn(unit, day).name : code; },
    scopeOf: (unit) => new Set(now().codes.under(unit)),
    deskOf: (code) => now().owners.get(code)?.code ?? code,
    codesOf: (unit) => [unit, ...(now().behind.get(unit) ?? [])],
    find(address, day) {
      const [code = '', on] = address.split('@', 2);
      if (on === undefined) return history.named(code, day);
      const then = parseDay(on);
      return then === null ? null : history.alive(code, then);
    },
    addressOf: (unit, day) => (history.named(unit.code, day) === unit ? unit.code : `${unit.code}@${dayText(Number.isFinite(unit.to) ? unit.to : unit.from)}`),
    placeOf(unit) {
      const day = today();
      const tree = history.treeOn(day);
      const [first = [], ...others] = history.heirs(unit, day).map((share) => [...tree.above(share.unit.key)]);
      const common = history.byKey(first.find((key) => others.every((path) => path.includes(key))) ?? '');
      return (common && now().place(common)) ?? unit.code;
    },
  };
}
