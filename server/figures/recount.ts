/** Compares the counters with a recomputation from the events, and mends them when asked (invariant I9). */
import { caseContribution } from '#analytics/feedback/fold.ts';
import { COUNTERS, type Contribution } from '#analytics/kpi/counters.ts';
import { foldCase } from '#analytics/feedback/fold.ts';
import { foldTicket, ticketContribution } from '#analytics/queue/fold.ts';
import { ratingContribution } from '#analytics/satisfaction/rating.ts';
import type { DossierEventBody, FeedbackEventBody, QueueEventBody } from '#contract/events.ts';
import { compareAll } from '../coverage/dayStates.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { readClocks } from '../deadlines/calendars.ts';
import { countedOf, reckonBy, type Counted } from '../deadlines/reckoned.ts';
import { applyCounters, columnOf, counterRows } from '../ingest/counters.ts';
import { DOSSIER, dossierEventOf, storedOf, type DossierRow } from '../ingest/dossierRows.ts';
import { caseEventOf } from '../ingest/postFeedback.ts';
import type { DossierRules } from '../ingest/postDossiers.ts';
import { ticketStateOf, type TicketRow } from '../ingest/postQueue.ts';

export interface Mismatch { unit: string; day: string; dimension: number; key: string; counter: string; counted: number; recomputed: number }

/** What was counted from its kept state, because retention took its events: that these were folded rightly cannot be proved any more. */
export interface Unproved { dossiers: number; tickets: number }

async function recompute(database: Queryable, rules: DossierRules): Promise<{ parts: Counted[]; unproved: Unproved }> {
  const parts: Counted[] = [];
  const unproved: Unproved = { dossiers: 0, tickets: 0 };
  const clockOf = await readClocks(database, rules);
  const add = (made: Contribution[], simulated: boolean) => { for (const part of made) parts.push({ ...part, simulated }); };
  let after = '';
  for (;;) {
    const page = await database.query<DossierRow & { bodies: DossierEventBody[] | null }>(
      `SELECT ${DOSSIER}, (SELECT json_agg(e.body) FROM dossier_events e WHERE e.dossier = d.code) AS bodies FROM dossiers d WHERE d.code > $1 ORDER BY d.code LIMIT 5000`, [after]);
    for (const row of page.rows) {
      const stored = storedOf(row);
      if (!stored.eventsKept) unproved.dossiers += 1;
      for (const part of countedOf(stored.eventsKept ? reckonBy((row.bodies ?? []).map(dossierEventOf), stored.calendar, stored.reported, clockOf) : stored, row.simulated, rules)) parts.push(part);
    }
    const last = page.rows[page.rows.length - 1];
    if (!last) break;
    after = last.code;
  }
  const tickets = await database.query<TicketRow & { bodies: QueueEventBody[] | null }>(
    'SELECT t.*, e.bodies FROM tickets t LEFT JOIN (SELECT ticket_key, json_agg(body) AS bodies FROM queue_events GROUP BY 1) e ON e.ticket_key = t.key');
  for (const row of tickets.rows) {
    if (row.bodies === null) unproved.tickets += 1;
    add(ticketContribution(row.bodies === null ? ticketStateOf(row) : foldTicket(row.unit, row.bodies.map((body) => ({ eventId: body.eventId, status: body.status, at: Date.parse(body.at), counter: body.counter, procedure: body.procedure }))), rules.zone), row.simulated);
  }
  const surveys = await database.query<{ unit: string; at: Date; rating: number; fault: boolean; simulated: boolean }>('SELECT unit, at, rating, fault, simulated FROM surveys');
  for (const row of surveys.rows) add(ratingContribution({ unit: row.unit, at: row.at.getTime(), rating: row.rating, fault: row.fault }, rules.zone), row.simulated);
  const cases = await database.query<{ simulated: boolean; bodies: FeedbackEventBody[] }>(
    'SELECT c.simulated, json_agg(e.body) AS bodies FROM feedback_cases c JOIN feedback_events e ON e.case_code = c.code GROUP BY c.code, c.simulated');
  for (const row of cases.rows) add(caseContribution(foldCase(row.bodies.map(caseEventOf), rules.clock.goesOn), rules.zone, rules.holders), row.simulated);
  return { parts, unproved };
}

/** Reads under the ingest locks, so that nothing moves meanwhile. With `mend`, the counters are made anew. */
export async function recount(database: Database, rules: DossierRules, mend: boolean): Promise<{ rows: number; mismatches: Mismatch[]; unproved: Unproved }> {
  return await database.transaction(async (connection) => {
    await connection.query('SET LOCAL statement_timeout = 0');
    for (let kind = 0; kind < 5; kind += 1) await connection.query('SELECT pg_advisory_xact_lock($1)', [7_201_100 + kind]);
    const { parts, unproved } = await recompute(connection, rules);
    const right = new Map(counterRows(parts).map((row) => [JSON.stringify([row.unit, row.day, row.dimension, row.key, row.simulated]), row.values]));
    const stored = await connection.query<Record<string, unknown>>(`SELECT unit, day, dimension, key, simulated, ${COUNTERS.map((counter, i) => `${columnOf(counter)} AS c${i}`).join(', ')} FROM counter_days`);
    const mismatches: Mismatch[] = [];
    const compare = (place: unknown[], counted: number[], recomputed: number[]) => {
      COUNTERS.forEach((counter, i) => {
        if ((counted[i] ?? 0) !== (recomputed[i] ?? 0)) mismatches.push({ unit: String(place[0]), day: String(place[1]), dimension: Number(place[2]), key: String(place[3]), counter, counted: counted[i] ?? 0, recomputed: recomputed[i] ?? 0 });
      });
    };
    for (const row of stored.rows) {
      const place = [row.unit, row.day, row.dimension, row.key, row.simulated];
      const id = JSON.stringify(place);
      compare(place, COUNTERS.map((_, i) => Number(row[`c${i}`])), right.get(id) ?? []);
      right.delete(id);
    }
    for (const [id, values] of right) compare(JSON.parse(id) as unknown[], [], values);
    if (mend && mismatches.length > 0) {
      await connection.query('DELETE FROM counter_days');
      for (let i = 0; i < parts.length; i += 20_000) await applyCounters(connection, parts.slice(i, i + 20_000));
      await compareAll(connection, new Date());
    }
    return { rows: stored.rows.length, mismatches, unproved };
  });
}
