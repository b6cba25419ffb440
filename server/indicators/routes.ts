/** The indicators of the planning documents: definitions, values with their targets, and what is behind those that are not dossiers. */
import { z } from 'zod';
import { meets, targetFor } from '#analytics/kpi/target.ts';
import { dayText } from '#analytics/time/localDay.ts';
import type { Indicator } from '#config/indicators.ts';
import { Fault } from '#contract/faults.ts';
import type { TargetRow } from '#contract/figures.ts';
import { behindIndicator, indicatorDefinition, indicatorValues, type IndicatorDefinition } from '#contract/indicators.ts';
import { DEADLINES, type Deadlines } from '#contract/vocabulary.ts';
import { periodOf, today, type Period } from '../figures/period.ts';
import { route, type Route } from '../http/route.ts';
import { readBasis, type IndicatorParts } from './basis.ts';
import { evaluate } from './evaluate.ts';

const definitionOf = ({ source, ...indicator }: Indicator): IndicatorDefinition => ({
  ...indicator, source: source.kind,
  lists: { of: source.kind === 'share' || source.kind === 'count' || source.kind === 'growth' ? source.of : [], in: source.kind === 'share' ? source.in : [], rest: source.kind === 'share' ? source.rest : null, aside: source.kind === 'share' ? source.aside : null },
});

export function indicatorRoutes(parts: IndicatorParts, { indicators, targets, now }: { indicators: readonly Indicator[]; targets: readonly TargetRow[]; now: () => Date }): Route[] {
  const query = z.object({ unit: z.string(), from: z.string().optional(), to: z.string().optional(), deadlines: z.enum(DEADLINES).default('corrected') });
  const period = ({ from, to, deadlines }: { from?: string | undefined; to?: string | undefined; deadlines: Deadlines }): Period => {
    const fallback = dayText(today(parts.zone, now()));
    return periodOf(from ?? to ?? fallback, to ?? fallback, parts.zone, now(), deadlines);
  };
  const levelOf = (unit: string) => parts.units.rows.find((row) => row.code === unit)?.level ?? '';
  return [
    route({
      method: 'get', path: '/indicators', tag: 'Figures', summary: 'The indicators of the planning documents with formula, source fields and documents', access: 'session', scope: { kind: 'none' },
      answer: z.object({ indicators: z.array(indicatorDefinition) }),
      async handle() { return { indicators: indicators.map(definitionOf) }; },
    }),
    route({
      method: 'get', path: '/indicators/values', cost: 10, tag: 'Figures', summary: 'All indicators of a unit and all under it, each beside the target that binds it', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      query, answer: indicatorValues,
      async handle({ query: asked }) {
        const days = period(asked);
        const place = { unit: asked.unit, codes: parts.units.tree.under(asked.unit) };
        const basis = await readBasis(parts, indicators, place.codes, days);
        return {
          unit: asked.unit, from: days.from, to: days.to, asOf: days.asOf.toISOString(), deadlines: asked.deadlines, simulated: basis.simulated,
          values: indicators.map((indicator) => {
            const { rows: _rows, ...found } = evaluate(basis, parts.units, indicator.id, indicator.measure, indicator.source, place);
            const target = targetFor(targets, indicator.id, levelOf(asked.unit), asked.unit, Number(days.to.slice(0, 4)));
            return { id: indicator.id, ...found, target, met: target === null || found.value === null ? null : meets(found.value, target) };
          }),
        };
      },
    }),
    route({
      method: 'get', path: '/indicators/:id/behind', cost: 5, tag: 'Figures', summary: 'The procedures, units or reports behind an indicator', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      params: z.object({ id: z.string().max(80) }), query, answer: behindIndicator,
      async handle({ params, query: asked }) {
        const indicator = indicators.find((one) => one.id === params.id);
        if (!indicator) throw new Fault('not_found');
        const days = period(asked);
        const place = { unit: asked.unit, codes: parts.units.tree.under(asked.unit) };
        const basis = await readBasis(parts, [indicator], place.codes, days);
        return { id: indicator.id, unit: asked.unit, from: days.from, to: days.to, rows: evaluate(basis, parts.units, indicator.id, indicator.measure, indicator.source, place).rows };
      },
    }),
  ];
}
