/** The tree of units: the sum over the children and the unit itself is the sum of what lies under it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitTree, type TreeUnit } from '#analytics/unit/tree.ts';
import { units } from './shipped.ts';

/** Any forest: every unit hangs under one before it, or stands alone; then in any order. */
const forest = fc.array(fc.nat(), { minLength: 1, maxLength: 60 }).chain((picks) => {
  const made = picks.map((pick, i): TreeUnit => ({ code: `u${i}`, parent: i === 0 || pick % 7 === 0 ? null : `u${pick % i}` }));
  return fc.shuffledSubarray(made, { minLength: made.length, maxLength: made.length });
});
const value = (code: string) => [...code].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1009;
const sum = (codes: readonly string[]) => codes.reduce((total, code) => total + value(code), 0);

describe('any tree', () => {
  it('the sum over the children and the unit itself is that of the unit with all under it', () => fc.assert(fc.property(forest, (rows) => {
    const tree = unitTree(rows);
    for (const { code } of rows) {
      const children = tree.children(code);
      expect(value(code) + children.reduce((total, child) => total + sum(tree.under(child)), 0)).toBe(sum(tree.under(code)));
      // Nothing is counted twice.
      expect(new Set(tree.under(code)).size).toBe(tree.under(code).length);
      expect(tree.under(code).length).toBe(1 + children.reduce((total, child) => total + tree.under(child).length, 0));
    }
    const tops = rows.filter((unit) => unit.parent === null);
    expect(tops.flatMap((top) => tree.under(top.code)).sort()).toEqual(rows.map((unit) => unit.code).sort());
  })));
  it('above and under say the same', () => fc.assert(fc.property(forest, (rows) => {
    const tree = unitTree(rows);
    for (const { code, parent } of rows) {
      expect(tree.above(code)).toEqual(parent === null ? [code] : [code, ...tree.above(parent)]);
      for (const { code: other } of rows) expect(tree.isUnder(code, other)).toBe(tree.under(other).includes(code));
    }
  }), { numRuns: 50 }));
  it('knows nothing of what it was not told', () => {
    const tree = unitTree([{ code: 'a', parent: null }, { code: 'b', parent: 'gone' }]);
    expect([tree.has('x'), tree.under('x'), tree.above('x'), tree.children('x'), tree.isUnder('x', 'x'), tree.under('gone'), tree.has('constructor')]).toEqual([false, [], [], [], false, [], false]);
  });
  it('with a cycle, which the loader refuses, still answers', () => {
    const tree = unitTree([{ code: 'a', parent: 'b' }, { code: 'b', parent: 'a' }]);
    expect([[...tree.under('a')].sort(), tree.above('a').length]).toEqual([['a', 'b'], 64]);
  });
});

describe('the tree that ships', () => {
  it('hangs together under the province', () => {
    const tree = unitTree(units);
    expect([units.length, tree.under('75').length]).toEqual([182, 182]);
    expect(tree.children('75').reduce((total, child) => total + tree.under(child).length, 1)).toBe(182);
    const districts = units.filter((unit) => unit.level === 'district');
    expect([districts.length, districts.reduce((total, one) => total + tree.children(one.code).length, 0)]).toEqual([11, 159]);
  });
});
