/** How far forecasts were off, against what came and against what anybody could have said. */
import type { Band } from './calibrate.ts';

/** Waits in milliseconds. `naive`: the same quarter a week ago, the average of the day so far, the last ones called. */
export interface Judged { day: number; band: Band; actual: number; naive: { lastWeek: number; dayAverage: number; lastTicket: number } }
export interface Accuracy { /** Days with a forecast. */ days: number; forecasts: number; meanAbsoluteErrorSeconds: number; /** Forecast less actual: more than zero is said too long. */ biasSeconds: number; /** The share that lay between the 10th and the 90th percentile; 0.8 is right. */ withinBand: number }
export interface BackTest extends Accuracy { /** The mean absolute error over that of each naive forecast; null where that was never wrong. */ ratios: { lastWeek: number | null; dayAverage: number | null; lastTicket: number | null } }

export function accuracyOf(judged: readonly Pick<Judged, 'day' | 'band' | 'actual'>[]): Accuracy | null {
  if (judged.length === 0) return null;
  const mean = (of: (one: Pick<Judged, 'band' | 'actual'>) => number) => judged.reduce((sum, one) => sum + of(one), 0) / judged.length;
  return {
    days: new Set(judged.map((one) => one.day)).size, forecasts: judged.length, meanAbsoluteErrorSeconds: mean((one) => Math.abs(one.band.p50 - one.actual)) / 1000, biasSeconds: mean((one) => one.band.p50 - one.actual) / 1000,
    withinBand: mean((one) => Number(one.actual >= one.band.p10 - 500 && one.actual <= one.band.p90 + 500)),
  };
}

export function measure(judged: readonly Judged[]): BackTest | null {
  const accuracy = accuracyOf(judged);
  if (!accuracy) return null;
  const ratio = (name: keyof Judged['naive']) => {
    const error = judged.reduce((sum, one) => sum + Math.abs(one.naive[name] - one.actual), 0) / judged.length / 1000;
    return error > 0 ? accuracy.meanAbsoluteErrorSeconds / error : null;
  };
  return { ...accuracy, ratios: { lastWeek: ratio('lastWeek'), dayAverage: ratio('dayAverage'), lastTicket: ratio('lastTicket') } };
}
