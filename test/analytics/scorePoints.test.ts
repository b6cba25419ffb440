/** From shares to points: proportional, by steps, against a target; what is not measured counts neither for nor against. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, places, pointsOf, total } from '#analytics/score/points.ts';

const steps = [{ at: 0.95, points: 2 }, { at: 0.7, points: 1 }];
describe('points', () => {
  it.each([[0.4, 1, 8], [0.8, 0.8, 20], [0.4, 0.8, 10], [1, 0.8, 20], [0, 1, 0], [-0.1, 1, 0]])('of a share of %d with full marks at %d are %d of 20', (value, full, points) => { expect(pointsOf({ kind: 'proportional', full }, 20, value, null)).toBeCloseTo(points); });
  it.each([[1, 2], [0.95, 2], [19 / 20, 2], [0.9499, 1], [0.7, 1], [0.69, 0]])('by steps of a share of %d are %d', (value, points) => { expect(pointsOf({ kind: 'steps', steps }, 2, value, null)).toBe(points); });
  it('against a target are by the share of the target, and nothing without one', () => {
    const rule = { kind: 'against_target' as const, steps: [{ at: 1, points: 2 }, { at: 0.8, points: 1 }] };
    expect([0.3, 0.24, 0.2399].map((value) => pointsOf(rule, 2, value, 0.3))).toEqual([2, 1, 0]);
    expect(pointsOf(rule, 2, 0.3, null)).toBeNull();
  });
  it('of nothing are nothing', () => { expect(pointsOf({ kind: 'proportional', full: 1 }, 6, null, null)).toBeNull(); });
  it('never exceed the most, nor fall below zero', () => { fc.assert(fc.property(fc.double({ min: -2, max: 3, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }), (value, full) => { const points = pointsOf({ kind: 'proportional', full }, 6, value, null) ?? -1; return points >= 0 && points <= 6; })); });
});
describe('a total', () => {
  it('leaves out what was not measured, above and below', () => {
    expect(total([{ max: 6, points: 3 }, { max: 4, points: null }, { max: 2, points: 2 }])).toEqual({ points: 5, measurable: 8 });
    expect(total([{ max: 4, points: null }])).toEqual({ points: null, measurable: 0 });
  });
});
describe('a band', () => {
  const bands = [{ id: 'weak', from: 0 }, { id: 'excellent', from: 0.9 }, { id: 'good', from: 0.8 }];
  it.each([[90, 100, 'excellent'], [89.99, 100, 'good'], [54, 60, 'excellent'], [10, 100, 'weak']])('of %d of %d measurable points is %s', (points, measurable, band) => { expect(bandOf(bands, points, measurable, 100)?.id).toBe(band); });
  it('is not given when less than half could be measured', () => { expect(bandOf(bands, 49, 49, 100)).toBeNull(); expect(bandOf(bands, null, 0, 100)).toBeNull(); });
});
describe('places', () => {
  it('are 1, 2, 2, 4', () => { expect(places([{ score: 0.5 }, { score: 0.9 }, { score: 0.5 }, { score: 0.1 }]).map((row) => row.place)).toEqual([1, 2, 2, 4]); });
});
