/** When and how long a camera records: told to the node with its orders; what the disk makes of it comes back as a forecast and as alerts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CameraRow } from '#contract/camera.ts';
import type { NodeOrders, NodeReport } from '#contract/node.ts';
import type { StorageReport } from '#contract/recording.ts';
import { openSeal } from '#server/access/seal.ts';
import { evaluateAlerts } from '#server/alerts/evaluate.ts';
import { rulesFrom } from '#server/rounds.ts';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { dayOf, zoneOf } from '#analytics/time/localDay.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let secret = '';
// A Saturday.
const NOW = Date.parse('2026-03-07T10:00:00+07:00');
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, now: () => new Date(NOW) });
  const sealed = await centre.database.query<{ secret_sealed: Buffer }>("SELECT secret_sealed FROM media_nodes WHERE id = 'local'");
  secret = (await openSeal(centre.dataDir)).open(sealed.rows[0]?.secret_sealed ?? Buffer.alloc(0));
  await centre.createUser('district', ['inspector'], '731');
});
afterAll(async () => { await centre?.end(); });

const create = (id: string, more: object = {}) => centre.call<CameraRow>('POST', '/cameras', { body: { id, unit: '26068', name: id, position: 'counter', url: 'rtsp://127.0.0.1:9/x', ...more } });
const disk = { freeBytes: 60e9, totalBytes: 1000e9 };
const said = (storage: NodeReport['storage'], space = disk) => ({ node: 'local', startedAt: new Date(NOW).toISOString(), gateway: 'http://127.0.0.1:9', cameras: [], viewers: [], disk: space, storage, holds: [], relay: { state: 'up', restarts: 0, residentBytes: null }, ffmpeg: { version: '5', bundled: false, warning: null } });
const report = async (storage: NodeReport['storage'] = null, space = disk) => (await centre.call<NodeOrders>('POST', '/node/report', { as: null, headers: { authorization: `Bearer ${secret}` }, body: said(storage, space) })).body;

it('goes to the node: always, in working hours for weeks ahead, or never', async () => {
  expect((await create('always')).body.recordingPolicy).toBe('continuous');
  await create('hours', { recording: 'working_hours' });
  await create('never', { recording: 'off' });
  expect((await create('wrong', { recording: 'sometimes' })).status).toBe(400);
  const orders = await report();
  const of = (id: string) => orders.cameras.find((one) => one.id === id);
  expect([of('always'), of('hours'), of('never')].map((one) => [one?.record, one?.hours, one?.keep])).toEqual([[true, null, { days: 30, bytes: null }], [true, 'all', { days: 30, bytes: null }], [false, null, { days: 30, bytes: null }]]);
  const { spans, until } = orders.hours.all ?? { spans: [], until: 0 };
  const text = (seconds: number) => new Date(seconds * 1000 + 7 * 3_600_000).toISOString().slice(0, 16);
  // From the day before; Saturday and Sunday are no working days; a quarter of an hour more at both ends.
  expect(spans.slice(2, 4).map(([a, b]) => [text(a), text(b)])).toEqual([['2026-03-09T07:15', '2026-03-09T11:45'], ['2026-03-09T12:45', '2026-03-09T17:15']]);
  expect(until * 1000 - NOW).toBeGreaterThan(41 * 86_400_000);
  expect(spans.at(-1)?.[1]).toBeGreaterThan(until - 4 * 86_400);
  // What did not change is not written anew by the node at each report.
  expect((await report()).hours).toEqual(orders.hours);
  expect((await centre.call<CameraRow>('PATCH', '/cameras/hours', { body: { recording: 'off' } })).body.recordingPolicy).toBe('off');
  expect((await report()).hours).toEqual({});
  expect((await centre.call<CameraRow>('PATCH', '/cameras/hours', { body: { name: 'renamed' } })).body.recordingPolicy).toBe('off');
});

it('comes back as an estimate of how long it will last, of the cameras in scope', async () => {
  await report({ state: 'ready', floorBytes: 50e9, cameras: [{ camera: 'always', bytes: 190e9, heldBytes: 0, perDay: 20e9, from: new Date(NOW - 9.5 * 86_400_000).toISOString() }] });
  const { cameras, disks } = (await centre.call<StorageReport>('GET', '/recordings/storage', { as: 'district' })).body;
  expect(cameras.find((one) => one.camera === 'always')).toMatchObject({ promisedDays: 30, limitedBy: 'disk', bytes: 190e9 });
  expect(cameras.find((one) => one.camera === 'always')?.keptDays).toBeCloseTo(10, 1);
  expect(cameras.find((one) => one.camera === 'never')).toMatchObject({ policy: 'off', keptDays: null, bytes: null });
  expect(disks).toHaveLength(1);
  expect((Date.parse(disks[0]?.fullAt ?? '') - NOW) / 86_400_000).toBeCloseTo(0.5, 1);
});

it('opens alerts: of a disk that gets full, that fails, and of what went before its time', async () => {
  const config = loadConfig({ dir: fromRoot('config'), environment: {} });
  const zone = zoneOf(config.centre.zone);
  const rules = rulesFrom(config, zone);
  const round = async (freeShare: number | null, state: 'ready' | 'foreign', at = NOW) => {
    await evaluateAlerts(centre.database, { ...rules, unit_silent: null }, { at: new Date(at), today: dayOf(at, zone), silences: [], queues: [], cameras: [], camerasKnown: true, disks: [{ node: 'local', unit: '75', freeShare, state }], experienceOf: async () => new Map() as never });
    const { rows } = await centre.database.query<{ rule: string; subject: string; value: number; limit: number }>("SELECT rule, subject, value, \"limit\" FROM alerts WHERE condition_ended_at IS NULL AND (rule LIKE 'disk%' OR rule = 'recording_shortened') ORDER BY rule");
    return rows.map((row) => [row.rule, row.subject, row.value, row.limit]);
  };
  expect(await round(0.5, 'ready')).toEqual([]);
  expect(await round(0.14, 'ready')).toEqual([['disk_low', 'local', 0.14, 0.15]]);
  // Just above again is not yet well.
  expect(await round(0.16, 'ready')).toHaveLength(1);
  expect(await round(0.04, 'foreign')).toEqual([['disk_critical', 'local', 0.04, 0.05], ['disk_fault', 'local', null, null], ['disk_low', 'local', 0.14, 0.15]]);
  expect(await round(0.2, 'ready')).toEqual([]);

  const send = (entries: object[]) => centre.call('POST', '/node/journal', { as: null, headers: { authorization: `Bearer ${secret}` }, body: { node: 'local', entries } });
  const segment = (seq: number, file: string, daysAgo: number) => ({ seq, type: 'segment', camera: 'always', file, from: new Date(NOW - daysAgo * 86_400_000 - 60_000).toISOString(), to: new Date(NOW - daysAgo * 86_400_000).toISOString(), bytes: 1, sha256: 'x', codec: 'h264' });
  const deleted = (seq: number, file: string, reason: string) => ({ seq, type: 'deleted', camera: 'always', file, at: new Date(NOW).toISOString(), reason });
  await send([segment(1, 'a.mp4', 31), deleted(2, 'a.mp4', 'expired')]);
  expect(await round(0.5, 'ready')).toEqual([]);
  await send([segment(3, 'b.mp4', 12), deleted(4, 'b.mp4', 'space')]);
  expect(await round(0.5, 'ready')).toEqual([['recording_shortened', 'always', 12, 30]]);
  expect(await round(0.5, 'ready', NOW + 25 * 3_600_000)).toEqual([]);
  // The timeline tells one from the other.
  const { gaps } = (await centre.call<{ gaps: { reason: string }[] }>('GET', `/cameras/always/recordings?from=${new Date(NOW - 31 * 86_400_000 - 30_000).toISOString()}&to=${new Date(NOW - 11 * 86_400_000).toISOString()}`)).body;
  expect(gaps.map((one) => one.reason)).toEqual(['expired', 'unknown', 'no_room', 'unknown']);
});
