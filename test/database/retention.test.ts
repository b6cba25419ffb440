/** Event tables: what the administration sees of them, hypertables made later, events past their retention, an old extension. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeHypertables, readEventTables } from '#server/database/eventTables.ts';
import { migrate, migrateSteps, prepare, updateTimescale } from '#server/database/migrate.ts';
import { dropPastEvents, retentionLimit } from '#server/database/retention.ts';
import { recomputeDeadlines } from '#server/deadlines/recompute.ts';
import { recount } from '#server/figures/recount.ts';
import { dayText, zoneOf } from '#analytics/time/localDay.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { on, openTestServer, TEST_SERVER, type TestServer } from '../support/database.ts';

const zone = zoneOf('Asia/Ho_Chi_Minh');
const AT = new Date('2026-03-15T12:00:00+07:00');
const hasTimescale = TEST_SERVER !== null && await on(TEST_SERVER, async (client) => (await client.query("SELECT FROM pg_available_extensions WHERE name = 'timescaledb'")).rowCount === 1);

let centre: TestCentre;
let key: string;
beforeAll(async () => { centre = await startTestCentre({ now: () => AT }); key = await centre.keyFor(['dossiers', 'queue', 'surveys', 'feedback'], ['75']); });
afterAll(async () => { await centre?.end(); });

let n = 0;
const event = (dossier: string, status: string, at: string, more: object = {}) => ({ eventId: `e${(n += 1)}`, dossier, status, at: `${at}:00+07:00`, unit: '26068', procedure: '1.004199', ...more });
const ticket = (name: string, status: string, at: string) => ({ eventId: `q${(n += 1)}`, ticket: name, status, at: `${at}:00+07:00`, unit: '26068' });
const figures = async () => { const { asOf: _, ...body } = (await centre.call('GET', '/kpis?unit=75&from=2024-01-01&to=2026-03-15&by=month')).body; return body; };
const lists = async () => await Promise.all(['received', 'resolvedLate', 'pendingOverdue', 'served', 'averageWait', 'responses', 'feedbackReceived'].map(async (name) => (await centre.call<{ items: unknown[] }>('GET', `/kpis/${name}/explain?unit=75&from=2024-01-01&to=2026-03-15`)).body.items));
const countOf = async (sql: string) => (await centre.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]?.n;
const drop = async (months: number | null, at = AT) => await dropPastEvents(centre.database, { months, zone, at });
const check = async () => await recount(centre.database, centre.rules, false);

describe('the limit', () => {
  it.each([['2026-03-15', 12, '2025-03-01'], ['2026-03-01', 3, '2025-12-01'], ['2026-01-31', 13, '2024-12-01'], ['2026-12-31', 24, '2024-12-01']])('on %s after %d months: %s', (day, months, limit) => {
    expect(dayText(retentionLimit(new Date(`${day}T12:00:00+07:00`), months, zone))).toBe(limit);
  });
});

describe('events past their retention', () => {
  it('are kept where no retention is configured', async () => {
    const story = (code: string, month: string) => [event(code, 'received', `${month}-03T08:00`), event(code, 'supplement_requested', `${month}-04T08:00`), event(code, 'supplement_received', `${month}-05T08:00`), event(code, 'resolved', `${month}-25T08:00`)];
    const sent = [...story('ENDED', '2024-02'), ...story('RECENT', '2026-02'), event('OPEN', 'received', '2024-02-03T08:00'), event('OPEN', 'supplement_requested', '2024-02-04T08:00'),
      event('LONG', 'received', '2024-02-06T08:00'), event('LONG', 'resolved', '2026-01-05T08:00')];
    expect((await centre.send('dossiers', sent, key)).body).toMatchObject({ accepted: sent.length });
    await centre.send('queue', [ticket('A1', 'issued', '2024-02-03T06:30'), ticket('A1', 'called', '2024-02-03T08:00'), ticket('A1', 'served', '2024-02-03T08:10'), ticket('A2', 'issued', '2026-03-02T08:00'), ticket('A2', 'served', '2026-03-02T08:20')], key);
    await centre.send('surveys', [{ eventId: 's1', unit: '26068', at: '2024-02-03T09:00:00+07:00', rating: 5, source: 'tablet' }], key);
    await centre.send('feedback', [{ eventId: 'f1', case: 'P1', unit: '26068', status: 'received', at: '2024-02-03T09:00:00+07:00', source: 'national_portal' }], key);
    expect(await drop(null)).toBeNull();
    expect([await countOf('dossier_events'), await countOf('queue_events')]).toEqual([12, 5]);
  });
  it('go, and no figure, no list and no open dossier changes; recount says what it cannot prove', async () => {
    const [before, listed] = [await figures(), await lists()];
    expect(await drop(12)).toMatchObject({ keptSince: '2025-03-01', dossiers: 1, tickets: 1 });
    expect((await centre.database.query('SELECT dossier, count(*)::int AS n FROM dossier_events GROUP BY 1 ORDER BY 1')).rows).toEqual([{ dossier: 'LONG', n: 2 }, { dossier: 'OPEN', n: 2 }, { dossier: 'RECENT', n: 4 }]);
    expect([await countOf("queue_events WHERE ticket_key LIKE '%A1'"), await countOf("queue_events WHERE ticket_key LIKE '%A2'"), await countOf('surveys'), await countOf('feedback_events')]).toEqual([0, 2, 1, 1]);
    expect([await figures(), await lists()]).toEqual([before, listed]);
    expect(await check()).toMatchObject({ mismatches: [], unproved: { dossiers: 1, tickets: 1 } });
    expect(await drop(12)).toMatchObject({ dossiers: 1, tickets: 1 });
  });
  it('the counters are made anew also then', async () => {
    const before = await figures();
    await centre.database.query("UPDATE counter_days SET received = received + 1 WHERE day = '2024-02-03'");
    expect((await recount(centre.database, centre.rules, true)).mismatches.length).toBeGreaterThan(0);
    expect([await figures(), (await check()).mismatches]).toEqual([before, []]);
  });
  it('a dossier whose events went goes on from its state; one that is open as if nothing had been', async () => {
    const due = (await centre.database.query("SELECT due_at FROM dossiers WHERE code = 'ENDED'")).rows;
    await centre.send('dossiers', [event('ENDED', 'returned', '2026-03-10T08:00', { facts: { electronicResult: true } }), event('OPEN', 'supplement_received', '2026-03-09T08:00'), event('OPEN', 'resolved', '2026-03-10T08:00')], key);
    // A second one later: the first must not be taken twice, nor alone.
    await centre.send('dossiers', [event('ENDED', 'facts_updated', '2026-03-11T08:00', { facts: { digitized: true } }), event('ENDED', 'received', '2024-02-03T08:00')], key);
    expect((await centre.database.query("SELECT status, received_at, resolved_at, facts, supplements FROM dossiers WHERE code = 'ENDED'")).rows).toMatchObject([{ status: 'returned', received_at: new Date('2024-02-03T08:00:00+07:00'), resolved_at: new Date('2024-02-25T08:00:00+07:00'), facts: { electronicResult: true, digitized: true }, supplements: 1 }]);
    expect((await centre.database.query("SELECT due_at FROM dossiers WHERE code = 'ENDED'")).rows).toEqual(due);
    expect((await centre.database.query("SELECT resolved_at > due_at AS late, supplements FROM dossiers WHERE code = 'OPEN'")).rows).toMatchObject([{ supplements: 1 }]);
    expect(await check()).toMatchObject({ mismatches: [], unproved: { dossiers: 1 } });
  });
  it('a ticket of then is final: what comes late is refused with its reason', async () => {
    expect((await centre.send('queue', [ticket('A1', 'no_show', '2024-02-03T08:30'), ticket('A3', 'issued', '2026-03-02T08:30')], key)).body).toMatchObject({ accepted: 1, rejected: [{ index: 0, code: 'past_retention' }] });
    expect((await check()).mismatches).toEqual([]);
  });
  it('their deadlines stay when the calendar is corrected, and this is said', async () => {
    const { content } = centre.rules;
    const rules = { ...centre.rules, content: { ...content, days: { ...content.days, '2024-02-06': 'holiday' as const } } };
    expect(await recomputeDeadlines(centre.database, rules, { actor: 'test', at: AT, check: true })).toMatchObject({ unprovable: 1 });
    await centre.database.query('DELETE FROM calendars WHERE id > 1');
  });
  it('go later, when what held them has ended too', async () => {
    expect(await drop(12, new Date('2028-01-15T12:00:00+07:00'))).toMatchObject({ keptSince: '2027-01-01' });
    expect([await countOf('dossier_events WHERE dossier <> \'ENDED\''), await countOf('queue_events')]).toEqual([0, 0]);
    expect(await check()).toMatchObject({ mismatches: [], unproved: { dossiers: 4, tickets: 3 } });
  });
  it('the administration sees tables, policies and retention', async () => {
    const { database } = (await centre.call<{ database: { tables: Record<string, unknown>[]; retention: object } }>('GET', '/system')).body;
    expect(database.tables.map((one) => [one.table, one.hypertable])).toEqual(['dossier_events', 'queue_events', 'surveys', 'feedback_events'].map((name) => [name, hasTimescale]));
    for (const one of database.tables) { expect(one.sizeBytes).toBeGreaterThan(0); expect(one.compressAfter === null).toBe(centre.edition !== 'community'); expect(one.dropAfter).toBeNull(); expect(one.chunks === null).toBe(!hasTimescale); }
    expect(database.retention).toMatchObject({ months: null, keptSince: '2027-01-01', dossiers: expect.any(Number) });
  });
});

describe('a database', () => {
  let server: TestServer;
  beforeAll(async () => { server = await openTestServer(); });
  afterAll(async () => { await server?.stop(); });
  const warn = (text: string) => { throw new Error(text); };
  const shapes = async (url: string) => await on(url, async (client) => (await readEventTables({ query: async (text, values) => await client.query(text, values) })).map((one) => one.hypertable));

  it('that was made without TimescaleDB gets its hypertables when it is there: at start when small, else by the command; twice is once', async () => {
    const { url, drop: end } = await server.create();
    await migrateSteps(url, Infinity, warn);
    await on(url, async (client) => await client.query("INSERT INTO dossier_events (at, event_id, dossier, status, body, source, simulated) SELECT '2024-01-01T00:00:00Z'::timestamptz + i * INTERVAL '1 day', 'e' || i, 'd' || i % 30, 'received', '{}', 's', false FROM generate_series(1, 500) AS i"));
    expect(await makeHypertables(url, Infinity)).toEqual({ made: [], left: [], bytes: 0 });
    const edition = await prepare(url);
    await migrate(url, warn);
    if (hasTimescale) {
      expect(await shapes(url)).toEqual([false, false, false, false]);
      expect(await makeHypertables(url, 10_000)).toMatchObject({ made: [], left: ['dossier_events', 'queue_events', 'surveys', 'feedback_events'] });
      expect((await makeHypertables(url, Infinity)).made).toHaveLength(4);
      expect(await shapes(url)).toEqual([true, true, true, true]);
      const chunks = await on(url, async (client) => (await client.query("SELECT count(*)::int AS n FROM timescaledb_information.chunks WHERE hypertable_name = 'dossier_events'")).rows);
      expect(chunks[0]?.n).toBeGreaterThan(15);
      if (edition === 'community') expect(await on(url, async (client) => (await client.query("SELECT FROM timescaledb_information.jobs WHERE proc_name IN ('policy_compression', 'policy_columnstore')")).rowCount)).toBe(4);
    }
    expect(await makeHypertables(url, Infinity)).toMatchObject({ made: [], left: [] });
    expect(await on(url, async (client) => (await client.query('SELECT count(*)::int AS n, count(DISTINCT event_id)::int AS ids FROM dossier_events')).rows)).toEqual([{ n: 500, ids: 500 }]);
    await end();
  }, 60_000);

  it.runIf(hasTimescale)('with an extension older than its programs says what to do, instead of failing at each statement', async () => {
    const { url, drop: end } = await server.create();
    const said: string[] = [];
    await prepare(url, (text) => { said.push(text); });
    expect(said).toEqual([]);
    // Its library is not there: nothing but the update works, and of this invented version there is none.
    await on(url, async (client) => await client.query("UPDATE pg_extension SET extversion = '1.0.1' WHERE extname = 'timescaledb'"));
    await expect(updateTimescale(url, (text) => { said.push(text); })).rejects.toMatchObject({ message: expect.stringContaining('ALTER EXTENSION timescaledb UPDATE') });
    await end();
  });
  it('without the extension has nothing to update', async () => {
    const { url, drop: end } = await server.create();
    await updateTimescale(url, warn);
    await end();
  });
});
