/** What ratings say beside their number: the reasons of dissatisfaction, and the latest dissatisfied ratings. */
import { z } from 'zod';
import { ratingsAnswer, type RatingsAnswer } from '#contract/scene.ts';
import { dayText } from '#analytics/time/localDay.ts';
import { periodOf, today } from '../figures/period.ts';
import type { FigureParts } from '../figures/getKpis.ts';
import { route, type Route } from '../http/route.ts';

const LATEST = 40;

/** Over the codes that today's unit reaches; 30 days where no period is asked. */
export function ratingRoutes({ database, units, zone }: Pick<FigureParts, 'database' | 'units' | 'zone'>, now: () => Date): Route[] {
  return [route({
    method: 'get', path: '/ratings', tag: 'Figures', summary: 'The reasons of dissatisfied ratings and the latest of them, of a unit and all under it', access: 'session', screen: true, scope: { kind: 'unit', from: 'query.unit' },
    query: z.object({ unit: z.string(), from: z.string().optional(), to: z.string().optional() }), answer: ratingsAnswer,
    async handle({ query }): Promise<RatingsAnswer> {
      const day = today(zone, now());
      const period = periodOf(query.from ?? dayText(day - 29), query.to ?? dayText(day), zone, now());
      const codes = units.tree.under(query.unit);
      const within = 'unit = ANY($1) AND at >= $2 AND at < $3';
      const values = [codes, period.start, period.end];
      const [counted, reasons, latest] = await Promise.all([
        database.query<{ responses: number; dissatisfied: number; without: number }>(`SELECT count(*) AS responses, count(*) FILTER (WHERE rating <= 2) AS dissatisfied, count(*) FILTER (WHERE rating <= 2 AND cardinality(reasons) = 0) AS without FROM surveys WHERE ${within}`, values),
        database.query<{ reason: string; count: number; fault: number }>(`SELECT reason, count(*) AS count, count(*) FILTER (WHERE fault) AS fault FROM surveys, unnest(reasons) reason WHERE ${within} AND rating <= 2 GROUP BY reason ORDER BY 2 DESC, 1 LIMIT 40`, values),
        database.query<{ at: Date; unit: string; counter: string | null; rating: number; reasons: string[]; fault: boolean; simulated: boolean }>(`SELECT at, unit, counter, rating, reasons, fault, simulated FROM surveys WHERE ${within} AND rating <= 2 ORDER BY at DESC, event_id LIMIT ${LATEST}`, values),
      ]);
      const { responses = 0, dissatisfied = 0, without = 0 } = counted.rows[0] ?? {};
      return {
        unit: query.unit, from: period.from, to: period.to, responses, dissatisfied, without, reasons: reasons.rows,
        latest: latest.rows.map((row) => ({ ...row, at: row.at.toISOString(), unitName: units.nameOf(row.unit) })),
      };
    },
  })];
}
