/** Alerts: list, one, and the five actions. */
import { z } from 'zod';
import { alertAction, alertRow } from '#contract/alert.ts';
import { instant } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { ALERT_ACTIONS, ALERT_RULES, ALERT_STATES, type AlertAction } from '#contract/vocabulary.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { listAlerts, readAlert } from './alertRows.ts';
import { act } from './lifecycle.ts';

export interface AlertParts { database: Database; units: Units; now: () => Date; changed: () => void }

const SUMMARY: Record<AlertAction, string> = {
  acknowledge: 'Says that somebody has seen it', assign: 'Gives it to an account', answer: 'Answers it', snooze: 'Puts it aside for some minutes', resolve: 'Closes it by hand; it opens again only after its condition has ended',
};

export function alertRoutes({ database, units, now, changed }: AlertParts): Route[] {
  const id = z.object({ id: z.string().regex(/^\d{1,15}$/) });
  return [
    route({
      method: 'get', path: '/alerts', tag: 'Alerts', summary: 'Alerts in scope, newest first', access: 'session', scope: { kind: 'filter' },
      query: z.object({ state: z.enum([...ALERT_STATES, 'active', 'all']).default('active'), rule: z.enum(ALERT_RULES).optional(), unit: z.string().optional(), from: instant.optional(), to: instant.optional(), before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(2000).default(500) }),
      answer: z.object({ alerts: z.array(alertRow) }),
      async handle({ session, query }) {
        return { alerts: await listAlerts(database, units, session.scope, { state: query.state, rule: query.rule ?? null, unit: query.unit ?? null, from: query.from ? new Date(query.from) : null, to: query.to ? new Date(query.to) : null, limit: query.limit, before: query.before ?? null }) };
      },
    }),
    route({
      method: 'get', path: '/alerts/:id', tag: 'Alerts', summary: 'One alert with its story', access: 'session', scope: { kind: 'alert', from: 'params.id' }, params: id, answer: alertRow,
      async handle({ params }) { const row = await readAlert(database, units, params.id); if (!row) throw new Fault('not_found'); return row; },
    }),
    ...ALERT_ACTIONS.map((action) => route({
      method: 'post', path: `/alerts/:id/${action}`, tag: 'Alerts', summary: SUMMARY[action], access: ['operator', 'leader', 'admin'], scope: { kind: 'alert', from: 'params.id' }, params: id, body: alertAction, answer: alertRow,
      async handle({ params, body, session }) {
        await act(database, params.id, action, body, session.username, now());
        changed();
        const row = await readAlert(database, units, params.id);
        if (!row) throw new Fault('not_found');
        return row;
      },
    })),
  ];
}
