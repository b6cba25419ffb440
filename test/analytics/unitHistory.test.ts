/** Units with a life: whatever happens to them, each figure belongs to one unit of each day, and to shares of today's that sum to 1. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitHistory, type UnitHistory, type UnitPeriod } from '#analytics/unit/history.ts';
import { byWeight, countedIn, openOn, total, type TreeOfFigures } from '#analytics/unit/reach.ts';
import { lives, type Lives } from '../support/unitLives.ts';

const keyOf = (code: string, from: number) => (from === -Infinity ? code : `${code}@${from}`);
const historyOf = ({ periods, successions }: Lives) => unitHistory(periods, successions, keyOf);
/** Something different for every code and day, also for days on which the code was nobody's. */
const value = (code: string, day: number) => ([...code].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) * 13 + day * 17) % 101;
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

function figure(history: UnitHistory<UnitPeriod>, key: string, tree: TreeOfFigures, from: number, to: number, today: number): number {
  const root = history.byKey(key);
  if (!root) throw new Error(key);
  return sum(countedIn({ history, root, tree, today }, from, to).flatMap((slice) => [...byWeight(slice)].flatMap(([weight, codes]) => codes.flatMap((code) => Array.from({ length: slice.last - slice.first + 1 }, (_, i) => value(code, slice.first + i) * weight)))));
}
const everything = (history: UnitHistory<UnitPeriod>, from: number, to: number) => sum(history.codes.flatMap((code) => Array.from({ length: to - from + 1 }, (_, i) => value(code, from + i))));
const rootsOf = (history: UnitHistory<UnitPeriod>, day: number) => { const tree = history.treeOn(day); return history.units.filter((unit) => tree.has(unit.key) && history.parentOn(unit, day) === null); };
const day = fc.integer({ min: 95, max: 400 });

describe('any tree with any life', () => {
  it('nothing is lost or doubled on any day, under the tree of the day', () => fc.assert(fc.property(lives, day, (made, at) => {
    const history = historyOf(made);
    const tree = history.treeOn(at);
    const own = (key: string) => sum(history.codes.filter((code) => history.owner(code, at)?.key === key).map((code) => value(code, at)));
    for (const unit of history.units.filter((one) => tree.has(one.key))) {
      expect(figure(history, unit.key, 'as_of_date', at, at, made.last)).toBe(own(unit.key) + sum(tree.children(unit.key).map((child) => figure(history, child, 'as_of_date', at, at, made.last))));
    }
    expect(sum(rootsOf(history, at).map((unit) => figure(history, unit.key, 'as_of_date', at, at, made.last)))).toBe(everything(history, at, at));
  }), { numRuns: 150 }));

  it('nothing is lost or doubled over any period, carried over to the tree of now', () => fc.assert(fc.property(lives, day, fc.nat({ max: 60 }), day, (made, from, length, today) => {
    const history = historyOf(made);
    const tree = history.treeOn(today);
    const of = (key: string) => figure(history, key, 'now', from, from + length, today);
    for (const unit of history.units.filter((one) => tree.has(one.key))) {
      const slices = countedIn({ history, root: unit, tree: 'now', today }, from, from + length);
      const own = sum(slices.flatMap((slice) => [...slice.shares].flatMap(([code, shares]) => shares.filter((share) => share.unit.key === unit.key).flatMap((share) => Array.from({ length: slice.last - slice.first + 1 }, (_, i) => value(code, slice.first + i) * share.weight)))));
      expect(of(unit.key)).toBeCloseTo(own + sum(tree.children(unit.key).map(of)), 6);
    }
    expect(sum(rootsOf(history, today).map((unit) => of(unit.key)))).toBeCloseTo(everything(history, from, from + length), 6);
  }), { numRuns: 100 }));

  it('a period is the sum of its days, and the units in it sum to the whole', () => fc.assert(fc.property(lives, day, fc.nat({ max: 60 }), fc.constantFrom<TreeOfFigures>('as_of_date', 'now'), (made, from, length, tree) => {
    const history = historyOf(made);
    for (const unit of history.units) {
      const days = Array.from({ length: length + 1 }, (_, i) => figure(history, unit.key, tree, from + i, from + i, made.last));
      expect(figure(history, unit.key, tree, from, from + length, made.last)).toBeCloseTo(sum(days), 6);
    }
  }), { numRuns: 60 }));

  it('what a code counted on a day of a life is that life’s: a code given again is another unit', () => fc.assert(fc.property(lives, day, (made, at) => {
    const history = historyOf(made);
    for (const unit of history.units) {
      const living = unit.from <= at && at <= unit.to;
      if (living) expect([history.owner(unit.code, at)?.key, history.named(unit.code, at)?.key, history.alive(unit.code, at)?.key]).toEqual([unit.key, unit.key, unit.key]);
      expect(history.units.filter((other) => other.code === unit.code && other.from <= at && at <= other.to).length).toBeLessThanOrEqual(1);
      // Outside its life a unit counts under the tree of the day only what nobody else of the code could have.
      if (!living && history.alive(unit.code, at)) expect(countedIn({ history, root: unit, tree: 'as_of_date', today: made.last }, at, at).every((slice) => !slice.shares.has(unit.code))).toBe(true);
    }
  }), { numRuns: 100 }));

  it('shares sum to 1 and are held by units that live, or that ended or begin without a successor', () => fc.assert(fc.property(lives, day, (made, at) => {
    const history = historyOf(made);
    for (const unit of history.units) {
      const shares = history.heirs(unit, at);
      expect(total(shares)).toBeCloseTo(1, 9);
      expect(shares.map((share) => share.unit.key)).toContain(history.principal(unit, at).key);
      for (const { unit: heir } of shares) expect(heir.to >= at || history.successors(heir).length === 0).toBe(true);
    }
  })));

  it('what is open is with one unit each day: the one that counts its end', () => fc.assert(fc.property(lives, day, fc.nat({ max: 80 }), (made, came, waits) => {
    const history = historyOf(made);
    const at = came + waits;
    for (const code of history.codes) {
      const holders = history.units.filter((unit) => history.treeOn(at).has(unit.key)).filter((unit) => openOn({ history, root: unit, tree: 'as_of_date', today: made.last }, at)
        .some((slice) => slice.first <= came && came <= slice.last && slice.shares.get(code)?.some((share) => share.unit.key === unit.key)));
      const owner = history.owner(code, came);
      expect(holders.map((unit) => unit.key)).toEqual(owner ? [history.principal(owner, at).key] : []);
    }
  }), { numRuns: 100 }));
});

