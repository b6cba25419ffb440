/** POST /ingest/feedback: events of hotline and portal cases → state of each case touched → counters. */
import { caseContribution, foldCase, type CaseEvent, type CaseState } from '#analytics/feedback/fold.ts';
import { difference, type Contribution } from '#analytics/kpi/counters.ts';
import { dayOf } from '#analytics/time/localDay.ts';
import { feedbackEvent, type FeedbackEventBody } from '#contract/events.ts';
import type { Queryable } from '../database/pool.ts';
import { applyCounters } from './counters.ts';
import type { Units } from '../units/tree.ts';
import { notThen } from '../units/asked.ts';
import type { DossierRules } from './postDossiers.ts';
import { takeFresh, type Applied, type Incoming, type Kind } from './kind.ts';
import { Refusal } from './refusal.ts';
import type { Source } from './source.ts';

export function feedbackKind(rules: Pick<DossierRules, 'zone' | 'clock' | 'holders'>, units: Units): Kind<FeedbackEventBody> {
  return {
    name: 'feedback', schema: feedbackEvent, instantOf: (event) => Date.parse(event.at),
    async apply(connection, incoming, source, alone) { await alone(); return await applyFeedback(connection, incoming, source, rules, units); },
  };
}

/** The event as the rules read it: instants in milliseconds. */
export const caseEventOf = (body: FeedbackEventBody): CaseEvent => ({ ...body, at: Date.parse(body.at), dueAt: body.dueAt === undefined ? undefined : Date.parse(body.dueAt) });

interface CaseRow extends Record<string, unknown> { code: string; unit: string; status: string; category: string | null; received_at: Date | null; resolved_at: Date | null; due_at: Date | null; satisfied: boolean | null; dossier: string | null; channel: string | null; reopened: boolean; last_at: Date; simulated: boolean }
const stateOf = (row: CaseRow): CaseState => ({ unit: row.unit, status: row.status, category: row.category, receivedAt: row.received_at?.getTime() ?? null, resolvedAt: row.resolved_at?.getTime() ?? null, dueAt: row.due_at?.getTime() ?? null, satisfied: row.satisfied, dossier: row.dossier, source: row.channel, reopened: row.reopened, lastAt: row.last_at.getTime() });

async function applyFeedback(connection: Queryable, incoming: Incoming<FeedbackEventBody>[], source: Source, rules: Pick<DossierRules, 'zone' | 'clock' | 'holders'>, units: Units): Promise<Applied> {
  const { zone } = rules;
  const codes = [...new Set(incoming.map((one) => one.event.case))];
  const before = new Map((await connection.query<CaseRow>('SELECT * FROM feedback_cases WHERE code = ANY($1)', [codes])).rows.map((row) => [row.code, row]));
  const strangers = incoming.flatMap(({ index, event, at }) => {
    const known = before.get(event.case);
    const refusal = known && !source.units.has(known.unit) ? new Refusal('unit_out_of_scope', 'the case belongs to a unit outside the reach of this key')
      : known?.unit === event.unit ? null : notThen(units, event.unit, dayOf(at, zone));
    return refusal === null ? [] : [{ index, refusal }];
  });
  const out = new Set(strangers.map((one) => one.index));
  const allowed = incoming.filter((one) => !out.has(one.index));
  const { fresh, refused: others } = await takeFresh(connection, 'feedback', allowed, source.simulated, {
    table: 'feedback_events', columns: { case_code: ['text', (one) => one.event.case], status: ['text', (one) => one.event.status, "k.body->>'status'"] },
  });
  const refused = [...strangers, ...others];
  if (fresh.length === 0) return { touched: new Map(), heard: [], refused, fresh: [] };
  await connection.query(
    `INSERT INTO feedback_events (at, event_id, case_code, body, source, simulated)
     SELECT at, event_id, case_code, body, $5, $6 FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::jsonb[]) AS e(at, event_id, case_code, body)`,
    [fresh.map((one) => new Date(one.at)), fresh.map((one) => one.event.eventId), fresh.map((one) => one.event.case), fresh.map((one) => JSON.stringify(one.event)), source.id, source.simulated]);
  const touchedCodes = [...new Set(fresh.map((one) => one.event.case))];
  const bodies = await connection.query<{ case_code: string; body: FeedbackEventBody }>(
    // Case by case, through the index, as with the dossiers.
    'SELECT e.case_code, e.body FROM unnest($1::text[]) AS wanted(code) CROSS JOIN LATERAL (SELECT case_code, body FROM feedback_events WHERE case_code = wanted.code OFFSET 0) AS e', [touchedCodes]);
  const events = new Map<string, FeedbackEventBody[]>();
  for (const row of bodies.rows) events.set(row.case_code, [...(events.get(row.case_code) ?? []), row.body]);

  const changes: (Contribution & { simulated: boolean })[] = [];
  const touched = new Map<string, number>();
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const rows = touchedCodes.map((code) => {
    const state = foldCase((events.get(code) ?? []).map(caseEventOf), rules.clock.goesOn);
    const old = before.get(code);
    const simulated = old?.simulated ?? source.simulated;
    for (const part of difference(caseContribution(old ? stateOf(old) : null, zone, rules.holders), caseContribution(state, zone, rules.holders))) changes.push({ ...part, simulated });
    if (old) touched.set(old.unit, touched.get(old.unit) ?? 0);
    touched.set(state.unit, Math.max(touched.get(state.unit) ?? 0, state.lastAt));
    return { code, unit: state.unit, status: state.status, category: state.category, received_at: iso(state.receivedAt), resolved_at: iso(state.resolvedAt), due_at: iso(state.dueAt), satisfied: state.satisfied, dossier: state.dossier, channel: state.source, reopened: state.reopened, last_at: iso(state.lastAt), simulated };
  });
  await connection.query(
    `INSERT INTO feedback_cases (code, unit, status, category, received_at, resolved_at, due_at, satisfied, dossier, channel, reopened, last_at, simulated)
     SELECT * FROM json_to_recordset($1::json) AS r(code text, unit text, status text, category text, received_at timestamptz, resolved_at timestamptz, due_at timestamptz, satisfied boolean, dossier text, channel text, reopened boolean, last_at timestamptz, simulated boolean)
     ON CONFLICT (code) DO UPDATE SET unit = excluded.unit, status = excluded.status, category = excluded.category, received_at = excluded.received_at, resolved_at = excluded.resolved_at,
       due_at = excluded.due_at, satisfied = excluded.satisfied, dossier = excluded.dossier, channel = excluded.channel, reopened = excluded.reopened, last_at = excluded.last_at`, [JSON.stringify(rows)]);
  await applyCounters(connection, changes);
  return { touched, heard: fresh.map((one) => [one.event.unit, one.at]), refused, fresh: fresh.map((one) => one.index) };
}
