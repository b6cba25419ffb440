/** Scores of units over periods: computed when asked, and kept whenever they have changed. */
import { daysOfPeriod } from '#analytics/indicator/reports.ts';
import { MINIMUM_VOLUME } from '#analytics/kpi/ranking.ts';
import { places } from '#analytics/score/points.ts';
import { dateOf, dayText } from '#analytics/time/localDay.ts';
import type { RuleSet } from '#config/scoring.ts';
import { Fault } from '#contract/faults.ts';
import type { TargetRow } from '#contract/figures.ts';
import type { Score, ScoreRow, ScoresAnswer } from '#contract/scores.ts';
import type { Deadlines, Explainable } from '#contract/vocabulary.ts';
import { periodOf, today, type Period } from '../figures/period.ts';
import { readBasis, type Basis, type IndicatorParts } from '../indicators/basis.ts';
import { evaluate, rowsByCode, sumOf, type Place, type Row } from '../indicators/evaluate.ts';
import { computeScore, ruleSetsFor, type Computed } from './compute.ts';
import { officialOf, readSignatures } from './signatures.ts';

export interface ScoreParts extends IndicatorParts { sets: readonly RuleSet[]; targets: readonly TargetRow[]; now: () => Date }
export interface Scores {
  of(unit: string, period: string, withRows: boolean, deadlines?: Deadlines): Promise<ScoresAnswer>;
  behind(ruleSet: string, item: string, unit: string, period: string): Promise<{ period: Period; rows: readonly Row[] }>;
  /** Stores what has changed of this month and the last, for every unit; how many rows. */
  keep(): Promise<number>;
}

