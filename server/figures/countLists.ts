/** How many things are in a list, unit by unit: from the counters where there is one, else by the list's own condition. */
import type { Counter } from '#analytics/kpi/counters.ts';
import type { Explainable } from '#contract/vocabulary.ts';
import { columnOf } from '../ingest/counters.ts';
import { TYPED, type Source } from './definition.ts';
import { DEFINITIONS } from './explainKpi.ts';
import { sumsOf, type FigureParts } from './getKpis.ts';
import { byDeadlines, type Period } from './period.ts';

/** What the ingest already counts (analytics/kpi/counters.ts); a test compares each with its list. */
export const COUNTED: Partial<Record<Explainable, Counter>> = {
  received: 'received', resolved: 'resolved', resolvedEarly: 'resolvedEarly', resolvedOnTime: 'resolvedOnTime', resolvedLate: 'resolvedLate', refused: 'refused', withdrawn: 'withdrawn',
  receivedOnline: 'receivedOnline', digitized: 'digitized', electronicResult: 'electronicResult', paidOnline: 'paidOnline', outOfBoundary: 'outOfBoundary', feeRequired: 'feeRequired', apologies: 'apologies',
  served: 'ticketsServed', noShow: 'ticketsNoShow', responses: 'responses', satisfied: 'satisfied', dissatisfied: 'dissatisfied', dissatisfiedByFault: 'dissatisfiedByFault',
  feedbackReceived: 'casesReceived', feedbackResolved: 'casesResolved', feedbackResolvedOnTime: 'casesResolvedOnTime', feedbackRated: 'casesRated', feedbackSatisfied: 'casesSatisfied',
};
/** Counters without a list: whether a fact was told at all. */
export const TOLD = ['channelKnown', 'digitizedKnown', 'electronicResultKnown'] as const;
export type Told = (typeof TOLD)[number];
export type Countable = Explainable | Told;

/** Every list of dossiers lies within this, in the words of the indexes: came in the period, ended since it began, or open. */
const TOUCHED: Partial<Record<Source, string>> = {
  dossiers: '(received_at >= $2 AND received_at < $3) OR (closed_at IS NOT NULL AND closed_at >= $2) OR (closed_at IS NULL AND received_at IS NOT NULL)',
};

/** By unit (its own, not what is under it), by name. What is missing is zero. */
export type Counts = ReadonlyMap<string, ReadonlyMap<Countable, number>>;

export async function countLists(parts: FigureParts, names: ReadonlySet<Countable>, units: readonly string[], period: Period): Promise<Counts> {
  const counts = new Map<string, Map<Countable, number>>();
  const put = (unit: string, name: Countable, value: number) => {
    let own = counts.get(unit);
    if (!own) counts.set(unit, (own = new Map()));
    own.set(name, value);
  };
  const counterOf = (name: Countable) => ((TOLD as readonly string[]).includes(name) ? (name as Told) : COUNTED[name as Explainable]);
  const bySource = new Map<Source, Explainable[]>();
  for (const name of names) if (counterOf(name) === undefined) { const { from } = DEFINITIONS[name as Explainable]; bySource.set(from, [...(bySource.get(from) ?? []), name as Explainable]); }
  await Promise.all([
    (async () => {
      if (![...names].some((name) => counterOf(name) !== undefined)) return;
      for (const [unit, sums] of await sumsOf(parts.database, units, period, 'unit')) {
        for (const name of names) { const counter = counterOf(name); if (counter) put(unit, name, sums[columnOf(counter).replaceAll('"', '')] ?? 0); }
      }
    })(),
    ...[...bySource].map(async ([source, lists]) => {
      const conditions = lists.map((name) => `(${source === 'dossiers' ? byDeadlines(DEFINITIONS[name].where, period.deadlines) : DEFINITIONS[name].where})`);
      const found = await parts.database.query<Record<string, unknown> & { unit: string }>(
        `SELECT unit, ${conditions.map((condition, i) => `count(*) FILTER (WHERE ${condition}) AS n${i}`).join(', ')} FROM ${source} WHERE unit = ANY($1) AND (${TOUCHED[source] ?? conditions.join(' OR ')}) AND ${TYPED} GROUP BY unit`,
        [units, period.start, period.end, period.asOf, parts.soonUntil(period.asOf), parts.zone.name]);
      for (const row of found.rows) lists.forEach((name, i) => { put(row.unit, name, Number(row[`n${i}`])); });
    }),
  ]);
  return counts;
}
