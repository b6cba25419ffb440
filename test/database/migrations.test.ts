/** The schema: the same by every way that leads to it, and safe when two centres start at once. */
import { readdirSync } from 'node:fs';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { migrate, migrateSteps, prepare } from '#server/database/migrate.ts';
import { on, openTestServer, type TestServer } from '../support/database.ts';

const STEPS = readdirSync(fromRoot('server/database/migrations')).sort().map((file) => file.replace(/\.sql$/, ''));
let server: TestServer;
beforeAll(async () => { server = await openTestServer(); });
afterAll(async () => { await server?.stop(); });

const warnings: string[] = [];
const warn = (text: string) => { warnings.push(text); };

async function rows(client: pg.Client, sql: string): Promise<string[]> {
  return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row: unknown[]) => row.join(' | '));
}
async function schemaOf(url: string) {
  return await on(url, async (client) => ({
    columns: await rows(client, "SELECT table_name, ordinal_position, column_name, data_type, udt_name, is_nullable, column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"),
    indexes: await rows(client, "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"),
    constraints: await rows(client, "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"),
    triggers: await rows(client, "SELECT tgrelid::regclass::text, tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal ORDER BY 1, 2"),
    options: await rows(client, "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"),
    hypertables: await hypertablesOf(client),
  }));
}
async function hypertablesOf(client: pg.Client): Promise<string[]> {
  const there = await client.query("SELECT FROM pg_extension WHERE extname = 'timescaledb'");
  return there.rowCount === 0 ? [] : await rows(client, 'SELECT hypertable_name, column_name, time_interval FROM timescaledb_information.dimensions ORDER BY 1, 2');
}
const applied = async (url: string) => await on(url, async (client) => await rows(client, 'SELECT id, name, run_on FROM migrations ORDER BY id'));
const namesOf = (lines: string[]) => lines.map((line) => line.split(' | ')[1]);

describe('the migrations', () => {
  it('an upgrade from every step gives the schema of a fresh database', async () => {
    const fresh = await server.create();
    const edition = await prepare(fresh.url);
    await migrate(fresh.url, warn);
    const expected = await schemaOf(fresh.url);
    expect(expected.columns.length).toBeGreaterThan(150);
    expect(expected.hypertables.length).toBe(edition === 'plain' ? 0 : 5);
    expect(namesOf(await applied(fresh.url))).toEqual(STEPS);
    for (let step = 1; step < STEPS.length; step += 1) {
      const old = await server.create();
      await prepare(old.url);
      await migrateSteps(old.url, step, warn);
      expect(namesOf(await applied(old.url))).toEqual(STEPS.slice(0, step));
      await migrate(old.url, warn);
      expect(await schemaOf(old.url), `from ${STEPS[step - 1]}`).toEqual(expected);
      await old.drop();
    }
    await fresh.drop();
    // A database for each step: the time grows with their number.
  }, 300_000);

  it('keep the rows of a database that has been in use', async () => {
    const database = await server.create();
    await prepare(database.url);
    await migrateSteps(database.url, STEPS.indexOf('0007_hypertables'), warn);
    const count = async () => await on(database.url, async (client) => await rows(client, "SELECT count(*), count(DISTINCT event_id), min(at) AT TIME ZONE 'UTC', max(at) AT TIME ZONE 'UTC' FROM dossier_events"));
    await on(database.url, async (client) => await client.query("INSERT INTO dossier_events (at, event_id, dossier, status, body, source, simulated) SELECT '2020-01-01T00:00:00Z'::timestamptz + i * INTERVAL '1 day', 'e' || i, 'd' || i % 300, 'received', '{}', 's', false FROM generate_series(1, 1500) AS i"));
    const before = await count();
    await migrate(database.url, warn);
    expect(await count()).toEqual(before);
    await on(database.url, async (client) => {
      await expect(client.query("INSERT INTO dossier_events (at, event_id, dossier, status, body, source, simulated) VALUES ('2020-01-02T00:00:00Z', 'e1', 'd1', 'received', '{}', 's', false)")).rejects.toMatchObject({ code: '23505' });
    });
    await database.drop();
  });

  it('of centres that start at once one does them, the others wait; a second start changes nothing', async () => {
    const database = await server.create();
    const start = async () => { const edition = await prepare(database.url); await migrate(database.url, warn); return edition; };
    const editions = await Promise.all([start(), start(), start(), start()]);
    expect(new Set(editions).size).toBe(1);
    const done = await applied(database.url);
    const schema = await schemaOf(database.url);
    expect(namesOf(done)).toEqual(STEPS);
    expect(await start()).toBe(editions[0]);
    expect(await applied(database.url)).toEqual(done);
    expect(await schemaOf(database.url)).toEqual(schema);
    await database.drop();
  });

  it('refuse a database that a newer version has changed', async () => {
    const database = await server.create();
    await prepare(database.url);
    await migrate(database.url, warn);
    await on(database.url, async (client) => await client.query("INSERT INTO migrations (name, run_on) VALUES ('9999_of_tomorrow', now())"));
    await expect(migrate(database.url, warn)).rejects.toThrow('9999_of_tomorrow');
    await database.drop();
  });

  it('have nothing to complain of', () => { expect(warnings).toEqual([]); });
});
