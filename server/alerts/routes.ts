/** Alerts: list, one, whom it may be given to, and the five actions. */
import { z } from 'zod';
import { accountName, alertAction, alertRow } from '#contract/alert.ts';
import { instant } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { ALERT_ACTIONS, ALERT_RULES, ALERT_STATES, type AlertAction } from '#contract/vocabulary.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { listAlerts, readAlert } from './alertRows.ts';
import { assigneesOf } from './assignees.ts';
import { act } from './lifecycle.ts';

const WHO_ACTS = ['operator', 'leader', 'admin'] as const;

export interface AlertParts { database: Database; units: Units; now: () => Date; changed: () => void }

const SUMMARY: Record<AlertAction, string> = {
  acknowledge: 'Says that somebody has seen it', assign: 'Gives it to an account; without one, the caller takes it on', answer: 'Answers it', snooze: 'Puts it aside for some minutes', resolve: 'Closes it by hand; it opens again only after its condition has ended',
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
    route({
      method: 'get', path: '/alerts/:id/assignees', tag: 'Alerts', summary: 'Accounts in the caller\'s scope that the alert may be given to', access: WHO_ACTS, scope: { kind: 'alert', from: 'params.id' }, params: id, answer: z.object({ accounts: z.array(accountName) }),
      async handle({ params, session }) {
        const row = await readAlert(database, units, params.id);
        if (!row) throw new Fault('not_found');
        return { accounts: await assigneesOf(database, units, row.unit, session.scope, WHO_ACTS) };
      },
    }),
    ...ALERT_ACTIONS.map((action) => route({
      method: 'post', path: `/alerts/:id/${action}`, tag: 'Alerts', summary: SUMMARY[action], access: WHO_ACTS, scope: { kind: 'alert', from: 'params.id' }, params: id, body: alertAction, answer: alertRow,
      async handle({ params, body, session }) {
        const before = await readAlert(database, units, params.id);
        if (!before) throw new Fault('not_found');
        const assignee = action === 'assign' ? body.assignee ?? session.username : null;
        // One answer for who is not there, is locked, or lies outside the scope: it tells nothing about other accounts.
        if (assignee !== null && !(await assigneesOf(database, units, before.unit, session.scope, WHO_ACTS)).some((one) => one.username === assignee)) throw new Fault('assignee_unknown', `the alert cannot be given to "${assignee}"`);
        await act(database, params.id, action, { note: body.note, minutes: body.minutes, assignee }, session.username, now());
        changed();
        return await readAlert(database, units, params.id) ?? before;
      },
    })),
  ];
}
