/** The benchmarks run and give figures. How good these are is `npm run bench`'s to say: a test never judges by the clock. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBenchCentre, type BenchCentre } from './centre.ts';
import { openClosers } from './closers.ts';
import { figuresAgainstEvents } from './figuresAgainstEvents.ts';
import { ingestAgainstCopy } from './ingestAgainstCopy.ts';
import { quantile, resultOf, table, type Result } from './measures.ts';
import { pushToScreens } from './pushToScreens.ts';
import { singleEvents } from './singleEvents.ts';

const closers = openClosers();
let centre: BenchCentre;
beforeAll(async () => { centre = await startBenchCentre(closers, true); });
afterAll(async () => { await closers.closeAll(); });

function expectFigures(results: readonly Result[]): void {
  for (const result of results) {
    expect(result.pairs).toHaveLength(1);
    for (const pair of result.pairs) expect([Number.isFinite(pair.ratio), pair.ratio > 0, pair.ours > 0, pair.baseline > 0]).toEqual([true, true, true, true]);
    expect(table([result])).toContain(result.measure);
  }
}

describe('the benchmarks', () => {
  it('P4: the rows of both sides are the same, the counters right, both figures above zero', async () => {
    const results = await ingestAgainstCopy(centre, closers, () => undefined, { pairs: 1, batches: 2, batchSize: 100, inFlight: 2 });
    expect(results.map((one) => one.row)).toEqual(['P4']);
    expect(results[0]?.notes).toMatchObject({ eventsChecked: 400, counterDifferences: 0 });
    expectFigures(results);
  });

  it('P5: each event is there once', async () => {
    const results = await singleEvents(centre, closers, () => undefined, { pairs: 1, events: 40, inFlight: 8 });
    expect(results.map((one) => one.row)).toEqual(['P5']);
    expectFigures(results);
  });

  it('P6: counters and raw events give the same figures', async () => {
    const results = await figuresAgainstEvents(centre, closers, () => undefined, { pairs: 1, events: 3_000, times: 1 });
    expect(results.map((one) => one.row)).toEqual(['P6', 'P6']);
    expectFigures(results);
  });

  it('P7: every screen gets the changed row from both servers', async () => {
    const results = await pushToScreens(centre, closers, () => undefined, { pairs: 1, screens: 6, processes: 1, warmUp: 1, pause: 20 });
    expect(results.map((one) => one.row)).toEqual(['P7', 'P7']);
    expect(results[0]?.notes).toMatchObject({ screens: 6 });
    expect(results[0]?.pairs).toHaveLength(1);
    expect(results.every((one) => Number.isFinite(one.ours) && Number.isFinite(one.baseline))).toBe(true);
  });
});

describe('the arithmetic', () => {
  it('takes the median of the ratios, and judges by it', () => {
    const about = { row: 'X', measure: 'm', baselineIs: 'b', unit: 'ms', notes: {} };
    const figures = [{ ours: 1, baseline: 10 }, { ours: 3, baseline: 10 }, { ours: 90, baseline: 100 }];
    expect(resultOf({ ...about, bound: 'least', pass: 0.15, aim: 0.35 }, figures)).toMatchObject({ ratio: 0.3, verdict: 'pass' });
    expect(resultOf({ ...about, bound: 'most', pass: 0.2, aim: 0.1 }, figures).verdict).toBe('miss');
    expect(resultOf({ ...about, bound: 'most', pass: 2, aim: 0.3 }, figures).verdict).toBe('aim');
    expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  });
});
