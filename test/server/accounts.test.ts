/** Sessions, invitations, one's own password, emergency accounts, the register of looks and the alert of too many. */
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateAlerts } from '#server/alerts/evaluate.ts';
import { rulesFrom } from '#server/rounds.ts';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { zoneOf } from '#analytics/time/localDay.ts';
import { audit } from '#server/audit/append.ts';
import { keepAllowance } from '#server/http/allowance.ts';
import { PASSWORD, startTestCentre, type Answer, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let clock = Date.now();
beforeAll(async () => { centre = await startTestCentre({ now: () => new Date(clock), environment: { CAMERA_NETWORKS: '127.0.0.0/8' } }); });
afterAll(async () => { await centre?.end(); });
const cookieOf = (answer: Answer<unknown>) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const signIn = (username: string, password = PASSWORD) => centre.call('POST', '/session', { as: null, body: { username, password }, headers: { 'user-agent': 'Test/1.0 (\u00e9x)' } });
const as = (cookie: string, method: string, path: string, body?: unknown) => centre.call(method, path, { as: null, body, headers: { cookie } });
const alive = async (cookie: string) => (await as(cookie, 'GET', '/session')).status;

describe('sessions', () => {
  it('are listed with where and since when; one or all others end, and with them the sockets within five seconds', async () => {
    await centre.createUser('binh', ['operator'], '75');
    const [a, b, c] = [cookieOf(await signIn('binh')), cookieOf(await signIn('binh')), cookieOf(await signIn('binh'))];
    const list = (await as(a, 'GET', '/sessions')).body.sessions as { id: string; current: boolean; address: string; agent: string; username: string }[];
    expect([list.length, list.filter((one) => one.current).length, new Set(list.map((one) => one.username))]).toEqual([3, 1, new Set(['binh'])]);
    expect([list[0]?.address, list[0]?.agent]).toEqual(['127.0.0.1', 'Test/1.0 (x)']);
    expect((await as(a, 'GET', '/sessions?of=all')).status).toBe(403);
    const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie: b }, forceNew: true, reconnection: false });
    await new Promise<void>((resolve, reject) => { socket.on('connect', resolve).on('connect_error', reject); });
    const gone = new Promise<number>((resolve) => { const from = performance.now(); socket.on('disconnect', () => { resolve(performance.now() - from); }); });
    const mine = (await as(b, 'GET', '/sessions')).body.sessions as typeof list;
    expect((await as(a, 'DELETE', `/sessions/${mine.find((one) => one.current)?.id}`)).status).toBe(204);
    expect(await gone).toBeLessThan(5_000);
    expect([await alive(a), await alive(b), await alive(c)]).toEqual([200, 401, 200]);
    expect((await as(a, 'POST', '/sessions/revoke', {})).body.ended).toBe(1);
    expect([await alive(a), await alive(c)]).toEqual([200, 401]);
    // Those of others only for an administrator.
    const all = (await centre.call('GET', '/sessions?of=all')).body.sessions as typeof list;
    const admin = all.find((one) => one.username === 'admin');
    expect((await as(a, 'DELETE', `/sessions/${admin?.id}`)).status).toBe(404);
    expect((await as(a, 'POST', '/sessions/revoke', { username: 'admin' })).status).toBe(404);
    expect((await centre.call('POST', '/sessions/revoke', { body: { username: 'binh' } })).body.ended).toBe(1);
    expect(await alive(a)).toBe(401);
  });
  it('end when an account is locked', async () => {
    const a = cookieOf(await signIn('binh'));
    expect((await centre.call('PATCH', '/users/binh', { body: { enabled: false } })).status).toBe(200);
    expect([await alive(a), (await signIn('binh')).body.code]).toEqual([401, 'wrong_credentials']);
    await centre.call('PATCH', '/users/binh', { body: { enabled: true } });
  });
  it('end after an hour without use, not while they are used, and after twelve hours in any case', async () => {
    const [idle, used] = [cookieOf(await signIn('binh')), cookieOf(await signIn('binh'))];
    for (let hour = 0; hour < 11; hour += 1) { clock += 55 * 60_000; expect(await alive(used)).toBe(200); if (hour === 1) expect(await alive(idle)).toBe(401); }
    clock += 2 * 3_600_000 + 60_000;
    expect(await alive(used)).toBe(401);
  });
  it('go on where one changes one\'s own password, the others end', async () => {
    const [a, b] = [cookieOf(await signIn('binh')), cookieOf(await signIn('binh'))];
    expect((await as(a, 'POST', '/session/password', { password: 'wrong', newPassword: 'another-one-2026' })).body.code).toBe('wrong_password');
    expect((await as(a, 'POST', '/session/password', { password: PASSWORD, newPassword: 'another-one-2026' })).status).toBe(204);
    expect([await alive(a), await alive(b), (await signIn('binh')).status, (await signIn('binh', 'another-one-2026')).status]).toEqual([200, 401, 401, 200]);
  });
});

