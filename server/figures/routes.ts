/** Units, targets, figures and what is behind them. */
import { z } from 'zod';
import { explainAnswer, kpiAnswer, targetRow, unitRow, type TargetRow } from '#contract/figures.ts';
import { EXPLAINABLE } from '#contract/vocabulary.ts';
import { dayText } from '#analytics/time/localDay.ts';
import { route, type Route } from '../http/route.ts';
import { explainKpi } from './explainKpi.ts';
import { BY, getKpis, type FigureParts } from './getKpis.ts';
import { periodOf, today } from './period.ts';

export function figureRoutes(parts: FigureParts, { targets, now }: { targets: readonly TargetRow[]; now: () => Date }): Route[] {
  const day = z.string().optional();
  const period = (query: { from?: string | undefined; to?: string | undefined }) => {
    const fallback = dayText(today(parts.zone, now()));
    return periodOf(query.from ?? query.to ?? fallback, query.to ?? fallback, parts.zone, now());
  };
  return [
    route({
      method: 'get', path: '/units', tag: 'Figures', summary: 'The units in the caller\'s scope', access: 'session', scope: { kind: 'filter' },
      answer: z.object({ units: z.array(unitRow) }),
      async handle({ session }) { return { units: parts.units.rows.filter((unit) => session.scope.has(unit.code)) }; },
    }),
    route({
      method: 'get', path: '/targets', tag: 'Figures', summary: 'Targets with their issuer, level, year and document', access: 'session', scope: { kind: 'none' },
      answer: z.object({ targets: z.array(targetRow) }),
      async handle() { return { targets }; },
    }),
    route({
      method: 'get', path: '/kpis', tag: 'Figures', summary: 'Figures of a unit and all under it over days of the centre\'s zone, both ends included', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: z.string(), from: day, to: day, by: z.enum(BY).optional(), tree: z.enum(['as_of_date', 'now']).optional() }), answer: kpiAnswer,
      async handle({ query }) { return await getKpis(parts, query.unit, period(query), query.by ?? null); },
    }),
    route({
      method: 'get', path: '/kpis/:name/explain', tag: 'Figures', summary: 'The dossiers, tickets, ratings or cases behind a figure', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      params: z.object({ name: z.enum(EXPLAINABLE) }),
      query: z.object({ unit: z.string(), from: day, to: day, limit: z.coerce.number().int().min(1).max(500).default(100), after: z.coerce.number().int().min(0).default(0) }), answer: explainAnswer,
      async handle({ params, query }) { return await explainKpi(parts, params.name, query.unit, period(query), query.limit, query.after); },
    }),
  ];
}
