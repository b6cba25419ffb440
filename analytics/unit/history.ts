/**
 * Units with a life. A *period* is a row of the configuration: a code with its name and parent over some days. A *unit* is
 * what periods of one code make up that follow one another day on day, until a succession is told: a unit that is renamed
 * or put under another parent stays the same; a code that is given to another unit, or a unit whose area changes hands,
 * makes two. Codes are therefore asked together with a day. All days are local days; both ends of a life are included.
 *
 * Everything stays answerable for days outside a life, so that no figure is lost: what a code counted after its unit's end
 * is its main successor's (the largest share, the first told of equals); without a successor, or before the first unit of
 * the code began, it is the nearest unit's of that code.
 */
import { unitTree, type UnitTree } from './tree.ts';

export interface UnitPeriod { code: string; parent: string | null; /** -Infinity: from always. */ from: number; /** Infinity: for ever. */ to: number }
/** On the day `on` the share `weight` of the unit that `from` named until the day before passed to the unit that `to` names. */
export interface Succession { from: string; on: number; to: string; weight: number; source: string }
/** `key`: code@first day, with the day left out where there is none. */
export interface Unit<P extends UnitPeriod = UnitPeriod> { readonly key: string; readonly code: string; readonly from: number; readonly to: number; readonly periods: readonly P[] }
export interface Share<P extends UnitPeriod = UnitPeriod> { unit: Unit<P>; weight: number }
export interface Passing<P extends UnitPeriod = UnitPeriod> extends Share<P> { on: number; source: string }

export interface UnitHistory<P extends UnitPeriod = UnitPeriod> {
  readonly units: readonly Unit<P>[];
  readonly codes: readonly string[];
  /** False: one tree, the same on every day. */
  readonly dated: boolean;
  /** The first days of the stretches in which nothing changes, from -Infinity on. */
  readonly changes: readonly number[];
  /** The unit that bears the code on that day. */
  alive(code: string, day: number): Unit<P> | null;
  /** The unit that a reader means by the code on that day: the living one, else the last before, else the first after. */
  named(code: string, day: number): Unit<P> | null;
  /** The unit to which belongs what the code counted on that day; null for a code that was never there. */
  owner(code: string, day: number): Unit<P> | null;
  /** The one unit that goes on with the open work of another. */
  principal(unit: Unit<P>, day: number): Unit<P>;
  /** The units that go on with the open work of what the code named on that day, by code, each from its first day on. */
  holders(code: string, day: number): readonly { code: string; from: number }[];
  /** Which shares of a unit have passed to which units by that day; they sum to 1. */
  heirs(unit: Unit<P>, day: number): readonly Share<P>[];
  predecessors(unit: Unit<P>): readonly Passing<P>[];
  successors(unit: Unit<P>): readonly Passing<P>[];
  /** The period in force, or the nearest. */
  periodOn(unit: Unit<P>, day: number): P;
  parentOn(unit: Unit<P>, day: number): Unit<P> | null;
  /** The tree of that day over the keys of units. Units that passed on as a whole are not in it; others outside their life are. */
  treeOn(day: number): UnitTree;
  byKey(key: string): Unit<P> | undefined;
}