describe('an invitation', () => {
  const admin = async () => cookieOf(await signIn('admin'));
  it('is a link good once, for 72 hours, kept hashed; until then nobody signs in', async () => {
    const made = await as(await admin(), 'POST', '/users', { username: 'moi', roles: ['leader'], unit: '75' });
    expect([made.status, made.body.invited]).toEqual([201, true]);
    const { path } = made.body.invitation as { path: string };
    expect(path).toMatch(/^\/invitation#[\w-]{43}$/);
    const token = path.split('#')[1] ?? '';
    expect((await signIn('moi', 'anything-2026')).body.code).toBe('wrong_credentials');
    const kept = JSON.stringify((await centre.database.query('SELECT * FROM invitations')).rows) + JSON.stringify((await centre.database.query('SELECT * FROM audit_log')).rows);
    expect(kept).not.toContain(token);
    const accept = (one: string) => centre.call('POST', '/invitation', { as: null, body: { token: one, password: 'chosen-by-me-2026' } });
    expect((await accept('x'.repeat(43))).body.code).toBe('invitation_invalid');
    expect((await accept(token)).body).toEqual({ username: 'moi' });
    expect((await accept(token)).body.code).toBe('invitation_invalid');
    expect((await signIn('moi', 'chosen-by-me-2026')).status).toBe(200);
    const again = (await as(await admin(), 'POST', '/users/moi/invitation', {})).body.path as string;
    const last = (await as(await admin(), 'POST', '/users/moi/invitation', {})).body.path as string;
    expect((await accept(again.split('#')[1] ?? '')).body.code).toBe('invitation_invalid');
    clock += 73 * 3_600_000;
    expect((await accept(last.split('#')[1] ?? '')).body.code).toBe('invitation_invalid');
  });
});

describe('an emergency account', () => {
  it('needs two administrators, tells all of them, and ends by itself', async () => {
    const first = cookieOf(await signIn('admin'));
    await as(first, 'POST', '/users', { username: 'second', password: PASSWORD, roles: ['admin'], unit: '75' });
    const second = cookieOf(await signIn('second'));
    const asked = await as(first, 'POST', '/break-glass', { reason: 'nobody of the office can be reached', hours: 1 });
    expect((await as(first, 'POST', `/break-glass/${asked.body.id}/open`, {})).body.code).toBe('second_person');
    const opened = await as(second, 'POST', `/break-glass/${asked.body.id}/open`, {});
    expect(opened.status).toBe(201);
    expect((await as(second, 'POST', `/break-glass/${asked.body.id}/open`, {})).status).toBe(404);
    const emergency = cookieOf(await signIn(String(opened.body.username), String(opened.body.password)));
    expect((await as(emergency, 'GET', '/users')).status).toBe(200);
    expect((await as(first, 'GET', '/session')).body.breakGlass).toMatchObject([{ username: opened.body.username, reason: 'nobody of the office can be reached' }]);
    const config = loadConfig({ dir: fromRoot('config'), environment: {} });
    const round = async () => { await evaluateAlerts(centre.database, rulesFrom(config, zoneOf(config.centre.zone)), { at: new Date(clock), today: 0, silences: [], queues: [], cameras: [], disks: [], camerasKnown: false, rootUnit: '75' } as unknown as Parameters<typeof evaluateAlerts>[2]); return (await centre.database.query<{ subject: string; unit: string }>("SELECT subject, unit FROM alerts WHERE rule = 'break_glass' AND condition_ended_at IS NULL")).rows; };
    expect(await round()).toEqual([{ subject: opened.body.username, unit: '75' }]);
    clock += 3_600_000 + 1_000;
    expect([await alive(emergency), (await signIn(String(opened.body.username), String(opened.body.password))).status]).toEqual([401, 401]);
    expect(await round()).toEqual([]);
  });
});

describe('the register of looks', () => {
  it('has live pictures too, once for ten minutes; more than twenty cameras in ten minutes open an alert at the root', async () => {
    const admin = cookieOf(await signIn('admin'));
    await as(admin, 'POST', '/users', { username: 'xem', password: PASSWORD, roles: ['operator'], unit: '75' });
    await as(admin, 'POST', '/users', { username: 'thanh-tra', password: PASSWORD, roles: ['inspector'], unit: '75' });
    for (let i = 0; i < 21; i += 1) await audit(centre.database, { actor: 'xem', action: 'live.look', unit: '26068', subject: `cam-${i}`, purpose: i === 0 ? '=HYPERLINK("x")' : null, detail: { quality: 'sub' } }, new Date(clock - 540_000 + i * 20_000));
    const config = loadConfig({ dir: fromRoot('config'), environment: {} });
    const round = async (at: number) => { await evaluateAlerts(centre.database, rulesFrom(config, zoneOf(config.centre.zone)), { at: new Date(at), today: 0, silences: [], queues: [], cameras: [], disks: [], camerasKnown: false, rootUnit: '75' } as unknown as Parameters<typeof evaluateAlerts>[2]); return (await centre.database.query<{ subject: string; value: number; limit: number }>("SELECT subject, value, \"limit\" FROM alerts WHERE rule = 'bulk_viewing' AND condition_ended_at IS NULL")).rows; };
    // Twenty are not more than twenty.
    expect(await round(clock - 150_000)).toEqual([]);
    expect(await round(clock)).toEqual([{ subject: 'xem', value: 21, limit: 20 }]);
    // It stays to be read, a day.
    expect(await round(clock + 7_200_000)).toHaveLength(1);
    expect(await round(clock + 90_000_000)).toEqual([]);
    const inspector = cookieOf(await signIn('thanh-tra'));
    const seen = (await as(inspector, 'GET', '/viewings?actor=xem&unit=26068&limit=5')).body.viewings as { actor: string; camera: string; unitName: string; action: string }[];
    expect(seen.map((one) => [one.actor, one.camera, one.action])).toEqual([20, 19, 18, 17, 16].map((i) => ['xem', `cam-${i}`, 'live.look']));
    expect((await as(inspector, 'GET', `/viewings?from=${encodeURIComponent(new Date(clock + 1).toISOString())}`)).body.viewings).toEqual([]);
    expect((await as(cookieOf(await signIn('xem')), 'GET', '/viewings')).status).toBe(403);
    const table = await centre.call<string>('GET', '/viewings.csv?actor=xem', { as: null, headers: { cookie: inspector } });
    expect(table.headers.get('content-type')).toContain('text/csv');
    expect([table.body.trim().split('\r\n').length, table.body.includes('"\'=HYPERLINK(""x"")"')]).toEqual([22, true]);
  });
});

it('a purpose names the decision where the centre asks for one', async () => {
  const strict = await startTestCentre({ change: (config) => { config.centre.viewing.decisionRequired = true; } });
  try {
    expect((await strict.call('POST', '/recordings/purpose', { body: { purpose: 'kiểm tra phản ánh' } })).body.code).toBe('decision_required');
    const given = await strict.call('POST', '/recordings/purpose', { body: { purpose: 'kiểm tra phản ánh', decision: '12/QĐ-TTr' } });
    expect(given.body.text).toBe('kiểm tra phản ánh [12/QĐ-TTr]');
  } finally { await strict.end(); }
});

describe('an allowance', () => {
  it('is spent, fills up with time, and is each caller\'s own', () => {
    let at = 0;
    const allowance = keepAllowance({ perSecond: 10, atOnce: 20 }, () => at);
    for (let i = 0; i < 20; i += 1) allowance.spend('a', 1);
    expect(() => { allowance.spend('a', 1); }).toThrow(expect.objectContaining({ code: 'rate_limited' }));
    allowance.spend('b', 20);
    at += 500;
    allowance.spend('a', 5);
    expect(() => { allowance.spend('a', 1); }).toThrow();
    at += 3_600_000;
    allowance.spend('a', 20);
    expect(() => { allowance.spend('a', 1); }).toThrow();
  });
  it('is told as 429 with Retry-After', async () => {
    const small = await startTestCentre({ change: (config) => { config.centre.limits = { account: { perSecond: 0.5, atOnce: 30 }, source: { perSecond: 0.5, atOnce: 10 } }; } });
    try {
      const key = await small.keyFor(['queue'], ['75']);
      const sent = await Promise.all(Array.from({ length: 12 }, () => small.send('queue', [], key)));
      expect(sent.filter((one) => one.status === 429)).toHaveLength(2);
      const asked = [];
      for (let i = 0; i < 40; i += 1) asked.push(await small.call('GET', '/session'));
      const refused = asked.filter((one) => one.status === 429);
      expect(refused.length).toBeGreaterThan(5);
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally { await small.end(); }
  });
});
