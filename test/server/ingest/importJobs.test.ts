/** Imports that run in the centre: in pieces, tried first, stopped and gone on with, once only, each within its own scope. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImportJob } from '#contract/imports.ts';
import { createIngestKey } from '#server/access/keyRoutes.ts';
import { openImportJobs } from '#server/ingest/importJobs.ts';
import { startTestCentre, type Answer, type TestCentre } from '../../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre(); await centre.createUser('district-admin', ['admin'], '731'); await centre.createUser('sibling-admin', ['admin'], '740'); });
afterAll(async () => { await centre?.end(); });

const MAPPING = `
events:
  - fields: { eventId: "{Mã}-nhận", dossier: "{Mã}", unit: "{Đơn vị}", procedure: "1.004199", status: received, at: "{Ngày}", dueAt: "{Hạn}" }
`;
const rows = (count: number, name: string, unit = '26068') => `Mã,Đơn vị,Ngày,Hạn,Người nộp\n${Array.from({ length: count }, (_, i) => `${name}-${i},${unit},05/01/2026 08:00,12/01/2026 17:00,Nguyễn Văn An`).join('\n')}\n`;
type Job = ImportJob & { code?: string; detail?: string };
const begin = async (text: string, as = 'admin', more: object = {}) => await centre.call<Job>('POST', '/imports', { as, body: { kind: 'dossiers', name: 'hồ sơ.csv', bytes: Buffer.byteLength(text), mapping: MAPPING, ...more } });
const piece = async (id: string, offset: number, bytes: Buffer, as = 'admin'): Promise<Answer<Job>> => await centre.call<Job>('PUT', `/imports/${id}/file?offset=${offset}`, { as, body: bytes, headers: { 'content-type': 'application/octet-stream' } });
const act = async (id: string, what: string, body: unknown = {}, as = 'admin') => await centre.call<Job>('POST', `/imports/${id}/${what}`, { as, body });
const one = async (id: string, as = 'admin') => (await centre.call<{ imports: Job[] }>('GET', '/imports', { as })).body.imports.find((job) => job.id === id);
async function until(id: string, states: readonly string[], as = 'admin'): Promise<Job> {
  for (let turns = 0; turns < 600; turns += 1) { const job = await one(id, as); if (job && states.includes(job.state)) return job; await sleep(50); }
  throw new Error(`the import never became ${states.join(' or ')}: ${JSON.stringify(await one(id, as))}`);
}
async function given(text: string, as = 'admin'): Promise<string> {
  const { body } = await begin(text, as);
  expect((await piece(body.id, 0, Buffer.from(text), as)).body.state).toBe('ready');
  return body.id;
}
const dossiers = async (name: string) => (await centre.database.query<{ n: number }>("SELECT count(*) AS n FROM dossiers WHERE code LIKE $1", [`${name}-%`])).rows[0]?.n;

it('takes the file in pieces, tries it, imports it once, and keeps neither the file nor a living key', async () => {
  const text = `${rows(30, 'A')}A-30,26068,32/01/2026,12/01/2026 17:00,x\nA-31,nowhere,05/01/2026,12/01/2026 17:00,x\n`;
  const all = Buffer.from(text);
  const { status, body } = await begin(text);
  expect([status, body.state, body.received, body.unit]).toEqual([201, 'receiving', 0, '75']);
  const { id } = body;
  expect((await piece(id, 0, all.subarray(0, 100))).body.received).toBe(100);
  // A piece twice, out of its place, or past the end.
  for (const [offset, bytes] of [[0, all.subarray(0, 100)], [500, all.subarray(500, 600)], [100, Buffer.alloc(all.length)]] as const) expect((await piece(id, offset, bytes)).body.code).toBe('import_offset');
  expect((await act(id, 'start', { trial: true })).body.code).toBe('import_state');
  expect((await piece(id, 100, all.subarray(100))).body.state).toBe('ready');

  await act(id, 'start', { trial: true });
  const tried = await until(id, ['ready', 'failed']);
  // A trial knows the form of an event, not whether its unit exists.
  expect([tried.state, tried.tried]).toEqual(['ready', { rows: 32, events: 31, accepted: 0, duplicates: 0, refused: 1 }]);
  expect(await dossiers('A')).toBe(0);
  expect(String((await centre.call('GET', `/imports/${id}/refused`)).body)).toContain('32,Ngày,A-30-nhận,bad_date');

  await act(id, 'start', { trial: false });
  const done = await until(id, ['done', 'failed']);
  expect([done.state, done.totals]).toEqual(['done', { rows: 32, events: 31, accepted: 30, duplicates: 0, refused: 2 }]);
  expect(await dossiers('A')).toBe(30);
  const refused = await centre.call('GET', `/imports/${id}/refused`);
  expect(refused.headers.get('content-disposition')).toContain('attachment');
  expect(String(refused.body)).toContain('unknown_unit');
  expect(readdirSync(join(centre.dataDir, 'imports', id)).sort()).toEqual(['mapping.yaml', 'refused.csv', 'trial.csv']);
  expect((await centre.database.query('SELECT 1 FROM ingest_keys WHERE revoked_at IS NULL')).rowCount).toBe(0);
  expect((await act(id, 'start', { trial: false })).body.code).toBe('import_state');
  const audited = await centre.database.query<{ action: string }>("SELECT action FROM audit_log WHERE subject = $1 ORDER BY seq", [id]);
  expect(audited.rows.map((row) => row.action)).toEqual(['import.create', 'import.start', 'import.start', 'import.done']);

  // The same rows in another file: nothing is counted twice.
  const again = await given(rows(30, 'A'));
  await act(again, 'start', { trial: false });
  expect((await until(again, ['done', 'failed'])).totals).toMatchObject({ accepted: 0, duplicates: 30, refused: 0 });
  expect((await centre.call('DELETE', `/imports/${id}`)).status).toBe(204);
  expect(existsSync(join(centre.dataDir, 'imports', id))).toBe(false);
}, 180_000);

it('reaches as far as the account does, and is seen by nobody beside', async () => {
  const id = await given(`${rows(3, 'B')}B-3,26425,05/01/2026,12/01/2026,x\n`, 'district-admin');
  expect(await one(id, 'sibling-admin')).toBeUndefined();
  for (const what of ['start', 'stop']) expect((await act(id, what, what === 'start' ? { trial: false } : {}, 'sibling-admin')).status).toBe(404);
  expect((await centre.call('GET', `/imports/${id}/refused`, { as: 'sibling-admin' })).status).toBe(404);
  expect((await centre.call('DELETE', `/imports/${id}`, { as: 'sibling-admin' })).status).toBe(404);
  expect((await piece(id, 0, Buffer.from('x'), 'sibling-admin')).status).toBe(404);
  await act(id, 'start', { trial: false }, 'district-admin');
  expect((await until(id, ['done', 'failed'], 'district-admin')).totals).toMatchObject({ accepted: 3, refused: 1 });
  // The root sees it too.
  expect((await one(id))?.createdBy).toBe('district-admin');
}, 180_000);

it('goes on where it was after a stop, which kills its process, and by itself after a restart of the centre', async () => {
  const id = await given(rows(9_000, 'C'));
  await act(id, 'start', { trial: false });
  for (let turns = 0; turns < 400 && ((await one(id))?.totals?.accepted ?? 0) === 0; turns += 1) await sleep(25);
  const stopped = await act(id, 'stop');
  expect(stopped.body.state).toBe('stopped');
  const there = await dossiers('C') ?? 0;
  expect(there).toBeGreaterThan(0);
  expect((await act(id, 'stop')).body.code).toBe('import_state');
  // As a centre finds it that was killed in the middle.
  await centre.database.query("UPDATE imports SET state = 'running' WHERE id = $1", [id]);
  const next = await openImportJobs({ database: centre.database, directory: join(centre.dataDir, 'imports'), fileMb: 10, keepDays: 1, runsFromSource: true, now: () => new Date(), log: pino({ level: 'silent' }) });
  next.begin(centre.url);
  const done = await until(id, ['done', 'failed']);
  await next.stop();
  expect(done.totals).toMatchObject({ rows: 9_000, events: 9_000, refused: 0 });
  expect((done.totals?.accepted ?? 0) + (done.totals?.duplicates ?? 0)).toBe(9_000);
  expect(await dossiers('C')).toBe(9_000);
}, 240_000);

it('is not left standing where the database was away at its end, and leaves no living key when it is given up', async () => {
  const [id, givenUp] = [await given(rows(5, 'D')), await given(rows(5, 'E'))];
  let transactions = 0;
  // The first is that of its key, the second that of its end.
  const database: typeof centre.database = { ...centre.database, query: (text, values) => centre.database.query(text, values), transaction: async (work, manner) => { transactions += 1; if (transactions === 2) throw new Error('the database is away'); return await centre.database.transaction(work, manner); } };
  const next = await openImportJobs({ database, directory: join(centre.dataDir, 'imports'), fileMb: 10, keepDays: 1, runsFromSource: true, now: () => new Date(), log: pino({ level: 'silent' }) });
  await centre.database.query("UPDATE imports SET state = 'waiting' WHERE id = $1", [id]);
  next.begin(centre.url);
  for (let turns = 0; turns < 600 && transactions < 2; turns += 1) await sleep(50);
  await sleep(100);
  expect((await one(id))?.state).toBe('running');
  await next.expire();
  const done = await until(id, ['done', 'failed']);
  expect([done.state, done.totals]).toEqual(['done', { rows: 5, events: 5, accepted: 0, duplicates: 5, refused: 0 }]);
  expect(await dossiers('D')).toBe(5);

  const key = await createIngestKey(centre.database, { name: 'x', kinds: ['dossiers'], units: ['75'], simulated: false, by: 'admin' }, new Date());
  await centre.database.query("UPDATE imports SET state = 'waiting', attempts = 9, key_id = $2 WHERE id = $1", [givenUp, key.id]);
  await next.expire();
  expect((await until(givenUp, ['done', 'failed'])).state).toBe('failed');
  await next.stop();
  expect((await centre.database.query('SELECT 1 FROM ingest_keys WHERE revoked_at IS NULL')).rowCount).toBe(0);
}, 180_000);

it('says what is wrong with a mapping, a file or its size, and removes nothing that runs', async () => {
  expect((await begin('x', 'admin', { mapping: 'events:\n  - fields: {}\nnonsense: 1\n' })).body).toMatchObject({ code: 'import_mapping', detail: expect.stringContaining(':3:1') as string });
  expect((await begin('x', 'admin', { mapping: 'x: [' })).body.detail).not.toContain(centre.dataDir);
  expect((await begin('x', 'admin', { bytes: 5e9 })).body.code).toBe('import_room');
  expect((await centre.call('POST', '/imports', { body: { kind: 'dossiers', name: '', bytes: 0, mapping: '' } })).status).toBe(400);
  const other = await given('Cột,Khác\n1,2\n');
  await act(other, 'start', { trial: false });
  const failed = await until(other, ['failed', 'done']);
  expect([failed.state, failed.problem?.vi]).toEqual(['failed', expect.stringContaining('Mã')]);
  expect((await centre.call('DELETE', '/imports/0123456789abcdef')).status).toBe(404);
  expect((await centre.call('DELETE', '/imports/..%2f..')).status).toBe(400);
}, 180_000);
