/** Scenes and screens on a real centre: who may, what is kept, what a screen gets, and how it ends. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import type { SceneAnswer, ScreenRow } from '#contract/scene.ts';
import { popupsFor, News } from '#server/wall/alertShows.ts';
import { openScreens } from '#server/wall/screens.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
/** From noon of tomorrow on: no test runs over a midnight. */
let at = Math.ceil(Date.now() / 86_400_000) * 86_400_000 + 5 * 3_600_000 - Date.now();
const sockets: Socket[] = [];
beforeAll(async () => {
  centre = await startTestCentre({ now: () => new Date(Date.now() + at) });
  await centre.createUser('operator-75', ['operator'], '75');
  await centre.createUser('operator-731', ['operator'], '731');
  await centre.createUser('operator-740', ['operator'], '740');
  await centre.createUser('leader-75', ['leader'], '75');
});
afterAll(async () => { for (const socket of sockets) socket.disconnect(); await centre?.end(); });

const TILES = [{ id: 'map', kind: 'map', at: { x: 0, y: 0, w: 6, h: 8 } }, { id: 'words', kind: 'text', at: { x: 6, y: 0, w: 6, h: 8 }, settings: { text: '=1+1 <b>Một cửa</b>' } }];
const create = async (as: string, unit: string, name = 'Cảnh của tôi') => await centre.call<SceneAnswer & { code?: string }>('POST', '/scenes', { as, body: { name, unit, tiles: TILES } });

