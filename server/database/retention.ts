/**
 * Events past their retention. Only what has a folded state beside it may go: the events of dossiers that ended and have been
 * quiet since before the limit, and of tickets of days before it. Counters, dossiers, tickets, ratings and feedback stay, so no
 * figure and no list changes; what cannot be done any more without these events is said by `recount` and `recompute-deadlines`.
 *
 * Not TimescaleDB's own retention job: it drops chunks by their age alone, also the first events of a dossier that is still open.
 */
import { dayOf, dayText, dateOf, dayOfDate, startOfDay, type Zone } from '#analytics/time/localDay.ts';
import { readSetting, writeSetting } from '../settings.ts';
import { readEventTables } from './eventTables.ts';
import type { Database, Queryable } from './pool.ts';

export const RETENTION = 'retention';
/** `keptSince`: tickets of earlier days are finished for good. */
export interface RetentionState { keptSince: string; ranAt: string; dossiers: number; tickets: number }

const PAGE = 1_000;
const lockOf = { dossiers: 7_201_100, queue: 7_201_101 } as const;

/** The first day of the month `months` before this one. */
export function retentionLimit(at: Date, months: number, zone: Zone): number {
  const { year, month } = dateOf(dayOf(at.getTime(), zone));
  const index = year * 12 + (month - 1) - months;
  return dayOfDate(Math.floor(index / 12), (index % 12) + 1, 1);
}

const FINISHED = 'd.closed_at IS NOT NULL AND d.last_at < $1::timestamptz';
const GONE = {
  dossier_events: { key: 'dossier', condition: `EXISTS (SELECT FROM dossiers d WHERE d.code = e.dossier AND ${FINISHED})`, lock: lockOf.dossiers },
  queue_events: { key: 'ticket_key', condition: 'EXISTS (SELECT FROM tickets t WHERE t.key = e.ticket_key AND t.day < ($1::timestamptz AT TIME ZONE $2)::date)', lock: lockOf.queue },
} as const;
type Droppable = keyof typeof GONE;

/** Own transaction, under the lock of the kind; it gives way sooner than a deadlock is found. */
async function alone<T>(database: Database, table: Droppable, work: (connection: Queryable) => Promise<T>): Promise<T> {
  return await database.transaction(async (connection) => {
    await connection.query("SET LOCAL lock_timeout = '20s'");
    await connection.query('SELECT pg_advisory_xact_lock($1)', [GONE[table].lock]);
    await connection.query("SET LOCAL lock_timeout = '500ms'");
    return await work(connection);
  });
}

/** Chunk by chunk: what is still needed is taken out, the chunk dropped, and put back. Returns the dossiers or tickets whose events went. */
async function dropChunks(database: Database, table: Droppable, limit: Date, zone: string, isWanted: () => boolean): Promise<number> {
  const { key, condition } = GONE[table];
  const chunks = await database.query<{ since: Date; until: Date; name: string }>(
    "SELECT range_start AS since, range_end AS until, format('%I.%I', chunk_schema, chunk_name) AS name FROM timescaledb_information.chunks WHERE hypertable_name = $1 AND hypertable_schema = current_schema() AND range_end <= $2 ORDER BY 1", [table, limit]);
  let gone = 0;
  for (const { since, until, name } of chunks.rows) {
    if (!isWanted()) break;
    gone += await alone(database, table, async (connection) => {
      await connection.query('CREATE TEMP TABLE past (key text PRIMARY KEY) ON COMMIT DROP');
      const going = await connection.query(`INSERT INTO past SELECT DISTINCT e.${key} FROM ${name} e WHERE ${condition} AND $2::text IS NOT NULL`, [limit, zone]);
      if ((going.rowCount ?? 0) === 0) return 0;
      await connection.query(`CREATE TEMP TABLE needed ON COMMIT DROP AS SELECT e.* FROM ${name} e WHERE NOT EXISTS (SELECT FROM past WHERE past.key = e.${key})`);
      await connection.query(`SELECT drop_chunks('${table}'::regclass, older_than => $1::timestamptz, newer_than => $2::timestamptz)`, [until, since]);
      await connection.query(`INSERT INTO ${table} SELECT * FROM needed`);
      if (table === 'queue_events') return going.rowCount ?? 0;
      // A dossier has events in several chunks, and is counted once.
      return (await connection.query('UPDATE dossiers SET events_kept = false FROM past WHERE code = past.key AND events_kept')).rowCount ?? 0;
    });
  }
  return gone;
}

async function deleteOfDossiers(database: Database, limit: Date, isWanted: () => boolean): Promise<number> {
  let gone = 0;
  for (let after = ''; isWanted();) {
    const codes = await alone(database, 'dossier_events', async (connection) => {
      const page = (await connection.query<{ code: string }>(`SELECT d.code FROM dossiers d WHERE d.code > $2 AND d.events_kept AND ${FINISHED} ORDER BY d.code LIMIT ${PAGE}`, [limit, after])).rows.map((row) => row.code);
      await connection.query('DELETE FROM dossier_events WHERE dossier = ANY($1)', [page]);
      await connection.query('UPDATE dossiers SET events_kept = false WHERE code = ANY($1)', [page]);
      return page;
    });
    const last = codes[codes.length - 1];
    if (last === undefined) break;
    gone += codes.length;
    after = last;
  }
  return gone;
}

async function deleteOfTickets(database: Database, limit: Date, zone: string, isWanted: () => boolean): Promise<number> {
  const days = await database.query<{ day: string }>('SELECT DISTINCT day FROM tickets t WHERE day < ($1::timestamptz AT TIME ZONE $2)::date AND EXISTS (SELECT FROM queue_events e WHERE e.ticket_key = t.key) ORDER BY 1', [limit, zone]);
  let gone = 0;
  for (const { day } of days.rows) {
    if (!isWanted()) break;
    gone += await alone(database, 'queue_events', async (connection) => {
      const keys = (await connection.query<{ ticket_key: string }>('DELETE FROM queue_events e USING tickets t WHERE t.key = e.ticket_key AND t.day = $1 RETURNING e.ticket_key', [day])).rows;
      return new Set(keys.map((row) => row.ticket_key)).size;
    });
  }
  return gone;
}

/** One round; `isWanted` false ends it after a page, the next one goes on. Null months: nothing is ever dropped. */
export async function dropPastEvents(database: Database, { months, zone, at, isWanted = () => true }: { months: number | null; zone: Zone; at: Date; isWanted?: () => boolean }): Promise<RetentionState | null> {
  if (months === null) return null;
  const day = retentionLimit(at, months, zone);
  const limit = new Date(startOfDay(day, zone));
  const before = await readSetting<RetentionState>(database, RETENTION);
  // First what may no longer come, then what goes: a ticket's event that came in between would be folded alone.
  const keptSince = before && before.keptSince > dayText(day) ? before.keptSince : dayText(day);
  const state: RetentionState = { dossiers: 0, tickets: 0, ...before, keptSince, ranAt: at.toISOString() };
  await writeSetting(database, RETENTION, state);
  const shapes = new Map((await readEventTables(database)).map((one) => [one.table, one.hypertable]));
  state.dossiers += shapes.get('dossier_events') ? await dropChunks(database, 'dossier_events', limit, zone.name, isWanted) : await deleteOfDossiers(database, limit, isWanted);
  state.tickets += shapes.get('queue_events') ? await dropChunks(database, 'queue_events', limit, zone.name, isWanted) : await deleteOfTickets(database, limit, zone.name, isWanted);
  await writeSetting(database, RETENTION, state);
  return state;
}
