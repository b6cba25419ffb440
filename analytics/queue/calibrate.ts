/**
 * What the formulas say against what came. A weighted least-squares combination of a few guesses, leaning on the first
 * of them while there is little to learn from; and, from the cases in which it said about the same, how far off it was:
 * the 10th, 50th and 90th percentile of those are the band (a nearest-neighbour form of conformal prediction).
 */
export interface Band { p10: number; p50: number; p90: number }
/** `x`: the guesses, the best understood first; `y`: what came. All not negative, in one unit. */
export interface Case { x: readonly number[]; y: number }
export interface Calibration { band(x: readonly number[]): Band }

export const MINIMUM_CASES = 30;
/** The first guess weighs as much as so many cases that it had met. */
const TRUST = 15;

/** `scale`: what counts as little in this unit (a minute, one person): relative errors are taken beyond it. Null for too few cases. */
export function calibrate(cases: readonly Case[], scale: number): Calibration | null {
  const guesses = cases[0]?.x.length ?? 0;
  if (cases.length < MINIMUM_CASES || guesses === 0) return null;
  const size = guesses + 1;
  const row = (x: readonly number[]) => [scale, ...x];
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const right = new Array<number>(size).fill(0);
  let spread = 0;
  for (const one of cases) {
    const r = row(one.x);
    const mean = one.x.reduce((sum, value) => sum + value, 0) / guesses;
    // Long waits are farther off: without the weight a few very bad days would rule.
    const weight = 1 / (scale + mean) ** 2;
    const left = one.y - (one.x[0] ?? 0);
    spread += weight * r.reduce((sum, value) => sum + value * value, 0) / size;
    for (let i = 0; i < size; i += 1) { right[i] = (right[i] ?? 0) + weight * (r[i] ?? 0) * left; const line = matrix[i]; if (line) for (let j = 0; j < size; j += 1) line[j] = (line[j] ?? 0) + weight * (r[i] ?? 0) * (r[j] ?? 0); }
  }
  for (let i = 0; i < size; i += 1) { const line = matrix[i]; if (line) line[i] = (line[i] ?? 0) + (TRUST * spread) / cases.length; }
  const weights = solve(matrix, right);
  const score = (x: readonly number[]) => Math.max(0, (x[0] ?? 0) + row(x).reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0));

  const known = cases.map((one) => { const said = score(one.x); return { said, off: (one.y - said) / (said + scale) }; }).sort((a, b) => a.said - b.said);
  const near = Math.min(known.length, Math.max(MINIMUM_CASES, Math.min(300, Math.round(known.length / 8))));
  return {
    band(x) {
      const said = score(x);
      let [low, high] = [0, known.length];
      while (low < high) { const middle = (low + high) >> 1; if ((known[middle]?.said ?? 0) < said) low = middle + 1; else high = middle; }
      const from = Math.max(0, Math.min(known.length - near, low - (near >> 1)));
      const off = known.slice(from, from + near).map((one) => one.off).sort((a, b) => a - b);
      const at = (share: number) => Math.max(0, said + quantile(off, share) * (said + scale));
      return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
    },
  };
}

/** Of a sorted list that is not empty, between its values. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place - Math.floor(place));
}

/** Gauss with pivots; the matrix is positive definite by the trust on its diagonal. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const a = matrix.map((line, i) => [...line, right[i] ?? 0]);
  for (let c = 0; c < n; c += 1) {
    let pivot = c;
    for (let r = c + 1; r < n; r += 1) if (Math.abs(a[r]?.[c] ?? 0) > Math.abs(a[pivot]?.[c] ?? 0)) pivot = r;
    const [swap, top] = [a[c], a[pivot]];
    if (!swap || !top || (top[c] ?? 0) === 0) return new Array<number>(n).fill(0);
    a[pivot] = swap;
    a[c] = top;
    for (let r = 0; r < n; r += 1) {
      const line = a[r];
      if (r === c || !line) continue;
      const factor = (line[c] ?? 0) / (top[c] ?? 1);
      for (let k = c; k <= n; k += 1) line[k] = (line[k] ?? 0) - factor * (top[k] ?? 0);
    }
  }
  return a.map((line, i) => (line[n] ?? 0) / (line[i] ?? 1));
}