describe('scenes', () => {
  it('six ship for everybody, and cannot be changed', async () => {
    const { body } = await centre.call<{ scenes: { id: string; builtIn: boolean; names: { vi: string } }[] }>('GET', '/scenes', { as: 'operator-731' });
    expect(body.scenes.filter((scene) => scene.builtIn).map((scene) => scene.names.vi)).toEqual(['Toàn cảnh', 'Hàng chờ', 'Quá hạn', 'Hài lòng', 'Camera', 'Một đơn vị']);
    expect((await centre.call<SceneAnswer>('GET', '/scenes/toan-canh', { as: 'operator-731' })).body.tiles.length).toBeGreaterThan(3);
    const changed = await centre.call<{ code: string }>('PUT', '/scenes/toan-canh', { as: 'operator-75', body: { name: 'x', version: 1, tiles: TILES } });
    expect([changed.status, changed.body.code]).toEqual([409, 'scene_ships']);
    expect((await centre.call('GET', '/scenes/khong-co')).status).toBe(404);
  });

  it('two people change the same scene: the second is told who was first, and nothing is lost', async () => {
    const { body: made, status } = await create('operator-731', '731');
    expect([status, made.version, made.unitName]).toEqual([201, 1, 'Thành phố Biên Hòa']);
    const change = (as: string, name: string, version: number) => centre.call<SceneAnswer & { code?: string; by?: string }>('PUT', `/scenes/${made.id}`, { as, body: { name, version, tiles: TILES } });
    expect((await change('operator-75', 'Tên của cấp tỉnh', 1)).body.version).toBe(2);
    const late = await change('operator-731', 'Tên của tôi', 1);
    expect([late.status, late.body.code, late.body.by]).toEqual([409, 'changed_meanwhile', 'operator-75']);
    const versions = (await centre.call<{ versions: { version: number; name: string; by: string }[] }>('GET', `/scenes/${made.id}/versions`, { as: 'operator-731' })).body.versions;
    expect(versions.map(({ version, name, by }) => [version, name, by])).toEqual([[2, 'Tên của cấp tỉnh', 'operator-75'], [1, 'Cảnh của tôi', 'operator-731']]);
    expect((await centre.call<SceneAnswer>('POST', `/scenes/${made.id}/versions/1/restore`, { as: 'operator-731', body: {} })).body).toMatchObject({ version: 3, name: 'Cảnh của tôi' });
    expect((await centre.call('POST', `/scenes/${made.id}/versions/77/restore`, { as: 'operator-731', body: {} })).status).toBe(404);
  });

  it('at the same moment only one of two changes is taken', async () => {
    const { body: made } = await create('operator-75', '75');
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => centre.call('PUT', `/scenes/${made.id}`, { as: 'operator-75', body: { name: `Tên ${i}`, version: 1, tiles: TILES } })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  it('belong to a unit: a sibling neither sees nor changes them; a leader reads only', async () => {
    const { body: made } = await create('operator-731', '731');
    expect((await create('operator-731', '740')).status).toBe(404);
    expect((await centre.call('GET', `/scenes/${made.id}`, { as: 'operator-740' })).status).toBe(404);
    expect((await centre.call('DELETE', `/scenes/${made.id}`, { as: 'operator-740' })).status).toBe(404);
    expect((await centre.call('GET', `/scenes/${made.id}`, { as: 'leader-75' })).status).toBe(200);
    expect((await centre.call('DELETE', `/scenes/${made.id}`, { as: 'leader-75' })).status).toBe(403);
    const listed = (await centre.call<{ scenes: { id: string }[] }>('GET', '/scenes', { as: 'operator-740' })).body.scenes.map((scene) => scene.id);
    expect(listed).not.toContain(made.id);
    expect((await centre.call('DELETE', `/scenes/${made.id}`, { as: 'operator-731' })).status).toBe(204);
    expect((await centre.call('GET', `/scenes/${made.id}`, { as: 'operator-731' })).status).toBe(404);
    const log = (await centre.call<{ entries: { action: string; subject: string }[] }>('GET', `/audit?subject=${made.id}`)).body.entries;
    expect(log.map((entry) => entry.action)).toEqual(['scene.archive', 'scene.create']);
  });

  it('go out as a file and come back as they were; a bad file is refused with its place', async () => {
    const { body: made } = await create('operator-731', '731');
    const file = await centre.call<string>('GET', `/scenes/${made.id}/export`, { as: 'operator-731' });
    expect(file.headers.get('content-disposition')).toContain(`${made.id}.yaml`);
    const bring = (text: string, unit = '731') => centre.call<SceneAnswer & { code?: string; detail?: string }>('POST', `/scenes/import?unit=${unit}`, { as: 'operator-731', body: text, headers: { 'content-type': 'application/yaml' } });
    const back = await bring(file.body);
    expect([back.status, back.body.name, back.body.tiles]).toEqual([201, made.name, made.tiles]);
    expect(back.body.id).not.toBe(made.id);
    expect((await bring(JSON.stringify({ scene: 1, name: 'JSON', tiles: TILES }))).status).toBe(201);
    expect((await bring(file.body, '740')).status).toBe(404);
    for (const bad of ['', 'scene: 1', '{', 'a: &a [1]\nb: *a', `scene: 1\nname: x\ntiles: [{ id: a, kind: map, at: { x: 11, y: 0, w: 5, h: 1 } }]`, 'scene: 1\nname: x\ntiles: []', '\u0000\u0001']) {
      const answer = await bring(bad);
      expect([bad, answer.status, answer.body.code]).toEqual([bad, 400, 'invalid_request']);
    }
  });
});

/** A screen that was approved, with the cookie that it keeps. */
async function pair(unit = '731', as = 'operator-731', name = 'Sảnh'): Promise<{ id: string; cookie: string }> {
  const begun = await centre.call<{ code: string; secret: string }>('POST', '/screens/pairing', { as: null });
  expect([begun.status, /^\d{6}$/.test(begun.body.code)]).toEqual([201, true]);
  expect((await centre.call('POST', '/screens/pairing/claim', { as: null, body: { secret: begun.body.secret } })).body).toEqual({ paired: false });
  const made = await centre.call<ScreenRow>('POST', '/screens', { as, body: { code: begun.body.code, name, unit } });
  expect(made.status).toBe(201);
  const claimed = await centre.call('POST', '/screens/pairing/claim', { as: null, body: { secret: begun.body.secret } });
  expect(claimed.body).toEqual({ paired: true });
  expect(claimed.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
  return { id: made.body.id, cookie: (claimed.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}
const asScreen = (cookie: string) => ({ as: null, headers: { cookie } });
async function connect(cookie: string) {
  const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie }, auth: { screen: true }, forceNew: true, reconnection: false });
  sockets.push(socket);
  const seen = { socket, rows: {} as Record<string, ScreenRow>, refused: [] as string[] };
  const take = (rows: Record<string, unknown> | undefined) => { for (const [key, row] of Object.entries(rows ?? {})) seen.rows[key] = row as ScreenRow; };
  socket.on('snapshot', (message: { state: { scenes?: Record<string, unknown> } }) => { take(message.state.scenes); });
  socket.on('patch', (message: { set: { scenes?: Record<string, unknown> } }) => { take(message.set.scenes); });
  socket.on('problem', (problem: { code: string }) => { seen.refused.push(problem.code); });
  await new Promise<void>((resolve, reject) => { socket.on('connect', resolve); socket.on('connect_error', reject); });
  return seen;
}
async function until(what: string, ask: () => boolean, ms = 8_000): Promise<void> {
  for (const end = performance.now() + ms; !ask();) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 50); }); }
}
const REPORT = { shows: { scene: 'toan-canh' }, sceneVersion: 0, sceneName: 'Toàn cảnh', tiles: [], text: 'Đã tiếp nhận 1.505', ageSeconds: 1, cameras: 6, playing: 5, droppedFrames: 2, width: 1920, height: 1080, upSeconds: 60 };

