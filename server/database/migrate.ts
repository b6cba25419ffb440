/** Brings the schema to this version: plain SQL files, one transaction each, two runners at once are safe. */
import { readdir } from 'node:fs/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { fromRoot } from '#config/paths.ts';
import { Fault } from '#contract/faults.ts';

export type Edition = 'plain' | 'apache' | 'community';

/** Which of the three databases this is; TimescaleDB is switched on where it is installed. */
export async function prepare(url: string): Promise<Edition> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const available = await client.query("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'");
    if (available.rowCount === 0) return 'plain';
    await client.query('CREATE EXTENSION IF NOT EXISTS timescaledb').catch((error: Error) => {
      // Installed but not preloaded, or no right to create it: the product works without it.
      if (!/must be preloaded|permission denied/.test(error.message)) throw error;
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

export async function migrate(url: string, log: (text: string) => void): Promise<void> {
  const directory = fromRoot('server/database/migrations');
  await refuseNewer(url, directory);
  await runner({
    databaseUrl: url, dir: directory, direction: 'up', migrationsTable: 'migrations', count: Infinity, singleTransaction: true,
    logger: { debug: () => undefined, info: () => undefined, warn: log, error: log },
  });
}
