/** The life of an alert: one table of state × action → state. Route files only call it. */
import type { AlertAction, AlertState } from '#contract/vocabulary.ts';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';

const NEXT: Record<AlertState, Partial<Record<AlertAction, AlertState>>> = {
  open: { acknowledge: 'acknowledged', assign: 'assigned', answer: 'answered', snooze: 'snoozed', resolve: 'resolved' },
  acknowledged: { assign: 'assigned', answer: 'answered', snooze: 'snoozed', resolve: 'resolved' },
  assigned: { assign: 'assigned', answer: 'answered', snooze: 'snoozed', resolve: 'resolved' },
  answered: { assign: 'assigned', answer: 'answered', snooze: 'snoozed', resolve: 'resolved' },
  snoozed: { acknowledge: 'acknowledged', assign: 'assigned', answer: 'answered', snooze: 'snoozed', resolve: 'resolved' },
  resolved: {},
};

export const nextState = (state: AlertState, action: AlertAction): AlertState | null => NEXT[state][action] ?? null;

/** `assignee`: who takes it on, for `assign` alone; null for what is not given to anybody. */
export interface ActionInput { note?: string | undefined; assignee: string | null; minutes?: number | undefined }

export async function act(database: Database, id: string, action: AlertAction, input: ActionInput, actor: string, now: Date): Promise<void> {
  await database.transaction(async (connection) => {
    const row = (await connection.query<{ state: AlertState; unit: string; rule: string }>('SELECT state, unit, rule FROM alerts WHERE id = $1 FOR UPDATE', [id])).rows[0];
    if (!row) throw new Fault('not_found');
    const state = nextState(row.state, action);
    if (state === null) throw new Fault('alert_state', `the alert is ${row.state}`);
    const snoozedUntil = action === 'snooze' ? new Date(now.getTime() + (input.minutes ?? 30) * 60_000) : null;
    await connection.query(
      `UPDATE alerts SET state = $2, updated_at = $3, assignee = coalesce($4, assignee), snoozed_until = $5,
         closed_at = CASE WHEN $2 = 'resolved' THEN $3 ELSE closed_at END, closed_reason = CASE WHEN $2 = 'resolved' THEN 'by_hand' ELSE closed_reason END WHERE id = $1`,
      [id, state, now, input.assignee, snoozedUntil]);
    await connection.query('INSERT INTO alert_notes (alert_id, at, by_whom, action, note) VALUES ($1, $2, $3, $4, $5)', [id, now, actor, action, input.note ?? input.assignee]);
    await appendAudit(connection, { actor, action: `alert.${action}`, unit: row.unit, subject: id, detail: { rule: row.rule, note: input.note ?? null, ...(input.assignee === null ? {} : { assignee: input.assignee }) } }, now);
  });
}
