/** POST /ingest/queue: ticket events → state of each ticket touched → counters. */
import { difference, type Contribution } from '#analytics/kpi/counters.ts';
import { foldTicket, ticketContribution, type TicketEvent, type TicketState } from '#analytics/queue/fold.ts';
import { dayOf, dayText, type Zone } from '#analytics/time/localDay.ts';
import { queueEvent, type QueueEventBody } from '#contract/events.ts';
import type { Queryable } from '../database/pool.ts';
import { RETENTION, type RetentionState } from '../database/retention.ts';
import { readSetting } from '../settings.ts';
import { applyCounters } from './counters.ts';
import { newestByUnit, takeFresh, type Applied, type Incoming, type Kind } from './kind.ts';
import { Refusal } from './refusal.ts';
import type { Source } from './source.ts';

/** Numbers start again every day. */
const ticketKey = (event: QueueEventBody, zone: Zone) => `${event.unit}/${dayText(dayOf(Date.parse(event.at), zone))}/${event.ticket}`;
const ticketEventOf = (event: QueueEventBody): TicketEvent => ({ eventId: event.eventId, status: event.status, at: Date.parse(event.at), counter: event.counter, procedure: event.procedure });

export function queueKind(zone: Zone): Kind<QueueEventBody> {
  return {
    name: 'queue', schema: queueEvent, instantOf: (event) => Date.parse(event.at),
    async apply(connection, incoming, source, alone) { await alone(); return await applyQueue(connection, incoming, source, zone); },
  };
}

export interface TicketRow extends Record<string, unknown> { key: string; unit: string; counter: string | null; procedure: string | null; issued_at: Date | null; called_at: Date | null; served_at: Date | null; no_show_at: Date | null; waited_until: Date | null; last_at: Date; simulated: boolean }

export const ticketStateOf = (row: TicketRow): TicketState => ({
  unit: row.unit, counter: row.counter, procedure: row.procedure, lastAt: row.last_at.getTime(), issuedAt: row.issued_at?.getTime() ?? null, calledAt: row.called_at?.getTime() ?? null,
  servedAt: row.served_at?.getTime() ?? null, noShowAt: row.no_show_at?.getTime() ?? null, waitedUntil: row.waited_until?.getTime() ?? null,
});

/** A ticket whose events retention took cannot be folded again: nothing may be added to it. */
async function refusePast(connection: Queryable, incoming: Incoming<QueueEventBody>[], zone: Zone): Promise<Applied['refused']> {
  const past = await readSetting<RetentionState>(connection, RETENTION);
  if (past === null) return [];
  return incoming.filter((one) => dayText(dayOf(one.at, zone)) < past.keptSince).map(({ index }) => ({ index, refusal: new Refusal('past_retention', `at: events of tickets before ${past.keptSince} are not kept any more`) }));
}

async function applyQueue(connection: Queryable, incoming: Incoming<QueueEventBody>[], source: Source, zone: Zone): Promise<Applied> {
  const past = await refusePast(connection, incoming, zone);
  const out = new Set(past.map((one) => one.index));
  const { fresh, refused: others } = await takeFresh(connection, 'queue', incoming.filter((one) => !out.has(one.index)), source.simulated, {
    table: 'queue_events', columns: { ticket_key: ['text', (one) => ticketKey(one.event, zone)], status: ['text', (one) => one.event.status] },
  });
  const refused = [...past, ...others];
  if (fresh.length === 0) return { touched: new Map(), heard: [], refused, fresh: [] };
  const keyed = fresh.map((one) => ({ ...one, key: ticketKey(one.event, zone) }));
  const keys = [...new Set(keyed.map((one) => one.key))];
  const before = new Map((await connection.query<TicketRow>('SELECT * FROM tickets WHERE key = ANY($1)', [keys])).rows.map((row) => [row.key, row]));
  await connection.query(
    `INSERT INTO queue_events (at, event_id, ticket_key, status, body, source, simulated)
     SELECT at, event_id, ticket_key, status, body, $6, $7 FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::jsonb[]) AS e(at, event_id, ticket_key, status, body)`,
    [keyed.map((one) => new Date(one.at)), keyed.map((one) => one.event.eventId), keyed.map((one) => one.key), keyed.map((one) => one.event.status), keyed.map((one) => JSON.stringify(one.event)), source.id, source.simulated]);
  const bodies = await connection.query<{ ticket_key: string; body: QueueEventBody }>(
    // Ticket by ticket, through the index: for «= ANY» of hundreds the planner reads the whole table.
    'SELECT e.ticket_key, e.body FROM unnest($1::text[]) AS wanted(key) CROSS JOIN LATERAL (SELECT ticket_key, body FROM queue_events WHERE ticket_key = wanted.key OFFSET 0) AS e', [keys]);
  const events = new Map<string, QueueEventBody[]>();
  for (const row of bodies.rows) events.set(row.ticket_key, [...(events.get(row.ticket_key) ?? []), row.body]);

  const changes: (Contribution & { simulated: boolean })[] = [];
  const rows = keys.map((key) => {
    const all = events.get(key) ?? [];
    const [unit = '', day = '', ...rest] = key.split('/');
    const state = foldTicket(unit, all.map(ticketEventOf));
    const old = before.get(key);
    const simulated = old?.simulated ?? source.simulated;
    for (const part of difference(ticketContribution(old ? ticketStateOf(old) : null, zone), ticketContribution(state, zone))) changes.push({ ...part, simulated });
    const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
    return { key, unit, ticket: rest.join('/'), day, counter: state.counter, procedure: state.procedure, issued_at: iso(state.issuedAt), called_at: iso(state.calledAt), served_at: iso(state.servedAt), no_show_at: iso(state.noShowAt), waited_until: iso(state.waitedUntil), last_at: iso(state.lastAt), simulated };
  });
  await connection.query(
    `INSERT INTO tickets (key, unit, ticket, day, counter, procedure, issued_at, called_at, served_at, no_show_at, waited_until, last_at, simulated)
     SELECT * FROM json_to_recordset($1::json) AS r(key text, unit text, ticket text, day date, counter text, procedure text, issued_at timestamptz, called_at timestamptz, served_at timestamptz, no_show_at timestamptz, waited_until timestamptz, last_at timestamptz, simulated boolean)
     ON CONFLICT (key) DO UPDATE SET counter = excluded.counter, procedure = excluded.procedure, issued_at = excluded.issued_at, called_at = excluded.called_at, served_at = excluded.served_at,
       no_show_at = excluded.no_show_at, waited_until = excluded.waited_until, last_at = excluded.last_at`, [JSON.stringify(rows)]);
  await applyCounters(connection, changes);
  return { touched: newestByUnit(fresh.map((one) => [one.event.unit, one.at])), heard: fresh.map((one) => [one.event.unit, one.at]), refused, fresh: fresh.map((one) => one.index) };
}