describe('screens', () => {
  it('pair by six digits that an operator types, hold their own token, and read what is their unit’s, no more', async () => {
    const { id, cookie } = await pair();
    expect((await centre.call('GET', '/screens/me', asScreen(cookie))).body).toMatchObject({ id, unit: '731', unitName: 'Thành phố Biên Hòa' });
    const status = async (method: string, path: string, body?: unknown) => (await centre.call(method, path, { ...asScreen(cookie), body })).status;
    expect(await status('GET', '/kpis?unit=731')).toBe(200);
    expect(await status('GET', '/ratings?unit=25993')).toBe(200);
    expect(await status('GET', '/kpis?unit=75')).toBe(404);
    expect(await status('GET', '/scenes/toan-canh')).toBe(200);
    for (const [method, path, body] of [['GET', '/session'], ['GET', '/scenes'], ['GET', '/screens'], ['GET', '/cameras'], ['GET', '/audit'], ['GET', '/alerts'], ['POST', '/scenes', {}], ['DELETE', `/screens/${id}`], ['POST', `/screens/${id}/show`, { scene: 'camera' }]] as const) expect([method, path, await status(method, path, body)]).toEqual([method, path, 401]);
    // Its cookie is no session and a session no screen.
    expect((await centre.call('GET', '/screens/me', { as: 'operator-75' })).status).toBe(401);
  });

  it('wrong codes are slowed down, a code works once and dies', async () => {
    await centre.createUser('guesser', ['operator'], '75');
    const attempt = (code: string) => centre.call<{ code: string }>('POST', '/screens', { as: 'guesser', body: { code, name: 'x', unit: '75' } });
    const begun = await centre.call<{ code: string; secret: string }>('POST', '/screens/pairing', { as: null });
    const wrong = (n: number) => String((Number(begun.body.code) + n) % 1_000_000).padStart(6, '0');
    const answers = [];
    for (let n = 1; n <= 10; n += 1) answers.push((await attempt(wrong(n))).body.code);
    expect(answers).toEqual([...Array<string>(8).fill('pairing_code'), 'rate_limited', 'rate_limited']);
    // The right one neither, until the time is over; and then it is too old.
    expect((await attempt(begun.body.code)).status).toBe(429);
    at += 10 * 60_000 + 1_000;
    expect((await attempt(begun.body.code)).body.code).toBe('pairing_code');
    expect((await centre.call('POST', '/screens/pairing/claim', { as: null, body: { secret: begun.body.secret } })).status).toBe(404);
    const next = await centre.call<{ code: string }>('POST', '/screens/pairing', { as: null });
    expect((await attempt(next.body.code)).status).toBe(201);
    expect((await attempt(next.body.code)).body.code).toBe('pairing_code');
    // Two operators at once: one screen.
    const twice = await centre.call<{ code: string }>('POST', '/screens/pairing', { as: null });
    const both = await Promise.all(['operator-75', 'operator-731'].map(async (as) => (await centre.call('POST', '/screens', { as, body: { code: twice.body.code, name: 'x', unit: '731' } })).status));
    expect(both.sort()).toEqual([201, 404]);
    const many = [];
    for (let i = 0; i < 20; i += 1) many.push((await centre.call('POST', '/screens/pairing', { as: null })).status);
    expect(many).toContain(429);
    at += 61_000;
  });

  it('show what they are given: pinned, or for a while; equal ones wait, and the screen goes back by itself', async () => {
    const { id, cookie } = await pair();
    const wall = await connect(cookie);
    wall.socket.emit('watch', { units: ['731'], topics: ['scenes', 'kpis'] });
    const row = () => wall.rows[`screen:${id}`];
    await until('its row', () => row() !== undefined);
    const show = (body: object) => centre.call<ScreenRow & { code?: string }>('POST', `/screens/${id}/show`, { as: 'operator-731', body });
    await show({ scene: 'hang-cho' });
    await until('the pinned scene', () => JSON.stringify(row()?.pinned) === '{"scene":"hang-cho"}');
    await show({ unit: '25993', holdSeconds: 60 });
    await show({ scene: 'camera', holdSeconds: 60 });
    await until('a pop-up and one that waits', () => row()?.waiting === 1);
    expect(row()?.popup?.show).toEqual({ unit: '25993' });
    await show({ scene: 'qua-han', holdSeconds: 60, priority: 90 });
    await until('the more important', () => JSON.stringify(row()?.popup?.show) === '{"scene":"qua-han"}');
    at += 61_000;
    await until('the one that gave way', () => JSON.stringify(row()?.popup?.show) === '{"unit":"25993"}');
    at += 61_000;
    await until('the last', () => JSON.stringify(row()?.popup?.show) === '{"scene":"camera"}');
    at += 61_000;
    await until('nothing more', () => row()?.popup === null);
    expect(row()?.pinned).toEqual({ scene: 'hang-cho' });
    await centre.call('DELETE', `/screens/${id}/show`, { as: 'operator-731' });
    await until('the rotation', () => row()?.pinned === null);
    // Neither what the operator may not see nor what the screen may not see.
    expect((await show({ unit: '740' })).status).toBe(404);
    expect((await show({ scene: 's-nothing' })).status).toBe(404);
    const wide = await centre.call<{ code: string }>('POST', `/screens/${id}/show`, { as: 'operator-75', body: { unit: '740' } });
    expect([wide.status, wide.body.code]).toEqual([422, 'screen_scope']);
    for (const bad of [{}, { scene: 'camera', camera: 'x' }, { scene: 'camera', holdSeconds: 1 }, { unit: '731', alert: '1' }]) expect([bad, (await show(bad)).status]).toEqual([bad, 400]);
    expect((await centre.call('PATCH', `/screens/${id}`, { as: 'operator-731', body: { rotation: [{ scene: 'camera', seconds: 30, from: '07:00', to: '17:00', days: [1, 2] }, { scene: 'hang-cho', seconds: 30, unit: '25993' }] } })).status).toBe(200);
    expect((await centre.call('PATCH', `/screens/${id}`, { as: 'operator-75', body: { rotation: [{ scene: 'camera', seconds: 30, unit: '740' }] } })).status).toBe(422);
  });

  it('say what they truly show; the centre keeps it with the hash of the text', async () => {
    const { id, cookie } = await pair();
    expect((await centre.call('POST', '/screens/me/report', { ...asScreen(cookie), body: REPORT })).status).toBe(204);
    expect((await centre.call('POST', '/screens/me/report', { ...asScreen(cookie), body: REPORT })).status).toBe(429);
    const { body } = await centre.call<{ reports: { hash: string; playing: number }[] }>('GET', `/screens/${id}/reports`, { as: 'operator-75' });
    expect(body.reports).toMatchObject([{ playing: 5, hash: createHash('sha256').update(REPORT.text).digest('hex') }]);
    expect(JSON.stringify(body)).not.toContain('1.505');
    expect((await centre.call('GET', `/screens/${id}/reports`, { as: 'operator-740' })).status).toBe(404);
  });

  it('survive a restart of the centre, and are dark within five seconds of being revoked', async () => {
    const { id, cookie } = await pair();
    await centre.call('POST', `/screens/${id}/show`, { as: 'operator-731', body: { scene: 'camera', holdSeconds: 600 } });
    // What another process would read at its start.
    const again = await openScreens({ database: centre.database, units: (await import('#server/units/tree.ts').then(async ({ loadUnits }) => await loadUnits(centre.database, [], [], () => 20_000))), now: () => new Date(Date.now() + at) });
    expect((await again.fromCookie(cookie))?.screen).toBe(id);
    expect(again.read(id, new Set()).popup?.show).toEqual({ scene: 'camera' });
    const wall = await connect(cookie);
    wall.socket.emit('watch', { units: ['731'], topics: ['scenes'] });
    await until('its row', () => wall.rows[`screen:${id}`]?.connected === true);
    expect((await centre.call('DELETE', `/screens/${id}`, { as: 'operator-740' })).status).toBe(404);
    expect((await centre.call('DELETE', `/screens/${id}`, { as: 'operator-731' })).status).toBe(204);
    await until('dark', () => wall.socket.disconnected, 5_000);
    expect((await centre.call('GET', '/screens/me', asScreen(cookie))).status).toBe(401);
    await expect(connect(cookie)).rejects.toThrow();
    const other = await openScreens({ database: centre.database, units: (await import('#server/units/tree.ts').then(async ({ loadUnits }) => await loadUnits(centre.database, [], [], () => 20_000))), now: () => new Date(Date.now() + at) });
    expect(await other.fromCookie(cookie)).toBeNull();
  });

  it('a socket of a screen watches its unit and nothing beside it', async () => {
    const { cookie } = await pair();
    const wall = await connect(cookie);
    wall.socket.emit('watch', { units: ['75'], topics: ['kpis'] });
    await until('a refusal', () => wall.refused.length === 1);
    expect(wall.refused).toEqual(['not_found']);
  });

  it('a new long queue comes up on the screens that see the desk, once', async () => {
    const own = await pair('731', 'operator-75', 'Của 731');
    const other = await pair('740', 'operator-75', 'Của 740');
    const key = await centre.keyFor(['queue'], ['75']);
    const issued = new Date(Date.now() + at - 45 * 60_000).toISOString();
    await centre.send('queue', [{ eventId: 'long-1', unit: '25993', ticket: 'L1', status: 'issued', at: issued }], key);
    const popup = async (id: string) => (await centre.call<{ screens: ScreenRow[] }>('GET', '/screens')).body.screens.find((screen) => screen.id === id)?.popup ?? null;
    for (const end = Date.now() + 20_000; (await popup(own.id)) === null;) { if (Date.now() > end) throw new Error('no pop-up'); await new Promise((resolve) => { setTimeout(resolve, 250); }); }
    expect(await popup(own.id)).toMatchObject({ reason: 'alert', by: 'alert' });
    expect(await popup(other.id)).toBeNull();
    at += 60_000;
    for (const end = Date.now() + 10_000; (await popup(own.id)) !== null;) { if (Date.now() > end) throw new Error('it does not give way'); await new Promise((resolve) => { setTimeout(resolve, 250); }); }
  }, 60_000);
});

