/** Laws of recordings that lie on several nodes: nothing twice, nothing hidden, the node that had the camera counts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedParts, ownerAt, partsToAsk, type NodeSpan, type Owner } from '#analytics/recording/parts.ts';

const node = fc.constantFrom('a', 'b', 'c');
const segments = fc.array(fc.record({ node, starts: fc.integer({ min: 0, max: 100 }), length: fc.integer({ min: 1, max: 20 }) }), { maxLength: 25 }).map((all) => all.map(({ node: of, starts, length }) => ({ node: of, starts, ends: starts + length })));
const owners = fc.tuple(node, fc.uniqueArray(fc.record({ node, since: fc.integer({ min: 0, max: 100 }) }), { maxLength: 5, selector: (one) => one.since }))
  .map(([first, rest]): Owner[] => [{ node: first, since: -Infinity }, ...[...rest].sort((a, b) => a.since - b.since)]);
const covers = (all: readonly NodeSpan[], at: number) => all.filter((one) => one.starts <= at && at < one.ends);
const moments = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

describe('recordings of one camera on several nodes', () => {
  it('each moment that was recorded is there once, by a node that has it, and by the owner where it has it', () => {
    fc.assert(fc.property(segments, owners, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), (all, had, from, length) => {
      const parts = countedParts(all, had, from, from + length);
      for (const at of moments(from, from + length)) {
        const [shown, ...twice] = covers(parts, at);
        const there = covers(all, at).map((one) => one.node);
        expect(twice).toEqual([]);
        expect(shown === undefined).toBe(there.length === 0);
        if (shown === undefined) continue;
        expect(there).toContain(shown.node);
        if (there.includes(ownerAt(had, at) ?? '')) expect(shown.node).toBe(ownerAt(had, at));
      }
      expect(parts.every((one, i) => one.starts >= from && one.ends <= from + length && one.starts < one.ends && one.starts >= (parts[i - 1]?.ends ?? from))).toBe(true);
    }), { numRuns: 500 });
  });
  it('does not depend on the order in which segments are told', () => {
    fc.assert(fc.property(segments.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), owners, ([all, shuffled], had) => {
      expect(countedParts(shuffled, had, 0, 120)).toEqual(countedParts(all, had, 0, 120));
    }));
  });
  it('is asked for whole, without overlap, each recorded moment of the node that counts', () => {
    fc.assert(fc.property(segments, owners, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), (all, had, from, length) => {
      const [parts, asked] = [countedParts(all, had, from, from + length), partsToAsk(all, had, from, from + length)];
      for (const at of moments(from, from + length)) {
        const whom = covers(asked, at);
        expect(whom).toHaveLength(1);
        expect(whom[0]?.node).toBe(covers(parts, at)[0]?.node ?? ownerAt(had, at));
      }
    }), { numRuns: 500 });
  });
  it('of one node alone is one question', () => {
    expect(partsToAsk([{ node: 'a', starts: 10, ends: 20 }, { node: 'a', starts: 40, ends: 50 }], [{ node: 'a', since: -Infinity }], 0, 100)).toEqual([{ node: 'a', starts: 0, ends: 100 }]);
  });
});
