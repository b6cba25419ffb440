/** One wall of several screens: cuts that fit together, changes at one instant, a clock that is measured. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canvasOf, cutOf, givenAt, GRACE, offsetOf, type WallGrid } from '#analytics/wall/together.ts';

const grids = fc.record({
  rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 8 }),
  bezel: fc.record({ x: fc.double({ min: 0, max: 50, noNaN: true }), y: fc.double({ min: 0, max: 50, noNaN: true }), unit: fc.constantFrom('percent' as const, 'mm' as const) }),
  visible: fc.option(fc.record({ width: fc.integer({ min: 200, max: 2_000 }), height: fc.integer({ min: 200, max: 2_000 }) })),
});
const places = (grid: WallGrid) => Array.from({ length: grid.rows * grid.columns }, (_, i) => ({ row: Math.floor(i / grid.columns), column: i % grid.columns }));

describe('the cuts of a wall', () => {
  it('are equally large, lie beside one another with one gap between, and end where the canvas ends', () => {
    fc.assert(fc.property(grids, (grid) => {
      const canvas = canvasOf(grid);
      const first = cutOf(grid, 0, 0);
      const last = cutOf(grid, grid.rows - 1, grid.columns - 1);
      expect([first.x, first.y, last.x + last.width, last.y + last.height]).toEqual([0, 0, canvas.width, canvas.height]);
      const cuts = places(grid).map(({ row, column }) => cutOf(grid, row, column));
      for (const cut of cuts) expect([cut.width, cut.height, Number.isInteger(cut.x), Number.isInteger(cut.y)]).toEqual([first.width, first.height, true, true]);
      for (const [i, one] of cuts.entries()) for (const other of cuts.slice(i + 1)) expect(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y).toBe(true);
    }));
  });
  it('two by two without and with frames, in per cent and in mm', () => {
    const plain: WallGrid = { rows: 2, columns: 2, bezel: { x: 0, y: 0, unit: 'percent' }, visible: null };
    expect(canvasOf(plain)).toEqual({ width: 3840, height: 2160 });
    expect(cutOf(plain, 1, 1)).toEqual({ x: 1920, y: 1080, width: 1920, height: 1080 });
    expect(cutOf({ ...plain, bezel: { x: 2, y: 5, unit: 'percent' } }, 1, 1)).toEqual({ x: 1958, y: 1134, width: 1920, height: 1080 });
    // 55 inches: 1,209.6 × 680.4 mm visible, 3.5 mm between two pictures.
    expect(cutOf({ ...plain, bezel: { x: 3.5, y: 3.5, unit: 'mm' }, visible: { width: 1209.6, height: 680.4 } }, 1, 1)).toEqual({ x: 1926, y: 1086, width: 1920, height: 1080 });
  });
});

describe('what a wall is given', () => {
  const popup = (show: string, until: number) => ({ show, until: String(until) });
  const row = { pinned: 'new' as string | null, popup: null as ReturnType<typeof popup> | null, before: null as { until: string; pinned: string | null; popup: ReturnType<typeof popup> | null } | null, waiting: 0, wall: {} as unknown };
  const on = (one: typeof row, now: number) => { const given = givenAt<string, ReturnType<typeof popup>>(one, now, Number); return given.popup?.show ?? given.pinned; };
  it('changes at the announced instant, wherever it was heard before it', () => {
    const changed = { ...row, before: { until: '5000', pinned: 'old', popup: null } };
    expect([on(changed, 4_999), on(changed, 5_000), on(row, 4_999)]).toEqual(['old', 'new', 'new']);
  });
  it('a pop-up ends by the clock; where another waits it stays until the centre says the next, and not for ever', () => {
    const shown = { ...row, popup: popup('alert', 10_000) };
    expect([on(shown, 9_999), on(shown, 10_000)]).toEqual(['alert', 'new']);
    const more = { ...shown, waiting: 1 };
    expect([on(more, 10_000), on(more, 10_000 + GRACE - 1), on(more, 10_000 + GRACE)]).toEqual(['alert', 'alert', 'new']);
    // A screen by itself takes the next when it is told.
    expect(on({ ...more, wall: null }, 10_000)).toBe('new');
    const next = { ...row, popup: popup('second', 40_000), before: { until: '12000', pinned: null, popup: popup('alert', 10_000) } };
    expect([on(next, 11_999), on(next, 12_000)]).toEqual(['alert', 'second']);
  });
});

describe('the measured clock', () => {
  it('is off by no more than half the quickest way, whatever the ways are', () => {
    fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.array(fc.record({ sent: fc.double({ min: 0, max: 1e6, noNaN: true }), there: fc.double({ min: 0, max: 500, noNaN: true }), back: fc.double({ min: 0, max: 500, noNaN: true }) }), { minLength: 1 }), (true_, ways) => {
      const found = offsetOf(ways.map(({ sent, there, back }) => ({ sent, heard: sent + there + back, said: sent + there + true_ })));
      expect(found).not.toBeNull();
      expect(Math.abs((found?.offset ?? 0) - true_)).toBeLessThanOrEqual((found?.within ?? 0) + 1e-6);
      expect(found?.within).toBeCloseTo(Math.min(...ways.map(({ there, back }) => there + back)) / 2, 5);
    }));
    expect(offsetOf([])).toBeNull();
  });
});
