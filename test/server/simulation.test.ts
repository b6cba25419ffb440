/** The simulated province as a tenant: what is deleted stays deleted, and purging leaves what is real as it was. */
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { createIngestKey } from '#server/access/keyRoutes.ts';
import { openSeal } from '#server/access/seal.ts';
import { prepareSimulation, purgeSimulation, startSimulation } from '#server/simulation.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
const config = loadConfig({ dir: fromRoot('config'), environment: {} });
beforeAll(async () => { centre = await startTestCentre(); });
afterAll(async () => { await centre?.end(); });

const event = (unit: string, ticket: string, minutes: number) => ({ eventId: ticket, unit, ticket, status: 'issued', at: new Date(Date.now() - minutes * 60_000).toISOString() });
const prepare = async () => { await prepareSimulation(centre.database, config, await openSeal(centre.dataDir), new Date()); };
const cameras = async () => (await centre.database.query<{ id: string }>('SELECT id FROM cameras WHERE simulated IS NOT NULL ORDER BY id')).rows.map((row) => row.id);

it('a simulated camera that was deleted does not come back with the next start, but with a new simulation', async () => {
  await prepare();
  const [first, ...rest] = await cameras();
  expect(rest.length).toBeGreaterThan(0);
  await centre.call('DELETE', `/cameras/${first}`);
  await prepare();
  expect(await cameras()).toEqual(rest);
  await purgeSimulation(centre.database);
  expect(await cameras()).toEqual([]);
  await prepare();
  expect(await cameras()).toEqual([first, ...rest]);
  const running = await startSimulation({ database: centre.database, config: { ...config, demo: { ...config.demo, history: { ...config.demo.history, months: 1, dossiers: 0, surveys: 0, ticketDays: 0, cases: 0 } } }, seal: await openSeal(centre.dataDir), baseUrl: centre.url, now: () => new Date(), log: pino({ level: 'silent' }), progress: () => undefined });
  expect(running.status().on).toBe(true);
  await running.stop();
});

it('purging keeps that a unit reports in earnest, and since when it was last heard of', async () => {
  const { key: simulated } = await createIngestKey(centre.database, { name: 'simulated', kinds: ['queue'], units: ['75'], simulated: true, by: 'test' }, new Date());
  const real = await centre.keyFor(['queue'], ['75']);
  await centre.send('queue', [event('26068', 's1', 50), event('26080', 's2', 40)], simulated);
  await centre.send('queue', [event('26068', 'r1', 30)], real);
  await centre.send('queue', [event('26068', 's3', 10)], simulated);
  await purgeSimulation(centre.database);
  const left = await centre.database.query<{ unit: string; simulated: boolean; minutes: number }>("SELECT unit, simulated, round(extract(epoch FROM now() - last_event_at) / 60)::int AS minutes FROM unit_activity WHERE unit IN ('26068', '26080')");
  expect(left.rows).toEqual([{ unit: '26068', simulated: false, minutes: 30 }]);
});
