/** The forecast of queues. */
import { z } from 'zod';
import { queueForecastAnswer, type QueueForecastAnswer } from '#contract/forecast.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import type { Forecasts } from './forecasts.ts';

export function forecastRoutes({ forecasts, units, now }: { forecasts: Forecasts; units: Units; now: () => Date }): Route[] {
  return [
    route({
      method: 'get', path: '/forecast/queue', tag: 'Figures', summary: 'How long a ticket drawn now will wait at a desk and its queue of the next three hours; the desks under a unit by expected wait', access: 'session', screen: true, scope: { kind: 'unit', from: 'query.unit' },
      query: z.object({ unit: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(200) }), answer: queueForecastAnswer,
      async handle({ query, session }): Promise<QueueForecastAnswer> {
        const unit = query.unit ?? session.unit;
        const under = new Set(units.tree.under(unit));
        // A desk without a forecast stands last, the more waiting the earlier.
        const rows = forecasts.now().filter((one) => one.unit !== unit && under.has(one.unit))
          .sort((a, b) => (b.wait?.p50 ?? -1) - (a.wait?.p50 ?? -1) || b.waiting - a.waiting || (a.unit < b.unit ? -1 : 1));
        return {
          unit, unitName: units.nameOf(unit), asOf: now().toISOString(), estimate: true, desk: await forecasts.desk(unit), total: rows.length,
          desks: rows.slice(0, query.limit).map(({ at, ...one }) => ({ ...one, unitName: units.nameOf(one.unit), asOf: new Date(at).toISOString() })),
        };
      },
    }),
  ];
}
