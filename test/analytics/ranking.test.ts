import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rank, wilson } from '#analytics/kpi/ranking.ts';

describe('the interval of a share', () => {
  it.each([
    // Reference values of the Wilson score interval without continuity correction.
    [81 / 263, 263, 0.2553, 0.3662], [15 / 148, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.883, 1], [0.5, 10, 0.2366, 0.7634],
  ])('of %f over %i', (share, volume, low, high) => {
    const found = wilson(share, volume);
    expect(found?.low).toBeCloseTo(low, 3);
    expect(found?.high).toBeCloseTo(high, 3);
  });
  it('of nothing is none', () => { expect(wilson(0, 0)).toBeNull(); });
  it('holds the share, stays within 0..1 and narrows with the volume', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (volume, part) => {
      const share = Math.round(part * volume) / volume;
      const found = wilson(share, volume);
      const more = wilson(share, volume * 4);
      if (!found || !more) return false;
      return found.low >= 0 && found.high <= 1 && found.low <= share + 1e-12 && found.high >= share - 1e-12 && more.high - more.low <= found.high - found.low + 1e-12;
    }));
  });
});

describe('a ranking', () => {
  const row = (key: string, hits: number, volume: number) => ({ key, share: volume === 0 ? null : hits / volume, volume });
  it('puts much evidence above little, and too little last without a rank', () => {
    expect(rank([row('few', 3, 3), row('sure', 995, 1_000), row('new', 30, 30), row('silent', 0, 0), row('bad', 50, 100)]).map((one) => [one.key, one.rank])).toEqual([['sure', 1], ['new', 2], ['bad', 3], ['few', null], ['silent', null]]);
  });
  it('shares a rank between equals', () => { expect(rank([row('a', 90, 100), row('b', 90, 100), row('c', 80, 100)]).map((one) => one.rank)).toEqual([1, 1, 3]); });
  it('turns round where less is better', () => { expect(rank([row('a', 10, 100), row('b', 1, 100)], true).map((one) => one.key)).toEqual(['b', 'a']); });
});