export function unitHistory<P extends UnitPeriod>(periods: readonly P[], successions: readonly Succession[], keyOf: (code: string, from: number) => string): UnitHistory<P> {
  const broken = new Set(successions.map((one) => `${one.from}\n${one.on}`));
  const ofCode = new Map<string, Unit<P>[]>();
  for (const period of [...periods].sort((a, b) => (a.from === b.from ? 0 : a.from < b.from ? -1 : 1))) {
    const before = ofCode.get(period.code) ?? [];
    const last = before[before.length - 1];
    if (last && last.to + 1 === period.from && !broken.has(`${period.code}\n${period.from}`)) before[before.length - 1] = { ...last, to: period.to, periods: [...last.periods, period] };
    else before.push({ key: keyOf(period.code, period.from), code: period.code, from: period.from, to: period.to, periods: [period] });
    ofCode.set(period.code, before);
  }
  const units = [...ofCode.values()].flat();
  const keys = new Map(units.map((unit) => [unit.key, unit]));
  const alive = (code: string, day: number) => ofCode.get(code)?.find((unit) => unit.from <= day && day <= unit.to) ?? null;
  const after = new Map<string, Passing<P>[]>();
  const before = new Map<string, Passing<P>[]>();
  for (const { from, on, to, weight, source } of successions) {
    const old = alive(from, on - 1);
    const heir = alive(to, on);
    if (!old || !heir || old.to !== on - 1) continue;
    after.set(old.key, [...(after.get(old.key) ?? []), { unit: heir, weight, on, source }]);
    before.set(heir.key, [...(before.get(heir.key) ?? []), { unit: old, weight, on, source }]);
  }
  const changes = [...new Set([-Infinity, ...units.flatMap((unit) => unit.periods.flatMap((period) => [period.from, period.to + 1])).filter(Number.isFinite)])].sort((a, b) => a - b);
  const stretch = (day: number) => { let at = changes.length - 1; while (at > 0 && (changes[at] ?? 0) > day) at -= 1; return at; };

  const named = (code: string, day: number) => {
    const all = ofCode.get(code);
    return all ? alive(code, day) ?? all.findLast((unit) => unit.to < day) ?? all[0] ?? null : null;
  };
  // A successor lives on the day after its predecessor's end: each step goes forward in time, so these end.
  const principal = (unit: Unit<P>, day: number): Unit<P> => {
    const next = unit.to < day ? after.get(unit.key)?.reduce((best, one) => (one.weight > best.weight ? one : best)) : undefined;
    return next ? principal(next.unit, day) : unit;
  };
  const chains = new Map<string, { code: string; from: number }[]>();
  const holders = (code: string, day: number) => {
    const first = owner(code, day);
    if (!first) return [{ code, from: -Infinity }];
    let chain = chains.get(first.key);
    if (!chain) {
      chain = [{ code: first.code, from: -Infinity }];
      for (let at = first, next = principal(at, at.to + 1); next !== at; at = next, next = principal(at, at.to + 1)) chain.push({ code: next.code, from: at.to + 1 });
      chains.set(first.key, chain);
    }
    return chain;
  };
  const heirs = (unit: Unit<P>, day: number): readonly Share<P>[] => {
    const next = unit.to < day ? after.get(unit.key) : undefined;
    if (!next) return [{ unit, weight: 1 }];
    const sums = new Map<string, Share<P>>();
    for (const { unit: heir, weight } of next) for (const share of heirs(heir, day)) sums.set(share.unit.key, { unit: share.unit, weight: (sums.get(share.unit.key)?.weight ?? 0) + weight * share.weight });
    // A split whose parts were joined again is whole again, to the last digit.
    return [...sums.values()].map(({ unit: heir, weight }) => ({ unit: heir, weight: Math.abs(weight - 1) < 1e-9 ? 1 : weight }));
  };
  const owner = (code: string, day: number) => { const unit = named(code, day); return unit && principal(unit, day); };
  const periodOn = (unit: Unit<P>, day: number): P => (unit.periods.findLast((period) => period.from <= day) ?? unit.periods[0]) as P;
  const parentOn = (unit: Unit<P>, day: number) => {
    const { parent } = periodOn(unit, day);
    const found = parent === null ? null : owner(parent, day);
    return found === unit ? null : found;
  };
  const trees = new Map<number, UnitTree>();
  return {
    units, codes: [...ofCode.keys()], dated: changes.length > 1, changes, alive, named, owner, principal, holders, heirs, periodOn, parentOn,
    predecessors: (unit) => before.get(unit.key) ?? [], successors: (unit) => after.get(unit.key) ?? [], byKey: (key) => keys.get(key),
    treeOn(day) {
      const at = stretch(day);
      let tree = trees.get(at);
      if (!tree) {
        const start = changes[at] ?? -Infinity;
        const there = units.filter((unit) => unit.to >= start || !after.has(unit.key));
        trees.set(at, (tree = unitTree(there.map((unit) => ({ code: unit.key, parent: parentOn(unit, start)?.key ?? null })))));
      }
      return tree;
    },
  };
}
