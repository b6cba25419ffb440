/** Units, targets, figures and what is behind them. */
import { z } from 'zod';
import { explainAnswer, kpiAnswer, targetRow, unitLife, unitRow, type TargetRow } from '#contract/figures.ts';
import { DEADLINES, EXPLAINABLE, TREES_OF_LISTS, type Deadlines } from '#contract/vocabulary.ts';
import { dayText, parseDay } from '#analytics/time/localDay.ts';
import { Fault } from '#contract/faults.ts';
import { unitAsked } from '../units/asked.ts';
import { lifeOf } from '../units/life.ts';
import { route, type Route } from '../http/route.ts';
import { explainKpi } from './explainKpi.ts';
import { BY, getKpis, type FigureParts } from './getKpis.ts';
import { periodOf, today } from './period.ts';

export function figureRoutes(parts: FigureParts, { targets, procedures, now }: { targets: readonly TargetRow[]; procedures: readonly { code: string; name: string; field: string }[]; now: () => Date }): Route[] {
  const day = z.string().optional();
  // By deadlines as a corrected calendar made them, or as they were first reported.
  const deadlines = z.enum(DEADLINES).default('corrected');
  const period = (query: { from?: string | undefined; to?: string | undefined; deadlines?: Deadlines | undefined }) => {
    const fallback = dayText(today(parts.zone, now()));
    return periodOf(query.from ?? query.to ?? fallback, query.to ?? fallback, parts.zone, now(), query.deadlines);
  };
  return [
    route({
      method: 'get', path: '/units', tag: 'Figures', summary: 'The units in the caller\'s scope', access: 'session', scope: { kind: 'filter' },
      query: z.object({ at: day }), answer: z.object({ units: z.array(unitRow), /** Whether units have a life: the tree differs by the day. */ dated: z.boolean() }),
      async handle({ query, session }) {
        const at = query.at === undefined ? parts.units.today() : parseDay(query.at);
        if (at === null) throw new Fault('bad_period', 'at is not a date of the form YYYY-MM-DD');
        const { history, rowsAt, placeOf } = parts.units;
        const rows = query.at === undefined || !history.dated ? parts.units.rows : rowsAt(at);
        const seen = (code: string) => { const unit = history.dated ? history.alive(code, at) : null; return session.scope.has(unit ? placeOf(unit) : code); };
        return { units: rows.filter((unit) => seen(unit.code)), dated: history.dated };
      },
    }),
    route({
      method: 'get', path: '/units/:unit/history', tag: 'Figures', summary: 'The life of a unit: its names and parents, what it came from and what it became', access: 'session', scope: { kind: 'unit', from: 'params.unit', onDay: true },
      params: z.object({ unit: z.string() }), query: z.object({ at: day }), answer: unitLife,
      async handle({ params, query }) { return lifeOf(parts.units, unitAsked(parts.units, params.unit, query)); },
    }),
    route({
      method: 'get', path: '/targets', tag: 'Figures', summary: 'Targets with their issuer, level, year and document', access: 'session', screen: true, scope: { kind: 'none' },
      answer: z.object({ targets: z.array(targetRow) }),
      async handle() { return { targets }; },
    }),
    route({
      method: 'get', path: '/procedures', tag: 'Figures', summary: 'The procedures with their field', access: 'session', screen: true, scope: { kind: 'none' },
      answer: z.object({ procedures: z.array(z.object({ code: z.string(), name: z.string(), field: z.string() })) }),
      async handle() { return { procedures }; },
    }),
    route({
      method: 'get', path: '/kpis', tag: 'Figures', summary: 'Figures of a unit and all under it over days of the centre\'s zone, both ends included', access: 'session', screen: true, scope: { kind: 'unit', from: 'query.unit', onDay: true },
      query: z.object({ unit: z.string(), from: day, to: day, by: z.enum(BY).optional(), tree: z.enum(['as_of_date', 'now']).optional(), deadlines }), answer: kpiAnswer,
      async handle({ query }) { return await getKpis(parts, query.unit, period(query), query.by ?? null, query.tree); },
    }),
    route({
      method: 'get', path: '/kpis/:name/explain', cost: 3, tag: 'Figures', summary: 'The dossiers, tickets, ratings or cases behind a figure', access: 'session', screen: true, scope: { kind: 'unit', from: 'query.unit', onDay: true },
      params: z.object({ name: z.enum(EXPLAINABLE) }),
      query: z.object({ unit: z.string(), from: day, to: day, limit: z.coerce.number().int().min(1).max(500).default(100), after: z.coerce.number().int().min(0).default(0), tree: z.enum(TREES_OF_LISTS).optional(), deadlines }), answer: explainAnswer,
      async handle({ params, query }) { return await explainKpi(parts, params.name, query.unit, period(query), query.limit, query.after, query.tree); },
    }),
  ];
}