export function openScores(parts: ScoreParts): Scores {
  const { database, units, zone, sets, targets, now } = parts;
  const daysOf = (period: string, deadlines: Deadlines = 'corrected'): Period => {
    const days = daysOfPeriod(period);
    if (!days) throw new Fault('bad_period', 'period is 2026, 2026-H1, 2026-9M, 2026-Q3, 2026-07 or a day');
    return periodOf(dayText(days.from), dayText(days.to), zone, now(), deadlines);
  };
  /** What is not over yet is judged by the rules of today. */
  const lawOf = (period: Period) => ruleSetsFor(sets, period.isNow ? dayText(today(zone, now())) : period.to);
  const asked = (chosen: readonly RuleSet[]) => [...chosen.flatMap((set) => set.groups.flatMap((group) => group.items.map((item) => ({ id: item.measured, source: item.source })))), ...chosen.map((set) => ({ id: set.id, source: { kind: 'count' as const, of: [set.volume] } }))];
  const placeOf = (unit: string): Place => ({ unit, codes: units.tree.under(unit) });
  const judgedOf = (unit: string, period: Period) => ({ level: levelOf(unit), year: Number(period.to.slice(0, 4)), targets });
  const levelOf = (unit: string) => rowsByCode(units.rows).get(unit)?.level ?? '';
  const compute = (set: RuleSet, basis: Basis, unit: string, period: Period): Computed => computeScore(set, basis, units, placeOf(unit), judgedOf(unit, period));

  function rowsOf(set: RuleSet, basis: Basis, among: readonly string[], period: Period): ScoreRow[] {
    const codes = new Set(among);
    const rows = units.rows.filter((unit) => codes.has(unit.code)).map((unit) => {
      const { points, measurable, band } = compute(set, basis, unit.code, period);
      return { unit: unit.code, name: unit.name, level: unit.level, volume: sumOf(basis.counts, units.tree.under(unit.code), [set.volume as Explainable]), points, measurable, band, place: null as number | null };
    });
    for (const level of new Set(rows.map((row) => row.level))) {
      const ranked = rows.filter((row) => row.level === level && row.points !== null && row.volume >= MINIMUM_VOLUME && row.measurable >= set.max / 2);
      for (const { row, place } of places(ranked.map((row) => ({ row, score: (row.points ?? 0) / row.measurable })))) row.place = place;
    }
    return rows.sort((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || b.volume - a.volume);
  }

  async function earlierOf(unit: string, period: string): Promise<Map<string, Score['earlier']>> {
    const found = await database.query<{ rule_set: string; version: string; points: number | null; measurable: number; computed_at: Date }>(
      'SELECT rule_set, version, points, measurable, computed_at FROM score_runs WHERE unit = $1 AND period = $2 ORDER BY id DESC LIMIT 60', [unit, period]);
    const earlier = new Map<string, Score['earlier']>();
    for (const row of found.rows) earlier.set(row.rule_set, [...(earlier.get(row.rule_set) ?? []), { computedAt: row.computed_at.toISOString(), version: row.version, points: row.points, measurable: row.measurable }]);
    return earlier;
  }

  return {
    async of(unit, periodText, withRows, deadlines = 'corrected') {
      const period = daysOf(periodText, deadlines);
      const law = lawOf(period);
      const codes = units.tree.under(unit);
      const [basis, signatures, earlier] = await Promise.all([readBasis(parts, asked(law.map(({ set }) => set)), codes, period), readSignatures(database), earlierOf(unit, periodText)]);
      return {
        unit, period: periodText, from: period.from, to: period.to, asOf: period.asOf.toISOString(), deadlines, simulated: basis.simulated, minimumVolume: MINIMUM_VOLUME,
        scores: law.map(({ set, inForce }): Score => ({
          id: set.id, version: set.version, name: set.name, document: set.document, effective: set.effective, inForce, ...officialOf(set, signatures), fingerprint: set.fingerprint, unchecked: set.unchecked, max: set.max,
          ...compute(set, basis, unit, period), earlier: earlier.get(set.id) ?? [],
        })),
        ...(withRows ? { rows: Object.fromEntries(law.map(({ set }) => [set.id, rowsOf(set, basis, codes, period)])) } : {}),
      };
    },
    async behind(ruleSet, itemId, unit, periodText) {
      const period = daysOf(periodText);
      const set = lawOf(period).find((one) => one.set.id === ruleSet)?.set;
      const item = set?.groups.flatMap((group) => group.items).find((one) => one.id === itemId);
      if (!item) throw new Fault('not_found');
      const basis = await readBasis(parts, [{ id: item.measured, source: item.source }], units.tree.under(unit), period);
      return { period, rows: evaluate(basis, units, item.measured, 'share', item.source, placeOf(unit)).rows };
    },
    async keep() {
      const at = now();
      const { year, month } = dateOf(today(zone, at));
      const text = (y: number, m: number) => `${y}-${String(m).padStart(2, '0')}`;
      let kept = 0;
      for (const periodText of [text(year, month), month === 1 ? text(year - 1, 12) : text(year, month - 1)]) {
        const period = daysOf(periodText);
        const law = lawOf(period);
        const codes = units.rows.map((unit) => unit.code);
        const basis = await readBasis(parts, asked(law.map(({ set }) => set)), units.rows.flatMap((unit) => (unit.parent === null ? units.tree.under(unit.code) : [])), period);
        const runs = law.flatMap(({ set }) => codes.flatMap((unit) => {
          const { points, measurable, groups } = compute(set, basis, unit, period);
          if (points === null) return [];
          const round = (value: number) => Math.round(value * 10_000) / 10_000;
          return [{ unit, rule_set: set.id, version: set.version, fingerprint: set.fingerprint, period: periodText, points: round(points), measurable, groups: groups.map((group) => ({ id: group.id, points: group.points === null ? null : round(group.points), measurable: group.measurable })), simulated: units.tree.under(unit).some((code) => basis.simulatedUnits.has(code)), computed_at: at.toISOString() }];
        }));
        const stored = await database.query(
          `INSERT INTO score_runs (unit, rule_set, version, fingerprint, period, points, measurable, groups, simulated, computed_at)
           SELECT n.* FROM json_to_recordset($1::json) AS n(unit text, rule_set text, version text, fingerprint text, period text, points float8, measurable float8, groups jsonb, simulated boolean, computed_at timestamptz)
           WHERE NOT EXISTS (SELECT FROM (SELECT o.points, o.measurable, o.fingerprint FROM score_runs o WHERE o.unit = n.unit AND o.rule_set = n.rule_set AND o.period = n.period ORDER BY o.id DESC LIMIT 1) last
             WHERE last.points IS NOT DISTINCT FROM n.points AND last.measurable = n.measurable AND last.fingerprint = n.fingerprint)`, [JSON.stringify(runs)]);
        kept += stored.rowCount ?? 0;
      }
      return kept;
    },
  };
}
