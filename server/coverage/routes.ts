/** Who reports, who is silent, and whose days are closed. */
import { z } from 'zod';
import { dayText } from '#analytics/time/localDay.ts';
import { closedDaysAnswer, coverageAnswer } from '#contract/coverage.ts';
import { periodOf, today } from '../figures/period.ts';
import { route, type Route } from '../http/route.ts';
import { CLOSED_WITHIN_DAYS, getCoverage, type CoverageParts } from './getCoverage.ts';
import { listDayCloses } from './getDayCloses.ts';

export function coverageRoutes(parts: CoverageParts): Route[] {
  const { database, units, zone, now } = parts;
  return [
    route({
      method: 'get', path: '/coverage', tag: 'Figures', summary: 'Which units report, which are silent against their own rhythm, and how their days are closed', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: z.string().optional() }), answer: coverageAnswer,
      async handle({ query, session }) { return await getCoverage(parts, query.unit ?? session.unit); },
    }),
    route({
      method: 'get', path: '/day-closes', tag: 'Figures', summary: 'Days that a source closed, of a unit and all under it: whether its counts are ours, and what came late', access: 'session', scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: z.string().optional(), from: z.string().optional(), to: z.string().optional(), open: z.enum(['true', 'false']).default('false'), limit: z.coerce.number().int().min(1).max(5000).default(1000) }), answer: closedDaysAnswer,
      async handle({ query, session }) {
        const unit = query.unit ?? session.unit;
        const day = today(zone, now());
        const to = query.to ?? dayText(day);
        const { from } = periodOf(query.from ?? (query.to === undefined ? dayText(day - CLOSED_WITHIN_DAYS + 1) : to), to, zone, now());
        return { unit, from, to, ...await listDayCloses(database, units, units.tree.under(unit), { from, to }, query.open === 'true', query.limit) };
      },
    }),
  ];
}
