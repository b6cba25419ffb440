/** Brings the schema to this version: plain SQL files, one transaction each, two runners at once are safe. */
import { readdir } from 'node:fs/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { fromRoot } from '#config/paths.ts';
import { Fault } from '#contract/faults.ts';

export type Edition = 'plain' | 'apache' | 'community';

/** Two centres that start at once take turns. */
const TURN = 7_201_000;

/** Which of the three databases this is; TimescaleDB is switched on where it is installed. */
export async function prepare(url: string): Promise<Edition> {
  const client = new pg.Client({ connectionString: url });
  // What breaks the connection also fails the query; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The second setting exists when the library is preloaded; without it CREATE EXTENSION breaks the connection.
    const found = await client.query<{ usable: boolean }>("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') AND current_setting('timescaledb.max_background_workers', true) IS NOT NULL AS usable");
    if (found.rows[0]?.usable !== true) return 'plain';
    await client.query('SELECT pg_advisory_lock($1)', [TURN]);
    await client.query('CREATE EXTENSION IF NOT EXISTS timescaledb').catch((error: Error & { code?: string }) => {
      // No right to create it: the product works without it.
      if (error.code !== '42501') throw error;
    });
    const license = await client.query<{ license: string | null }>("SELECT current_setting('timescaledb.license', true) AS license FROM pg_extension WHERE extname = 'timescaledb'");
    const row = license.rows[0];
    return row === undefined ? 'plain' : row.license === 'timescale' ? 'community' : 'apache';
  } finally {
    await client.end();
  }
}

/** Refuses a database that a newer version of the product has already changed. */
async function refuseNewer(url: string, directory: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const exists = await client.query("SELECT to_regclass('public.migrations') AS found");
    if ((exists.rows[0] as { found: string | null }).found === null) return;
    const ours = new Set((await readdir(directory)).map((file) => file.replace(/\.sql$/, '')));
    const applied = await client.query<{ name: string }>('SELECT name FROM migrations ORDER BY id');
    const unknown = applied.rows.filter((row) => !ours.has(row.name)).map((row) => row.name);
    if (unknown.length > 0) throw new Fault('internal', `the database is newer than this program: it has ${unknown.join(', ')}. Install the newer version, or restore a backup made with this one.`);
  } finally {
    await client.end();
  }
}

/** All steps that are still to be done; who comes second waits for the first and finds nothing to do. */
export async function migrate(url: string, log: (text: string) => void): Promise<void> { await migrateSteps(url, Infinity, log); }

export async function migrateSteps(url: string, count: number, log: (text: string) => void): Promise<void> {
  const directory = fromRoot('server/database/migrations');
  await refuseNewer(url, directory);
  await runner({
    databaseUrl: url, dir: directory, direction: 'up', migrationsTable: 'migrations', count, singleTransaction: true, advisoryLockMode: 'wait',
    logger: { debug: () => undefined, info: () => undefined, warn: log, error: log },
  });
}
