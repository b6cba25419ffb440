/**
 * The simulated province: a key whose data is marked simulated, simulated cameras, and the sender behind the API's door.
 * Its data is a tenant of its own; `purge` removes it wholly.
 */
import type { Logger } from 'pino';
import type { Config } from '#config/schema.ts';
import type { Zones } from '#contract/picture.ts';
import type { Seal } from './access/seal.ts';
import { createIngestKey } from './access/keyRoutes.ts';
import type { Database } from './database/pool.ts';
import { readSetting, writeSetting } from './settings.ts';

interface Kept { on: boolean; keySealed: string; seed: number; sender: string | null }

export interface Simulation { stop(): Promise<void>; status(): { on: boolean; phase: 'history' | 'live' | null; done: number; total: number } }

/** Where staff and public are in the scenes that are drawn. */
const ZONES_OF: Partial<Record<'counter' | 'waiting' | 'entrance', Zones>> = {
  counter: { staff: [[0.1, 0.37], [0.95, 0.37], [0.95, 0.56], [0.1, 0.56]], public: [[0.02, 0.58], [0.98, 0.58], [0.98, 0.92], [0.02, 0.92]] },
  waiting: { public: [[0.05, 0.4], [0.98, 0.4], [0.98, 0.92], [0.05, 0.92]] },
};

export const NO_SIMULATION: Simulation = { stop: async () => undefined, status: () => ({ on: false, phase: null, done: 0, total: 0 }) };

/** `auto`: as it was chosen before; on a database that nobody configured and that is new, on. */
export async function isSimulationWanted(database: Database, config: Config, databaseIsNew: boolean): Promise<boolean> {
  if (config.centre.demo !== 'auto') return config.centre.demo === 'on';
  const kept = await readSetting<Kept>(database, 'demo');
  return kept?.on ?? (databaseIsNew && config.centre.databaseUrl === null);
}

export async function prepareSimulation(database: Database, config: Config, seal: Seal, now: Date): Promise<void> {
  const kept = await readSetting<Partial<Kept>>(database, 'demo');
  // Only the first time (or after a purge): a simulated camera that somebody deleted stays away.
  if (kept?.keySealed !== undefined) return;
  const { key } = await createIngestKey(database, { name: 'Simulated province', kinds: ['dossiers', 'queue', 'surveys', 'feedback', 'indicators'], units: [config.centre.rootUnit], simulated: true, by: 'centre' }, now);
  for (const camera of config.demo.cameras) {
    await database.query(
      `INSERT INTO cameras (id, unit, counter, name, position, simulated, node, created_at, zones, view_confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, 'local', $7, $8, $7) ON CONFLICT DO NOTHING`,
      [camera.id, camera.unit, camera.counter, camera.name, camera.position, JSON.stringify({ scene: camera.scene, seed: camera.seed }), now, ZONES_OF[camera.scene] ? JSON.stringify(ZONES_OF[camera.scene]) : null]);
    await database.query('INSERT INTO camera_ids (id, unit) VALUES ($1, $2) ON CONFLICT DO NOTHING', [camera.id, camera.unit]);
  }
  await writeSetting(database, 'demo', { on: true, keySealed: seal.close(key).toString('base64'), seed: 20_261_120, sender: null } satisfies Kept);
}

export async function startSimulation({ database, config, seal, baseUrl, now, log, progress }: { database: Database; config: Config; seal: Seal; baseUrl: string; now: () => Date; log: Logger; progress: (row: { phase: 'history' | 'live'; done: number; total: number }) => void }): Promise<Simulation> {
  const kept = await readSetting<Kept>(database, 'demo');
  if (!kept) return NO_SIMULATION;
  // Only a centre that simulates loads the sender.
  const { startDemo } = await import('./demo/start.ts');
  const abort = new AbortController();
  const status = { on: true, phase: 'history' as 'history' | 'live', done: 0, total: 0 };
  const running = startDemo({
    baseUrl, key: seal.open(Buffer.from(kept.keySealed, 'base64')), config, now, log, seed: kept.seed, signal: abort.signal,
    progress(done, total) {
      status.phase = done < total ? 'history' : 'live';
      status.done = done;
      status.total = total;
      progress({ phase: status.phase, done, total });
    },
    state: {
      async read() { return (await readSetting<Kept>(database, 'demo'))?.sender ?? null; },
      async write(text) { await writeSetting(database, 'demo', { ...kept, sender: text }); },
    },
  });
  return { status: () => status, async stop() { abort.abort(); await running.stop(); } };
}

/** Every table that carries simulated rows. */
const TABLES = ['event_ids', 'dossier_events', 'dossiers', 'deadline_corrections', 'counter_days', 'unit_activity', 'unit_hours', 'day_closes', 'day_states', 'queue_events', 'tickets', 'queue_forecasts', 'surveys', 'feedback_events', 'feedback_cases', 'indicators', 'alerts', 'score_runs', 'ingest_keys'] as const;

export async function purgeSimulation(database: Database): Promise<Record<string, number>> {
  return await database.transaction(async (connection) => {
    await connection.query('SET LOCAL statement_timeout = 0');
    // TimescaleDB Community refuses to delete from compressed chunks beyond 100,000 rows; the others do not mind the name.
    await connection.query('SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0');
    const removed: Record<string, number> = {};
    await connection.query('DELETE FROM camera_outages WHERE simulated');
    await connection.query('DELETE FROM camera_days WHERE simulated OR camera IN (SELECT id FROM cameras WHERE simulated IS NOT NULL)');
    await connection.query('DELETE FROM camera_minutes WHERE camera IN (SELECT id FROM cameras WHERE simulated IS NOT NULL)');
    const cameras = await connection.query('DELETE FROM cameras WHERE simulated IS NOT NULL');
    removed.cameras = cameras.rowCount ?? 0;
    const rejections = await connection.query('DELETE FROM rejections WHERE key_id IN (SELECT id FROM ingest_keys WHERE simulated)');
    removed.rejections = rejections.rowCount ?? 0;
    for (const table of TABLES) removed[table] = (await connection.query(`DELETE FROM ${table} WHERE simulated`)).rowCount ?? 0;
    // Who was heard of first marks a unit for good; what is left is real, and tells when each unit was last heard of.
    await connection.query('DELETE FROM unit_activity');
    await connection.query(
      `INSERT INTO unit_activity (unit, last_event_at, simulated) SELECT unit, max(at), false FROM (
         SELECT unit, last_at AS at FROM dossiers WHERE unit IS NOT NULL UNION ALL SELECT unit, last_at FROM tickets UNION ALL SELECT unit, at FROM surveys UNION ALL SELECT unit, last_at FROM feedback_cases) heard GROUP BY unit`);
    await connection.query("UPDATE settings SET value = '{\"on\": false}' WHERE name = 'demo'");
    return removed;
  });
}
