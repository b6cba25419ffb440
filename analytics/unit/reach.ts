/**
 * Which counters belong to a unit with all under it. `as_of_date`: each day under the tree as it stood on that day. `now`:
 * the units of each day carried over to those of today, split ones by their shares, under the tree of today.
 */
import type { Share, Unit, UnitHistory, UnitPeriod } from './history.ts';

export type TreeOfFigures = 'as_of_date' | 'now';
/** Over these days (both included) what the codes counted belongs to these units, by these shares. */
export interface Slice<P extends UnitPeriod = UnitPeriod> { first: number; last: number; shares: ReadonlyMap<string, readonly Share<P>[]> }
interface Asked<P extends UnitPeriod> { history: UnitHistory<P>; root: Unit<P>; tree: TreeOfFigures; today: number }

function within<P extends UnitPeriod>({ history, root, tree, today }: Asked<P>, owner: Unit<P>, day: number): Share<P>[] {
  const shares = tree === 'now' ? history.heirs(owner, today) : [{ unit: owner, weight: 1 }];
  const under = history.treeOn(tree === 'now' ? today : day);
  return shares.filter((share) => under.isUnder(share.unit.key, root.key));
}

/** What was counted by day: a slice for each stretch of the tree that lies in the period. */
export function countedIn<P extends UnitPeriod>(asked: Asked<P>, from: number, to: number): Slice<P>[] {
  const { history } = asked;
  return history.changes.flatMap((start, i) => {
    const first = Math.max(start, from);
    const last = Math.min((history.changes[i + 1] ?? Infinity) - 1, to);
    if (first > last) return [];
    const shares = new Map<string, Share<P>[]>();
    for (const code of history.codes) {
      const owner = history.owner(code, first);
      const found = owner ? within(asked, owner, first) : [];
      if (found.length > 0) shares.set(code, found);
    }
    return [{ first, last, shares }];
  });
}

/**
 * What is open on a day, by the day on which it came in (the days of a slice): an open dossier keeps the code under which
 * it came, and is with that unit's main successor. Codes of which that day makes no difference stand in a slice of all days.
 */
export function openOn<P extends UnitPeriod>(asked: Asked<P>, day: number): Slice<P>[] {
  const { history } = asked;
  const starts = history.changes.filter((start) => start <= day);
  const always = new Map<string, Share<P>[]>();
  const slices = starts.map((start, i) => ({ first: start, last: (starts[i + 1] ?? Infinity) - 1, shares: new Map<string, Share<P>[]>() }));
  for (const code of history.codes) {
    const found = starts.map((start) => { const owner = history.owner(code, start); return owner ? within(asked, history.principal(owner, day), day) : []; });
    const told = found.map((shares) => shares.map((share) => `${share.unit.key} ${share.weight}`).join());
    if (told.every((one) => one === told[0])) { if (found[0] && found[0].length > 0) always.set(code, found[0]); continue; }
    found.forEach((shares, i) => { if (shares.length > 0) slices[i]?.shares.set(code, shares); });
  }
  return [{ first: -Infinity, last: Infinity, shares: always }, ...slices].filter((slice) => slice.shares.size > 0);
}

export const total = (shares: readonly Share[]): number => shares.reduce((sum, share) => sum + share.weight, 0);
/** The codes of a slice by the share of them that is counted; 1 is told as 1. */
export function byWeight(slice: Slice): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const [code, shares] of slice.shares) {
    const sum = total(shares);
    const weight = Math.abs(sum - 1) < 1e-9 ? 1 : sum;
    found.set(weight, [...(found.get(weight) ?? []), code]);
  }
  return found;
}
