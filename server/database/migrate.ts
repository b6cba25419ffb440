/** Brings the schema to this version: plain SQL files, one transaction each, two runners at once are safe. */
import { readdir } from 'node:fs/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { fromRoot } from '#config/paths.ts';
import { Fault } from '#contract/faults.ts';

export type Edition = 'plain' | 'apache' | 'community';

/** Two centres that start at once take turns. */
export const TURN = 7_201_000;

const connected = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try { return await work(client); } finally { await client.end(); }
};

/**
 * After new packages of TimescaleDB the database still has the old version of the extension, whose library may be gone: then
 * every statement fails but this one, and only as the first of its connection. Without the right to it: a line when the old
 * version still runs, else an error that says what to do.
 */
export async function updateTimescale(url: string, log: (text: string) => void): Promise<void> {
  const versions = async () => await connected(url, async (client) => (await client.query<{ installed: string; offered: string }>(
    "SELECT e.extversion AS installed, a.default_version AS offered FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = 'timescaledb' AND e.extversion <> a.default_version")).rows[0]);
  const isGone = (error: unknown) => error instanceof Error && /timescaledb-[\w.-]+|could not access file/.test(error.message);
  const old = await versions().catch((error: unknown) => { if (isGone(error)) return null; throw error; });
  if (old === undefined) return;
  try {
    await connected(url, async (client) => { await client.query('ALTER EXTENSION timescaledb UPDATE'); });
    log(`TimescaleDB was updated in this database${old ? ` from ${old.installed} to ${old.offered}` : ''}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = `TimescaleDB ${old ? `${old.offered} is installed, this database has ${old.installed}` : 'was replaced by another version than this database has'}, and it could not be updated (${why}). As a superuser of the database, as the first command of psql -X: ALTER EXTENSION timescaledb UPDATE;`;
    if (old === null) throw new Fault('internal', what, {}, error);
    log(what);
  }
}

/** Which of the three databases this is; TimescaleDB is switched on where it is installed. */
export async function prepare(url: string, log: (text: string) => void = () => undefined): Promise<Edition> {
  await updateTimescale(url, log);
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
