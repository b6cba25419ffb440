/** The tables of events: plain or hypertables, how large, how much of them compressed, which policies the database itself keeps. */
import pg from 'pg';
import { TURN } from './migrate.ts';
import type { Queryable } from './pool.ts';

export const EVENT_TABLES = ['dossier_events', 'queue_events', 'surveys', 'feedback_events'] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

export interface EventTableShape {
  table: EventTable; hypertable: boolean; sizeBytes: number;
  /** Null where the table is plain. */
  chunks: number | null; compressedChunks: number | null;
  /** What the database's own jobs do, as intervals in its own words («60 days»); null: no such job. */
  compressAfter: string | null; dropAfter: string | null;
}

/** A conversion holds up every writer of the table: at start only what is done in seconds, the rest by the command. */
export const SAFE_BYTES = 256 << 20;

async function hasTimescale(database: Queryable): Promise<boolean> {
  return (await database.query("SELECT FROM pg_extension WHERE extname = 'timescaledb'")).rowCount === 1;
}

export async function readEventTables(database: Queryable): Promise<EventTableShape[]> {
  const plain = (table: EventTable, sizeBytes: number): EventTableShape => ({ table, hypertable: false, sizeBytes, chunks: null, compressedChunks: null, compressAfter: null, dropAfter: null });
  if (!await hasTimescale(database)) {
    const sizes = await database.query<{ name: EventTable; size: number }>('SELECT name, pg_total_relation_size(name::regclass) AS size FROM unnest($1::text[]) AS name', [EVENT_TABLES]);
    return sizes.rows.map((row) => plain(row.name, row.size));
  }
  const found = await database.query<{ name: EventTable; hyper: boolean; size: number; chunks: number; compressed: number; compress_after: string | null; drop_after: string | null }>(
    `SELECT name, h.hypertable_name IS NOT NULL AS hyper, CASE WHEN h.hypertable_name IS NULL THEN pg_total_relation_size(name::regclass) ELSE hypertable_size(name::regclass) END AS size,
       (SELECT count(*) FROM timescaledb_information.chunks c WHERE c.hypertable_name = name AND c.hypertable_schema = current_schema()) AS chunks,
       (SELECT count(*) FROM timescaledb_information.chunks c WHERE c.hypertable_name = name AND c.hypertable_schema = current_schema() AND c.is_compressed) AS compressed,
       (SELECT config->>'compress_after' FROM timescaledb_information.jobs j WHERE j.hypertable_name = name AND j.proc_name IN ('policy_compression', 'policy_columnstore') LIMIT 1) AS compress_after,
       (SELECT config->>'drop_after' FROM timescaledb_information.jobs j WHERE j.hypertable_name = name AND j.proc_name = 'policy_retention' LIMIT 1) AS drop_after
     FROM unnest($1::text[]) AS name LEFT JOIN timescaledb_information.hypertables h ON h.hypertable_name = name AND h.hypertable_schema = current_schema()`, [EVENT_TABLES]);
  return found.rows.map((row) => (row.hyper ? { table: row.name, hypertable: true, sizeBytes: row.size, chunks: row.chunks, compressedChunks: row.compressed, compressAfter: row.compress_after, dropAfter: row.drop_after } : plain(row.name, row.size)));
}

/**
 * Tables that were made before TimescaleDB was installed become hypertables, with what migration 0007 would have given them; what is
 * one already is left alone. `limitBytes`: nothing is done when they are larger together. Returns what was made and what was left.
 */
export async function makeHypertables(url: string, limitBytes: number): Promise<{ made: EventTable[]; left: EventTable[]; bytes: number }> {
  // A connection of its own: the pool gives up what takes longer than a request may.
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const database: Queryable = { query: async (text, values) => await client.query(text, values) };
    if (!await hasTimescale(database)) return { made: [], left: [], bytes: 0 };
    await client.query('SELECT pg_advisory_lock($1)', [TURN]);
    const open = (await readEventTables(database)).filter((one) => !one.hypertable);
    const bytes = open.reduce((sum, one) => sum + one.sizeBytes, 0);
    const names = open.map((one) => one.table);
    if (names.length === 0 || bytes > limitBytes) return { made: [], left: names, bytes };
    const community = (await client.query<{ license: string | null }>("SELECT current_setting('timescaledb.license', true) AS license")).rows[0]?.license === 'timescale';
    await client.query('BEGIN');
    for (const name of names) {
      await client.query(`SELECT create_hypertable('${name}'::regclass, 'at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false, if_not_exists => true, migrate_data => true)`);
      if (!community) continue;
      await client.query(`ALTER TABLE ${name} SET (timescaledb.compress, timescaledb.compress_orderby = 'at')`);
      await client.query(`SELECT add_compression_policy('${name}', INTERVAL '60 days', if_not_exists => true)`);
    }
    await client.query('COMMIT');
    return { made: names, left: [], bytes };
  } finally {
    await client.end();
  }
}