describe('which alerts come up where', () => {
  const alert = { id: '1', rule: 'queue_long', severity: 'critical', state: 'open', unit: '25993', openedAt: new Date(1_000).toISOString() } as never;
  const screens = [{ id: 'a', name: 'Sảnh', unit: '731' }, { id: 'b', name: 'Phòng họp', unit: '75' }];
  const sees = (screen: string, unit: string) => screen === '75' || unit.startsWith('25');
  const rule = { rule: 'queue_long', minSeverity: 'warning', holdSeconds: 45, priority: 40 } as const;
  it('by rule, severity, names and units; the more severe before', () => {
    expect(popupsFor([alert], [rule], screens, sees)).toEqual([{ screen: 'a', alert: '1', holdSeconds: 45, priority: 42 }, { screen: 'b', alert: '1', holdSeconds: 45, priority: 42 }]);
    expect(popupsFor([alert], [{ ...rule, screens: ['Sảnh'] }], screens, sees).map((one) => one.screen)).toEqual(['a']);
    expect(popupsFor([alert], [{ ...rule, units: ['75'] }], screens, sees).map((one) => one.screen)).toEqual(['b']);
    expect(popupsFor([alert], [{ ...rule, rule: 'camera_away' }], screens, sees)).toEqual([]);
    expect(popupsFor([{ ...(alert as object), severity: 'notice' } as never], [rule], screens, sees)).toEqual([]);
    expect(popupsFor([alert], [rule], screens, () => false)).toEqual([]);
  });
  it('what was there at the start is no news, nor what is old', () => {
    const news = new News();
    expect(news.of([alert], 2_000)).toEqual([]);
    expect(news.of([alert, { ...(alert as object), id: '2' } as never], 2_000).map((one) => one.id)).toEqual(['2']);
    expect(news.of([alert, { ...(alert as object), id: '3' } as never], 500_000)).toEqual([]);
  });
});
