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
import { applyCounters, columnOf } from '../ingest/counters.ts';
import { DOSSIER, dossierEventOf, storedOf, type DossierRow } from '../ingest/dossierRows.ts';
import { caseEventOf } from '../ingest/postFeedback.ts';
import type { DossierRules } from '../ingest/postDossiers.ts';
import { ticketStateOf, type TicketRow } from '../ingest/postQueue.ts';

export interface Mismatch { unit: string; day: string; dimension: number; key: string; counter: string; counted: number; recomputed: number }

/** What was counted from its kept state, because retention took its events: that these were folded rightly cannot be proved any more. */
export interface Unproved { dossiers: number; tickets: number }

/** Dossiers, tickets, ratings or cases in memory at a time. */
const PAGE = 5_000;
/** More differences than this are counted, not named. */
const NAMED = 1_000;

/** Page by page: a database of years does not fit into the memory of a process. */
async function eachPage<R extends Record<string, unknown>>(database: Queryable, sql: string, after: (row: R) => unknown[], first: unknown[], use: (rows: R[]) => Promise<void>): Promise<void> {
  for (let from = first; ;) {
    const { rows } = await database.query<R>(`${sql} LIMIT ${PAGE}`, from);
    const last = rows[rows.length - 1];
    if (!last) return;
    await use(rows);
    from = after(last);
  }
}

async function recompute(database: Queryable, rules: DossierRules, add: (parts: Counted[]) => Promise<void>): Promise<Unproved> {
  const { zone, holders, clock } = rules;
  const unproved: Unproved = { dossiers: 0, tickets: 0 };
  const clockOf = await readClocks(database, rules);
  const marked = (parts: Contribution[], simulated: boolean): Counted[] => parts.map((part) => ({ ...part, simulated }));
  await eachPage<DossierRow & { bodies: DossierEventBody[] | null }>(
    database, `SELECT ${DOSSIER}, (SELECT json_agg(e.body) FROM dossier_events e WHERE e.dossier = d.code) AS bodies FROM dossiers d WHERE d.code > $1 ORDER BY d.code`, (row) => [row.code], [''],
    async (rows) => {
      await add(rows.flatMap((row) => {
        const stored = storedOf(row);
        if (!stored.eventsKept) unproved.dossiers += 1;
        return countedOf(stored.eventsKept ? reckonBy((row.bodies ?? []).map(dossierEventOf), stored.calendar, stored.reported, clockOf) : stored, row.simulated, rules);
      }));
    });
  await eachPage<TicketRow & { bodies: QueueEventBody[] | null }>(
    database, 'SELECT t.*, (SELECT json_agg(e.body) FROM queue_events e WHERE e.ticket_key = t.key) AS bodies FROM tickets t WHERE t.key > $1 ORDER BY t.key', (row) => [row.key], [''],
    async (rows) => {
      await add(rows.flatMap((row) => {
        if (row.bodies === null) unproved.tickets += 1;
        return marked(ticketContribution(row.bodies === null ? ticketStateOf(row) : foldTicket(row.unit, row.bodies.map((body) => ({ eventId: body.eventId, status: body.status, at: Date.parse(body.at), counter: body.counter, procedure: body.procedure }))), zone), row.simulated);
      }));
    });
  await eachPage<{ event_id: string; unit: string; at: Date; rating: number; fault: boolean; simulated: boolean }>(
    database, 'SELECT event_id, unit, at, rating, fault, simulated FROM surveys WHERE event_id > $1 ORDER BY event_id', (row) => [row.event_id], [''],
    async (rows) => { await add(rows.flatMap((row) => marked(ratingContribution({ unit: row.unit, at: row.at.getTime(), rating: row.rating, fault: row.fault }, zone), row.simulated))); });
  await eachPage<{ code: string; simulated: boolean; bodies: FeedbackEventBody[] | null }>(
    database, 'SELECT c.code, c.simulated, (SELECT json_agg(e.body) FROM feedback_events e WHERE e.case_code = c.code) AS bodies FROM feedback_cases c WHERE c.code > $1 ORDER BY c.code', (row) => [row.code], [''],
    async (rows) => { await add(rows.flatMap((row) => marked(caseContribution(foldCase((row.bodies ?? []).map(caseEventOf), clock.goesOn), zone, holders), row.simulated))); });
  return unproved;
}

const PLACE = ['unit', 'day', 'dimension', 'key', 'simulated'].join(', ');
const COLUMNS = COUNTERS.map(columnOf);

/**
 * Into a table of this transaction, so that memory does not grow with the data. Comparing reads one snapshot, in which
 * events and counters belong together, and keeps nobody waiting; mending (`mend`) holds the ingest back until it is done.
 */
export async function recount(database: Database, rules: DossierRules, mend: boolean): Promise<{ rows: number; differences: number; mismatches: Mismatch[]; unproved: Unproved }> {
  return await database.transaction(async (connection) => {
    if (!mend) await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('SET LOCAL statement_timeout = 0');
    if (mend) for (let kind = 0; kind < 5; kind += 1) await connection.query('SELECT pg_advisory_xact_lock($1)', [7_201_100 + kind]);
    await connection.query('CREATE TEMP TABLE recounted (LIKE counter_days INCLUDING DEFAULTS INCLUDING INDEXES) ON COMMIT DROP');
    const unproved = await recompute(connection, rules, async (parts) => { await applyCounters(connection, parts, 'recounted'); });
    const rows = (await connection.query<{ n: number }>('SELECT count(*) AS n FROM counter_days')).rows[0]?.n ?? 0;
    const pairs = COUNTERS.map((counter, i) => `('${counter}', coalesce(s.${COLUMNS[i] ?? ''}, 0)::float8, coalesce(r.${COLUMNS[i] ?? ''}, 0)::float8)`).join(', ');
    const apart = `FROM counter_days s FULL JOIN recounted r USING (${PLACE}) CROSS JOIN LATERAL (VALUES ${pairs}) AS v(counter, counted, recomputed) WHERE v.counted <> v.recomputed`;
    const differences = (await connection.query<{ n: number }>(`SELECT count(*) AS n ${apart}`)).rows[0]?.n ?? 0;
    const found = differences === 0 ? [] : (await connection.query<Mismatch & Record<string, unknown>>(`SELECT unit, day, dimension, key, counter, counted, recomputed ${apart} ORDER BY unit, day, dimension, key, counter LIMIT ${NAMED}`)).rows;
    if (mend && differences > 0) {
      await connection.query('DELETE FROM counter_days');
      await connection.query(`INSERT INTO counter_days (${PLACE}, ${COLUMNS.join(', ')}) SELECT ${PLACE}, ${COLUMNS.join(', ')} FROM recounted`);
      await compareAll(connection, new Date());
    }
    return { rows, differences, mismatches: found.map((row): Mismatch => ({ unit: row.unit, day: row.day, dimension: row.dimension, key: row.key, counter: row.counter, counted: row.counted, recomputed: row.recomputed })), unproved };
  });
}