describe('a code that was given to another unit on the day it was free', () => {
  // 26026 and 26014 became one, which took the code 26014; later it was split.
  const history = unitHistory([
    { code: '75', parent: null, from: -Infinity, to: Infinity },
    { code: '26014', parent: '75', from: -Infinity, to: 99 }, { code: '26026', parent: '75', from: -Infinity, to: 99 },
    { code: '26014', parent: '75', from: 100, to: 199 }, { code: '1', parent: '75', from: 200, to: Infinity }, { code: '2', parent: '75', from: 200, to: Infinity },
  ], [
    { from: '26014', on: 100, to: '26014', weight: 1, source: 'x' }, { from: '26026', on: 100, to: '26014', weight: 1, source: 'x' },
    { from: '26014', on: 200, to: '1', weight: 0.25, source: 'x' }, { from: '26014', on: 200, to: '2', weight: 0.75, source: 'x' },
  ], keyOf);
  it('makes two units', () => {
    expect(history.units.map((unit) => unit.key)).toEqual(['75', '26014', '26014@100', '26026', '1@200', '2@200']);
    expect([history.owner('26014', 99)?.key, history.owner('26014', 100)?.key, history.owner('26014', 200)?.key, history.named('26014', 200)?.key]).toEqual(['26014', '26014@100', '2@200', '26014@100']);
    expect([history.owner('26026', 150)?.key, history.owner('1', 5)?.key, history.owner('x', 5)]).toEqual(['26014@100', '1@200', null]);
  });
  it('is told by who became whom', () => {
    const old = history.byKey('26026');
    expect(old && history.heirs(old, 250).map((share) => [share.unit.code, share.weight])).toEqual([['1', 0.25], ['2', 0.75]]);
    expect(history.predecessors(history.byKey('26014@100') ?? history.units[0]!).map((one) => one.unit.key)).toEqual(['26014', '26026']);
  });
  it('without a succession, day on day, is the same unit under another parent', () => {
    const moved = unitHistory([{ code: 'a', parent: null, from: -Infinity, to: Infinity }, { code: 'b', parent: null, from: -Infinity, to: Infinity }, { code: 'c', parent: 'a', from: 1, to: 9 }, { code: 'c', parent: 'b', from: 10, to: 20 }], [], keyOf);
    expect(moved.units.map((unit) => [unit.key, unit.from, unit.to])).toEqual([['a', -Infinity, Infinity], ['b', -Infinity, Infinity], ['c@1', 1, 20]]);
    expect([moved.treeOn(9).above('c@1'), moved.treeOn(10).above('c@1')]).toEqual([['c@1', 'a'], ['c@1', 'b']]);
  });
});
