/** Ranking of units by a share: with a minimum volume, and with the uncertainty of small numbers in it. */

/** A share of fewer than this says little; such a unit is listed, not ranked. Source: requirements, minimum volume. */
export const MINIMUM_VOLUME = 30;
/** 95 % of the standard normal distribution lie within this many standard deviations. */
const Z = 1.959964;

export interface Interval { low: number; high: number }

/**
 * The 95 % interval of Wilson (1927) of a share `hits / volume`, both counts: the true share that could well have given
 * what was counted. It never leaves 0..1 and stays honest at 0 % and 100 %, where the usual ± does not. Null for nothing.
 */
export function wilson(share: number, volume: number): Interval | null {
  if (volume <= 0) return null;
  const z2 = (Z * Z) / volume;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z * Math.sqrt((share * (1 - share)) / volume + z2 / (4 * volume))) / (1 + z2);
  return { low: share === 0 ? 0 : Math.max(0, middle - half), high: share === 1 ? 1 : Math.min(1, middle + half) };
}

export interface Measured { key: string; share: number | null; volume: number }
export type Ranked<T extends Measured> = T & { /** 1 is best; null where the volume is too small. */ rank: number | null; interval: Interval | null };

/**
 * Best first, by the end of the interval that the unit is sure of (the lower one, or the upper where less is better), so that
 * three of three does not stand above 995 of 1,000. Equal bounds share a rank. Too small a volume comes last, larger first.
 */
export function rank<T extends Measured>(rows: readonly T[], lessIsBetter = false, minimum = MINIMUM_VOLUME): Ranked<T>[] {
  const sure = (row: Ranked<T>) => (row.interval === null ? 0 : lessIsBetter ? -row.interval.high : row.interval.low);
  const all = rows.map((row): Ranked<T> => ({ ...row, rank: null, interval: row.share === null ? null : wilson(row.share, row.volume) }));
  const enough = all.filter((row) => row.share !== null && row.volume >= minimum).sort((a, b) => sure(b) - sure(a) || (a.key < b.key ? -1 : 1));
  const few = all.filter((row) => row.share === null || row.volume < minimum).sort((a, b) => b.volume - a.volume || (a.key < b.key ? -1 : 1));
  let before: Ranked<T> | null = null;
  const ranked = enough.map((row, i) => (before = { ...row, rank: before !== null && sure(before) === sure(row) ? before.rank : i + 1 }));
  return [...ranked, ...few];
}
