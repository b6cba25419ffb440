/** A hold and its life: scoped, audited, told to the node with its orders, lifted by two people only. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NodeOrders } from '#contract/node.ts';
import type { Hold } from '#contract/recording.ts';
import { appendAudit } from '#server/audit/append.ts';
import { openSeal } from '#server/access/seal.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let secret = '';
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  const sealed = await centre.database.query<{ secret_sealed: Buffer }>("SELECT secret_sealed FROM media_nodes WHERE id = 'local'");
  secret = (await openSeal(centre.dataDir)).open(sealed.rows[0]?.secret_sealed ?? Buffer.alloc(0));
  for (const name of ['first', 'second']) await centre.createUser(name, ['inspector'], '26068');
  // Signed in, and with a second factor since.
  for (const name of ['first', 'second']) await centre.cookieOf(name);
  await centre.database.query("UPDATE users SET factor_since = now() WHERE username IN ('first', 'second')");
  await centre.createUser('elsewhere', ['inspector'], '25993');
  await centre.createUser('watching', ['leader'], '26068');
  await centre.call('POST', '/cameras', { body: { id: 'held-1', unit: '26068', name: 'Quầy 1', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
});
afterAll(async () => { await centre?.end(); });

const range = { from: '2026-01-05T08:00:00+07:00', to: '2026-01-05T09:00:00+07:00' };
const make = (as = 'first', more: object = {}) => centre.call<Hold & { code?: string }>('POST', '/holds', { as, body: { camera: 'held-1', ...range, reason: 'Phản ánh 1022 số 45', ...more } });
const list = async (as: string, query = '') => (await centre.call<{ holds: Hold[] }>('GET', `/holds${query}`, { as })).body.holds;
const change = (id: string, what: 'lift' | 'keep', as: string) => centre.call<Hold & { code?: string }>('POST', `/holds/${id}/${what}`, { as, body: { note: 'đã kết luận xong' } });
const report = async (holds: string[] = []) => (await centre.call<NodeOrders>('POST', '/node/report', { as: null, headers: { authorization: `Bearer ${secret}` }, body: {
  node: 'local', startedAt: new Date().toISOString(), gateway: 'http://127.0.0.1:9', cameras: [], viewers: [], disk: null, holds, relay: { state: 'up', restarts: 0, residentBytes: null }, ffmpeg: { version: '5', bundled: false, warning: null } } })).body;

it('is refused without a reason, backwards, longer than a year, of a camera of others, and to who may not', async () => {
  expect([(await make('first', { reason: '' })).status, (await make('first', { to: range.from })).body.code, (await make('first', { to: '2028-01-05T09:00:00+07:00' })).body.code]).toEqual([400, 'bad_period', 'bad_period']);
  expect([(await make('elsewhere')).status, (await make('watching')).status]).toEqual([404, 403]);
  expect(await list('first')).toEqual([]);
});

it('goes to the node, is in force when the node says so, and ends only when two people have lifted it', async () => {
  const made = (await make()).body;
  expect(made).toMatchObject({ state: 'held', createdBy: 'first', unit: '26068', inForce: false });
  expect((await report()).holds).toEqual([{ id: made.id, camera: 'held-1', from: Date.parse(range.from), to: Date.parse(range.to) }]);
  await report([made.id]);
  expect((await list('second'))[0]).toMatchObject({ id: made.id, inForce: true });
  expect([await list('elsewhere'), (await change(made.id, 'lift', 'elsewhere')).status]).toEqual([[], 404]);

  expect((await change(made.id, 'lift', 'first')).body.state).toBe('lift_asked');
  expect((await change(made.id, 'lift', 'first')).body.code).toBe('hold_second_person');
  expect((await report()).holds).toHaveLength(1);
  expect((await change(made.id, 'keep', 'second')).body.state).toBe('held');
  expect((await change(made.id, 'keep', 'second')).body.code).toBe('hold_state');
  expect((await change(made.id, 'lift', 'second')).body.state).toBe('lift_asked');
  expect((await change(made.id, 'lift', 'first')).body).toMatchObject({ state: 'lifted', liftAskedBy: 'second', liftedBy: 'first', inForce: null });
  expect((await change(made.id, 'lift', 'second')).body.code).toBe('hold_state');
  expect((await report()).holds).toEqual([]);
  expect([(await list('first')).length, (await list('first', '?state=all')).length]).toEqual([0, 1]);
  const { entries } = (await centre.call<{ entries: { action: string; actor: string; unit: string }[] }>('GET', '/audit?subject=held-1')).body;
  expect(entries.filter((one) => one.action.startsWith('hold.')).map((one) => [one.action, one.actor, one.unit]).reverse())
    .toEqual([['hold.create', 'first', '26068'], ['hold.lift_ask', 'first', '26068'], ['hold.keep', 'second', '26068'], ['hold.lift_ask', 'second', '26068'], ['hold.lift', 'first', '26068']]);
});

it('is not lifted by two accounts that may be one person: without a second factor, an emergency account, or made, invited or reset by the other', async () => {
  await centre.cookieOf('admin');
  await centre.database.query("UPDATE users SET factor_since = now() WHERE username = 'admin'");
  await centre.createUser('fresh', ['inspector'], '26068');
  await centre.cookieOf('fresh');
  const made = (await make()).body;
  const refused = async (as: string) => { const { status, body } = await change(made.id, 'lift', as); return [status, body.code, String((body as { detail?: string }).detail)]; };
  expect(await refused('fresh')).toEqual([409, 'hold_two_people', expect.stringContaining('no second factor')]);
  await centre.database.query("UPDATE users SET factor_since = now() WHERE username = 'fresh'");
  // Who made the other asks, and the other way round.
  for (const [asks, confirms] of [['admin', 'fresh'], ['fresh', 'admin']] as const) {
    expect((await change(made.id, 'lift', asks)).body.state).toBe('lift_asked');
    expect(await refused(confirms)).toEqual([409, 'hold_two_people', expect.stringContaining('admin made, invited or reset the account of fresh')]);
    expect((await report()).holds.length).toBeGreaterThan(0);
    await change(made.id, 'keep', 'second');
  }
  // «second» was made by admin too; between two whom a third made there is no tie, but there is after one resets the other.
  await change(made.id, 'lift', 'first');
  await centre.database.transaction(async (connection) => { await appendAudit(connection, { actor: 'second', action: 'second-factor.reset', unit: '26068', subject: 'first' }, new Date()); });
  expect(await refused('second')).toEqual([409, 'hold_two_people', expect.stringContaining('second made, invited or reset the account of first')]);
  expect((await change(made.id, 'lift', 'fresh')).body.state).toBe('lifted');
  const again = (await make()).body;
  await centre.database.query("UPDATE users SET break_glass = 'a test', ends_at = now() + interval '1 hour' WHERE username = 'fresh'");
  expect([(await change(again.id, 'lift', 'fresh')).body.code, (await change(again.id, 'lift', 'first')).body.state, (await change(again.id, 'lift', 'fresh')).body.code]).toEqual(['hold_two_people', 'lift_asked', 'hold_two_people']);
  await centre.database.query("UPDATE users SET break_glass = NULL, ends_at = NULL WHERE username = 'fresh'");
  expect((await change(again.id, 'lift', 'fresh')).body.state).toBe('lifted');
});

it('keeps its camera from being deleted by one person, and holds on when the camera is gone in another way', async () => {
  const made = (await make()).body;
  const refused = await centre.call<{ code?: string }>('DELETE', '/cameras/held-1');
  expect([refused.status, refused.body.code]).toEqual([409, 'camera_held']);
  await centre.database.query("DELETE FROM cameras WHERE id = 'held-1'");
  expect((await report()).holds.map((one) => one.id)).toEqual([made.id]);
  expect((await list('second'))[0]).toMatchObject({ id: made.id, cameraName: null });
});
