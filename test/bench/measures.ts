/** What a row of the benchmarks gives, and the small arithmetic on it. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Pair { ours: number; baseline: number; ratio: number }
export interface Result {
  row: string; measure: string; baselineIs: string; unit: string;
  /** `least`: the ratio must not be below; `most`: not above. */
  bound: 'least' | 'most'; pass: number; aim: number;
  ours: number; baseline: number; ratio: number; pairs: Pair[];
  verdict: 'aim' | 'pass' | 'miss';
  /** What was checked or set beside the figures. */
  notes: Record<string, string | number>;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new Error('a quantile of nothing');
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] as number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) throw new Error('a median of nothing');
  return sorted.length % 2 === 1 ? sorted[middle] as number : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The ratio is the median of the pairs' ratios, not the ratio of the medians: what slows the machine slows both of a pair. */
export function resultOf(about: Pick<Result, 'row' | 'measure' | 'baselineIs' | 'unit' | 'bound' | 'pass' | 'aim' | 'notes'>, figures: readonly { ours: number; baseline: number }[]): Result {
  const pairs = figures.map(({ ours, baseline }) => ({ ours, baseline, ratio: ours / baseline }));
  const ratio = median(pairs.map((pair) => pair.ratio));
  const reaches = (limit: number) => (about.bound === 'least' ? ratio >= limit : ratio <= limit);
  return { ...about, ours: median(pairs.map((pair) => pair.ours)), baseline: median(pairs.map((pair) => pair.baseline)), ratio, pairs, verdict: reaches(about.aim) ? 'aim' : reaches(about.pass) ? 'pass' : 'miss' };
}

export function machine(): Record<string, string | number> {
  return { cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown', memoryMB: Math.round(totalmem() / 1_048_576), platform: `${process.platform} ${process.arch}`, node: process.versions.node, loadAtStart: Number((loadavg()[0] ?? 0).toFixed(2)) };
}

const number = (value: number) => (value >= 1000 ? Math.round(value).toLocaleString('en-US') : value >= 10 ? value.toFixed(1) : value.toFixed(2));

export function table(results: readonly Result[]): string {
  const lines = [
    ['row', 'measure', 'ours', 'baseline', 'ratio', 'pass', 'aim', 'verdict'],
    ...results.map((one) => {
      const sign = one.bound === 'least' ? '≥' : '≤';
      return [one.row, `${one.measure} (${one.unit})`, number(one.ours), number(one.baseline), one.ratio.toFixed(2), `${sign} ${one.pass}`, `${sign} ${one.aim}`, one.verdict];
    }),
  ];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => (column >= 2 && column <= 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}

export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
/** Least squares. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(points.map((one) => one[0])), mean(points.map((one) => one[1]))];
  const across = points.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
  return across === 0 ? 0 : points.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0) / across;
}
