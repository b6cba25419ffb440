/** From the figures of units to places in a ranking, each with the target that binds it. */
import { rank, type Ranked } from '#analytics/kpi/ranking.ts';
import type { FigureRow, TargetRow, UnitRow } from '#contract/figures.ts';
import { targetFor } from '../api/targets.ts';
import type { Indicator } from './indicators.ts';

interface Row { key: string; name: string; level: string; share: number | null; volume: number; change: number | null; target: TargetRow | null; /** A share of a unit that was split is in it. */ estimated: boolean }
export type Place = Ranked<Row>;

/** The units and, after them, those of the rows that are no more at the end of the period, so that nothing counted goes unshown. */
export function withFormer(units: readonly UnitRow[], rows: readonly FigureRow[], until: (day: string) => string): readonly UnitRow[] {
  const known = new Set(units.map((unit) => unit.code));
  const former = rows.flatMap((row): UnitRow[] => (known.has(row.key) || row.level === undefined || !row.validTo ? []
    : [{ code: row.key, name: `${row.name ?? row.key} (${until(row.validTo)})`, level: row.level, kind: '', parent: null, lat: null, lon: null, validFrom: row.validFrom ?? null, validTo: row.validTo }]));
  return former.length === 0 ? units : [...units, ...former];
}

/** `earlier`: the same units over the period before, for the change in points. Units that sent nothing stay in the list. */
export function placesOf(indicator: Indicator, units: readonly UnitRow[], rows: readonly FigureRow[], earlier: readonly FigureRow[], targets: readonly TargetRow[], year: number): Place[] {
  const now = new Map(rows.map((row) => [row.key, row]));
  const then = new Map(earlier.map((row) => [row.key, row]));
  return rank(units.map((unit): Row => {
    const figures = now.get(unit.code);
    const old = then.get(unit.code);
    const share = figures ? indicator.share(figures) : null;
    const past = old ? indicator.share(old) : null;
    return { key: unit.code, name: unit.name, level: unit.level, share, volume: figures ? indicator.volume(figures) : 0, change: share !== null && past !== null ? share - past : null, target: targetFor(targets, indicator.key, unit.level, unit.code, year), estimated: figures?.estimated === true };
  }));
}
