/** Activity at the centre: what a node tells is kept once, is asked within the scope, opens alerts, and goes when it is old. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOfDay, dayOf } from '#analytics/time/localDay.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { NodeMinute } from '#contract/picture.ts';
import { sha256 } from '#server/access/seal.ts';
import { NO_PICTURE_RULES, pictureConditions, type PictureRules } from '#server/alerts/pictures.ts';
import { dropPastMinutes, readMinutes } from '#server/cameras/minutes.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const SECRET = 'a-secret-of-a-node-in-tests';
const ALL = [[0, 0], [1, 0], [1, 1], [0, 1]];
let centre: TestCentre;
beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
  for (const node of ['north', 'south']) await centre.database.query('INSERT INTO media_nodes (id, secret_sealed, secret_hash) VALUES ($1, $2, $2)', [node, sha256(SECRET)]);
  for (const [id, unit, node] of [['desk-n', '26068', 'north'], ['desk-s', '26068', 'south']]) {
    await centre.call('POST', '/cameras', { body: { id, unit, name: 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x' } });
    await centre.database.query('UPDATE cameras SET node = $2 WHERE id = $1', [id, node]);
    // As if it had always been there: a node tells only minutes of the time in which it had the camera.
    await centre.database.query('DELETE FROM camera_nodes WHERE camera = $1 AND node <> $2', [id, node]);
    await centre.database.query("UPDATE camera_nodes SET since = '-infinity' WHERE camera = $1", [id]);
  }
});
afterAll(async () => { await centre?.end(); });

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 1, minute));
const tell = (minutes: NodeMinute[], node = 'north', secret = SECRET) => centre.call<{ upTo: number; code?: string }>('POST', '/node/minutes', { as: null, body: { node, minutes }, headers: { authorization: `Bearer ${secret}` } });
const minute = (seq: number, staff: number | null, more: Partial<NodeMinute> = {}): NodeMinute => ({ seq, camera: 'desk-n', minute: at(seq).toISOString(), staff, public: null, usable: true, ...more });
const activity = (as: string, from: Date, to: Date, id = 'desk-n') => centre.call<{ minutes: { minute: string; staff: number | null; usable: boolean }[]; code?: string }>('GET', `/cameras/${id}/activity?from=${from.toISOString()}&to=${to.toISOString()}`, { as });

describe('minutes of a node', () => {
  it('count once, however often and in whatever pieces they are sent', async () => {
    expect((await tell([minute(1, 0.25), minute(2, 0.5)])).body).toEqual({ upTo: 2 });
    expect((await tell([minute(2, 0.5), minute(3, null, { usable: false })])).body).toEqual({ upTo: 3 });
    // A node that lost its disk counts from the beginning again: the minutes stay, and its new ones come in.
    expect((await tell([minute(1, 0.25), minute(2, 0.5, { minute: at(9).toISOString() })])).body).toEqual({ upTo: 2 });
    const told = (await activity('admin', at(0), at(30))).body.minutes;
    expect(told.map((one) => [one.minute, one.staff, one.usable])).toEqual([[at(1).toISOString(), 0.25, true], [at(2).toISOString(), 0.5, true], [at(3).toISOString(), null, false], [at(9).toISOString(), 0.5, true]]);
  });
  it('are of its own cameras only, and only with its secret', async () => {
    expect((await tell([minute(20, 1), minute(21, 1, { camera: 'desk-s' }), minute(22, 1, { camera: 'nobody' })])).body).toEqual({ upTo: 22 });
    expect((await activity('admin', at(19), at(30), 'desk-s')).body.minutes).toEqual([]);
    expect((await tell([minute(23, 1)], 'north', `${SECRET}x`)).status).toBe(401);
    expect((await tell([minute(24, 1.5)])).status).toBeGreaterThanOrEqual(400);
  });
  it('are shown within the scope, for two days at most', async () => {
    await centre.createUser('near', ['operator'], '26068');
    await centre.createUser('far', ['operator'], '740');
    expect((await activity('near', at(0), at(30))).body.minutes.length).toBeGreaterThan(3);
    expect((await activity('far', at(0), at(30))).status).toBe(404);
    expect((await activity('near', at(0), new Date(at(0).getTime() + 49 * 3_600_000))).body.code).toBe('bad_period');
  });
  it('go when they are past their days, and no others', async () => {
    const old = new Date(Date.UTC(2024, 0, 5));
    await tell([minute(30, 0.5, { minute: old.toISOString() })]);
    expect(await readMinutes(centre.database, 'desk-n', old, new Date(old.getTime() + 1))).toHaveLength(1);
    await dropPastMinutes(centre.database, 400, at(40));
    expect(await readMinutes(centre.database, 'desk-n', old, new Date(old.getTime() + 1))).toEqual([]);
    expect((await activity('admin', at(0), at(30))).body.minutes.length).toBeGreaterThan(3);
  });
});

describe('zones and the confirmed view', () => {
  it('are set by an administrator, checked, and written down', async () => {
    for (const bad of [{ staff: [[0, 0], [1, 1]] }, { staff: [[0, 0], [2, 0], [1, 1]] }, { others: ALL }, { public: Array.from({ length: 13 }, () => [0.5, 0.5]) }]) expect((await centre.call('PATCH', '/cameras/desk-n', { body: { zones: bad } })).body).toMatchObject({ code: 'invalid_request' });
    expect((await centre.call<CameraRow>('PATCH', '/cameras/desk-n', { body: { zones: { staff: ALL, public: null } } })).body).toMatchObject({ zones: { staff: ALL }, viewConfirmedAt: null });
    const confirmed = await centre.call<CameraRow>('POST', '/cameras/desk-n/confirm-view');
    expect(Date.now() - Date.parse(confirmed.body.viewConfirmedAt ?? '')).toBeLessThan(60_000);
    expect((await centre.call('POST', '/cameras/desk-n/confirm-view', { as: 'near' })).status).toBe(403);
    const audit = (await centre.call<{ entries: { action: string }[] }>('GET', '/audit?subject=desk-n')).body.entries.map((entry) => entry.action);
    expect(audit).toEqual(expect.arrayContaining(['camera.change', 'camera.confirm_view']));
  });
});

describe('alerts of pictures', () => {
  const zone = 'Asia/Ho_Chi_Minh';
  const when = new Date('2026-03-04T09:00:00+07:00');
  let row: CameraRow;
  beforeAll(async () => { row = { ...(await centre.call<CameraRow>('GET', '/cameras/desk-n')).body, zones: { staff: ALL as [number, number][], public: ALL as [number, number][] } }; });
  const fill = async (from: Date, minutes: number, staff: number, crowd: number) => { await centre.database.query("INSERT INTO camera_minutes SELECT 'desk-n', $1::timestamptz + i * interval '3 minutes', $3, $4, true FROM generate_series(0, $2::int) i ON CONFLICT (camera, minute) DO UPDATE SET staff = excluded.staff, public = excluded.public", [from, Math.floor(minutes / 3) - 1, staff, crowd]); };
  const found = async (rules: Partial<PictureRules>, { camera = {}, working = true, waiting = 3, open = [] as string[] } = {}) => {
    const all = await pictureConditions(centre.database, { ...NO_PICTURE_RULES, ...rules }, { at: when, cameras: [{ ...row, ...camera }], everyMinutes: 3, zone, isWorking: () => working, queues: [{ unit: '26068', waiting, longestWaitSeconds: null, servedToday: 0, averageWaitSeconds: null, p90WaitSeconds: null, noShowToday: 0, openCounters: 1, expectedWaitSeconds: null, lastEventAt: null, simulated: false }] }, new Set(open));
    return all.flatMap(([rule, { conditions }]) => conditions.map((one) => `${rule} ${one.subject}`));
  };
  const black: Partial<PictureRules> = { camera_black: { severity: 'warning', workingTimeOnly: true } };

  it('open by the state in working time, and do not end because people went home', async () => {
    expect(await found(black, { camera: { state: 'black' } })).toEqual(['camera_black desk-n']);
    expect(await found(black, { camera: { state: 'online' } })).toEqual([]);
    expect(await found(black, { camera: { state: 'black' }, working: false })).toEqual([]);
    expect(await found(black, { camera: { state: 'black' }, working: false, open: ['camera_black desk-n'] })).toEqual(['camera_black desk-n']);
    expect(await found({ camera_moved: { severity: 'notice', workingTimeOnly: false } }, { camera: { warnings: ['moved', 'wrong_time'] } })).toEqual(['camera_moved desk-n']);
  });

  const unattended: Partial<PictureRules> = { counter_unattended: { severity: 'notice', minutes: 15, activity: 0.01, onlyWhileWaiting: true } };
  it('say that a counter is unattended when nothing moved there while tickets wait, and not for want of looks', async () => {
    expect(await found(unattended)).toEqual([]);
    await fill(new Date(when.getTime() - 18 * 60_000), 18, 0.002, 0.1);
    expect(await found(unattended)).toEqual(['counter_unattended desk-n']);
    expect(await found(unattended, { waiting: 0 })).toEqual([]);
    expect(await found(unattended, { working: false })).toEqual([]);
    await fill(new Date(when.getTime() - 6 * 60_000), 3, 0.2, 0.1);
    expect(await found(unattended)).toEqual([]);
  });

  const crowd: Partial<PictureRules> = { waiting_crowd: { severity: 'notice', minutes: 15, factor: 2, atLeast: 0.15 } };
  it('say that there is a crowd beside what is usual at this hour, of five days at least', async () => {
    await fill(new Date(when.getTime() - 18 * 60_000), 18, 0.1, 0.5);
    expect(await found(crowd)).toEqual([]);
    const today = startOfDay(dayOf(when.getTime(), centre.rules.zone), centre.rules.zone);
    for (let day = 1; day <= 5; day += 1) await fill(new Date(today - day * 86_400_000 + 8.5 * 3_600_000), 60, 0.1, 0.2);
    expect(await found(crowd)).toEqual(['waiting_crowd desk-n']);
    // The same liveliness where it is usual is no crowd.
    for (let day = 1; day <= 5; day += 1) await fill(new Date(today - day * 86_400_000 + 8.5 * 3_600_000), 60, 0.1, 0.4);
    expect(await found(crowd)).toEqual([]);
  });
});
