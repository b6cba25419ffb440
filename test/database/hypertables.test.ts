/** What is different on TimescaleDB, and that the centre says which of the three databases it stands on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { purgeSimulation } from '#server/simulation.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { on, TEST_SERVER } from '../support/database.ts';

const hasTimescale = TEST_SERVER !== null && await on(TEST_SERVER, async (client) => (await client.query("SELECT FROM pg_available_extensions WHERE name = 'timescaledb'")).rowCount === 1);
const EVENT_TABLES = ['dossier_events', 'feedback_events', 'queue_events', 'surveys'];

let centre: TestCentre;
let key: string;
beforeAll(async () => { centre = await startTestCentre(); key = await centre.keyFor(['dossiers', 'queue', 'surveys', 'feedback'], ['75']); });
afterAll(async () => { await centre?.end(); });

const query = async <R extends Record<string, unknown>>(sql: string) => (await centre.database.query<R>(sql)).rows;
const systemDatabase = async () => (await centre.call<{ database: { edition: string; embedded: boolean; server: string } }>('GET', '/system')).body.database;
/** One event a month in each event table, from January 2024. */
const events = (months: number) => Array.from({ length: months }, (_, i) => {
  const at = new Date(Date.UTC(2024, i, 15, 3)).toISOString();
  return {
    dossiers: { eventId: `d${i}`, dossier: `H-${i % 5}`, status: i < 5 ? 'received' : 'processing', at, unit: '26068', procedure: '1.004199' },
    queue: { eventId: `q${i}`, ticket: `A${i}`, status: 'issued', at, unit: '26068' },
    surveys: { eventId: `s${i}`, at, unit: '26068', rating: 5, source: 'tablet' },
    feedback: { eventId: `f${i}`, case: `P-${i}`, status: 'received', at, unit: '26068', source: 'national_portal' },
  };
});
async function sendAll(months: number, withKey: string) {
  const answers = [];
  for (const kind of ['dossiers', 'queue', 'surveys', 'feedback'] as const) answers.push((await centre.send(kind, events(months).map((one) => one[kind]), withKey)).body);
  return answers;
}

if (!hasTimescale) describe('on plain PostgreSQL', () => {
  it('the centre says so', async () => { expect(await systemDatabase()).toMatchObject({ edition: 'plain', embedded: TEST_SERVER === null }); });
});

if (hasTimescale) describe('on TimescaleDB', () => {
  it('the centre says which edition it is', async () => {
    const license = (await query<{ license: string }>("SELECT current_setting('timescaledb.license') AS license"))[0]?.license;
    expect(await systemDatabase()).toMatchObject({ edition: license === 'timescale' ? 'community' : 'apache', embedded: false });
  });

  it('the event tables and the minutes of cameras are hypertables of 30 days, and nothing else is', async () => {
    const found = await query("SELECT hypertable_name AS name, column_name AS by, extract(epoch FROM time_interval)::int / 86400 AS days FROM timescaledb_information.dimensions ORDER BY 1");
    expect(found).toEqual([{ name: 'camera_minutes', by: 'minute', days: 30 }, ...EVENT_TABLES.map((name) => ({ name, by: 'at', days: 30 }))].sort((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it('every unique index of a hypertable holds its time, so that event ids have a table of their own', async () => {
    const unique = await query<{ table: string; columns: string }>(
      `SELECT i.indrelid::regclass::text AS table, (SELECT string_agg(a.attname, ',' ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])) AS columns
       FROM pg_index i WHERE i.indisunique AND i.indrelid::regclass::text = ANY('{${EVENT_TABLES.join(',')}}') ORDER BY 1`);
    expect(unique).toEqual(EVENT_TABLES.map((table) => ({ table, columns: 'event_id,at' })));
  });

  it('events go into chunks by their time; a rating under the same id of another day is another one, and refused', async () => {
    for (const answer of await sendAll(24, key)) expect(answer).toMatchObject({ accepted: 24, duplicates: 0, rejected: [] });
    const chunks = await query<{ name: string; chunks: number }>('SELECT hypertable_name AS name, count(*) AS chunks FROM timescaledb_information.chunks GROUP BY 1 ORDER BY 1');
    expect(chunks.map((row) => row.name)).toEqual(EVENT_TABLES);
    for (const row of chunks) expect(row.chunks, row.name).toBeGreaterThanOrEqual(20);
    const moved = events(24).map(({ surveys }) => ({ ...surveys, at: new Date(Date.parse(surveys.at) + 40 * 86_400_000).toISOString() }));
    const answer = (await centre.send('surveys', moved, key)).body;
    expect(answer).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(answer.rejected.map((one) => one.code)).toEqual(moved.map(() => 'event_id_taken'));
    for (const answer of await sendAll(24, key)) expect(answer).toMatchObject({ accepted: 0, duplicates: 24 });
  });

  it('old chunks are compressed by a policy where the licence has it, and events that come late still go in', async () => {
    const isCommunity = centre.edition === 'community';
    const jobs = await query<{ name: string }>("SELECT hypertable_name AS name FROM timescaledb_information.jobs WHERE proc_name IN ('policy_compression', 'policy_columnstore') ORDER BY 1");
    expect(jobs.map((row) => row.name)).toEqual(isCommunity ? EVENT_TABLES : []);
    if (isCommunity) for (const table of EVENT_TABLES) await query(`SELECT compress_chunk(chunk) FROM show_chunks('${table}', older_than => INTERVAL '60 days') AS chunk`);
    const late = { eventId: 'late', dossier: 'H-1', status: 'resolved', at: '2024-03-15T09:00:00+07:00' };
    expect((await centre.send('dossiers', [late], key)).body).toMatchObject({ accepted: 1 });
    expect((await centre.send('dossiers', [late], key)).body).toMatchObject({ duplicates: 1 });
    expect(await query("SELECT status, resolved_at IS NOT NULL AS resolved FROM dossiers WHERE code = 'H-1'")).toMatchObject([{ resolved: true }]);
  });
});

describe('a purge', () => {
  it('takes every simulated row, out of whatever chunk it lies in, and leaves the others', async () => {
    await sendAll(24, key);
    const count = async () => Promise.all(EVENT_TABLES.map(async (table) => (await query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n));
    const before = await count();
    for (const n of before) expect(n).toBeGreaterThan(20);
    for (const table of EVENT_TABLES) {
      const columns = (await query<{ name: string }>(`SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}' AND column_name NOT IN ('event_id', 'simulated') ORDER BY ordinal_position`)).map((row) => row.name).join(', ');
      await query(`INSERT INTO ${table} (event_id, simulated, ${columns}) SELECT 'simulated-' || event_id, true, ${columns} FROM ${table}`);
    }
    const removed = await purgeSimulation(centre.database);
    expect(EVENT_TABLES.map((table) => removed[table])).toEqual(before);
    expect(await count()).toEqual(before);
  });
});
