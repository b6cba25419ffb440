/** Generated from the route table: every route × who asks × whose thing it is. A route that is not covered here cannot be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existsSync } from 'node:fs';
import { fromRoot } from '#config/paths.ts';
import type { Route } from '#server/http/route.ts';
import { audit } from '#server/audit/append.ts';
import { startTestCentre, unlimited, type TestCentre } from '../support/centre.ts';

// Accounts at a district (731), with each role alone; things of its child (25993), of a sibling (740), of its parent (75).
const ROLES = ['operator', 'leader', 'inspector', 'admin'] as const;
const UNITS = { own: '731', child: '25993', sibling: '740', parent: '75', none: 'nowhere' };
let centre: TestCentre;
const cameraOf: Record<string, string> = {};
const alertOf: Record<string, string> = {};
const holdOf: Record<string, string> = {};
const sceneOf: Record<string, string> = {};
const screenOf: Record<string, string> = {};
const shiftOf: Record<string, string> = {};
/** The cookie of a screen of 731. */
let screenCookie = '';
/** All that a paired screen may ask, beside its socket and its pictures. */
const OF_SCREENS = ['get /targets', 'get /procedures', 'get /kpis', 'get /kpis/:name/explain', 'get /map', 'get /map/boundaries', 'get /map/tiles/:z/:x/:y', 'get /ratings', 'get /forecast/queue', 'get /scenes/:id', 'get /screens/me', 'post /screens/me/report', 'post /cameras/:id/live-ticket'];
const TILES = [{ id: 'a', kind: 'clock', at: { x: 0, y: 0, w: 1, h: 1 } }];
/** Things that a route with scope `filter` reaches by their own names. */
interface Things { user: string; key: string; rejection: string; session: string }
const thingsOf: Record<string, Things> = {};

beforeAll(async () => {
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: unlimited });
  for (const role of ROLES) await centre.createUser(`m-${role}`, [role], UNITS.own);
  for (const [whose, unit] of Object.entries(UNITS)) {
    if (whose === 'none') { cameraOf[whose] = 'nothing'; alertOf[whose] = '999999'; holdOf[whose] = '999999'; sceneOf[whose] = 's-nothing'; screenOf[whose] = 'nothing'; shiftOf[whose] = '999999'; continue; }
    cameraOf[whose] = `cam-${whose}`;
    await centre.call('POST', '/cameras', { body: { id: `cam-${whose}`, unit, name: 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
    const row = await centre.database.query<{ id: number }>("INSERT INTO alerts (rule, severity, state, unit, subject, moment) VALUES ('unit_silent', 'notice', 'open', $1, $2, now()) RETURNING id", [unit, `matrix-${whose}`]);
    alertOf[whose] = String(row.rows[0]?.id);
    await centre.database.query("INSERT INTO clips (id, cameras, units, starts, ends, purpose, requested_by, requested_at, state) VALUES ($1, $2, $3, now() - interval '2 hours', now() - interval '1 hour', 'in the matrix', 'admin', now(), 'failed')", [`clip-${whose.padEnd(12, '0')}`, [`cam-${whose}`], [unit]]);
    await centre.database.query("INSERT INTO imports (id, kind, unit, name, bytes, created_by, created_at, touched_at) VALUES ($1, 'dossiers', $2, 'x', 1, 'admin', now(), now())", [`import-${whose}`, unit]);
    const held = await centre.call<{ id: string }>('POST', '/holds', { body: { camera: `cam-${whose}`, from: '2026-01-01T08:00:00+07:00', to: '2026-01-01T09:00:00+07:00', reason: 'in the matrix' } });
    holdOf[whose] = held.body.id;
    sceneOf[whose] = (await centre.call<{ id: string }>('POST', '/scenes', { body: { name: 'x', unit, tiles: TILES } })).body.id;
    shiftOf[whose] = (await centre.call<{ id: string }>('POST', '/shifts', { body: { unit } })).body.id;
    await centre.database.query("INSERT INTO shift_snapshots (id, shift, unit, camera, camera_name, picture_at, taken_at, taken_by, purpose, bytes, sha256, picture) VALUES ($1, $2, $3, $4, 'x', now(), now(), 'admin', 'in the matrix', 1, 'x', 'x')", [`snap-${whose}`, shiftOf[whose], unit, `cam-${whose}`]);
    const begun = (await centre.call<{ code: string; secret: string }>('POST', '/screens/pairing', { as: null })).body;
    screenOf[whose] = (await centre.call<{ id: string }>('POST', '/screens', { body: { code: begun.code, name: 'x', unit } })).body.id;
    if (whose === 'own') screenCookie = ((await centre.call('POST', '/screens/pairing/claim', { as: null, body: { secret: begun.secret } })).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    await audit(centre.database, { actor: 'somebody', action: 'live.look', unit, subject: `cam-${whose}`, detail: { quality: 'sub' } }, new Date());
    await centre.createUser(`u-${whose}`, ['leader'], unit);
    await centre.cookieOf(`u-${whose}`);
    const session = await centre.database.query<{ id: string }>('SELECT id FROM sessions WHERE username = $1', [`u-${whose}`]);
    await centre.database.query("UPDATE users SET factor_since = now() WHERE username = $1", [`u-${whose}`]);
    const made = await centre.call<{ id: string; key: string }>('POST', '/ingest-keys', { body: { name: `key-${whose}`, kinds: ['queue'], units: [unit] } });
    await centre.send('queue', [{ eventId: `refused-${whose}`, unit, ticket: 'A1', status: 'nonsense', at: '2026-01-01T08:00:00+07:00' }], made.body.key);
    const kept = await centre.database.query<{ id: number }>('SELECT id FROM rejections WHERE event_id = $1', [`refused-${whose}`]);
    thingsOf[whose] = { user: `u-${whose}`, session: session.rows[0]?.id ?? '', key: made.body.id, rejection: String(kept.rows[0]?.id) };
  }
});
afterAll(async () => { await centre?.end(); });

const FILL: Record<string, string> = { version: '1', name: 'received', file: '20260101T000000Z.mp4', username: 'nobody-here', id: '1', z: '0', x: '0', y: '0' };
function address(route: Route, unit: string, camera: string, alert: string, hold: string, whose = 'own'): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => (route.scope.kind === 'camera' && name === 'id' ? camera : route.scope.kind === 'alert' && name === 'id' ? alert : route.scope.kind === 'hold' && name === 'id' ? hold : route.scope.kind === 'scene' && name === 'id' ? sceneOf[whose] ?? '' : route.scope.kind === 'wallScreen' && name === 'id' ? screenOf[whose] ?? '' : route.scope.kind === 'shift' && name === 'id' ? shiftOf[whose] ?? '' : route.scope.kind === 'shiftSnapshot' && name === 'id' ? `snap-${whose}` : name === 'unit' ? unit : FILL[name] ?? 'x'));
  const now = Date.now();
  return `${path}?unit=${unit}&from=${encodeURIComponent(path.includes('/cameras/') ? new Date(now - 60_000).toISOString() : '2026-01-01')}&to=${encodeURIComponent(path.includes('/cameras/') ? new Date(now).toISOString() : '2026-01-02')}&at=${encodeURIComponent(new Date(now).toISOString())}`
    .replace(/\?.*$/, (query) => (path === '/alerts' || path === '/holds' ? '' : query));
}
const bodyOf = (route: Route, unit: string, camera = ''): unknown => (route.method === 'get' || route.method === 'delete' ? undefined
  : route.path === '/users' ? { username: `u${Math.random().toString(36).slice(2)}`, password: 'long-enough-2026', roles: ['leader'], unit }
    : route.path.startsWith('/walls') ? { name: 'x', ...(route.method === 'post' ? { unit } : {}), wall: { rows: 1, columns: 2, places: [{ screen: 'nothing', row: 0, column: 0 }] } }
    : route.path === '/scenes' ? { name: 'x', unit, tiles: TILES } : route.method === 'put' ? { name: 'x', tiles: TILES, version: 1 } : route.path === '/screens' ? { code: '000000', name: 'x', unit } : route.path.endsWith('/show') ? { scene: 'camera', holdSeconds: 5 } : route.path === '/shifts' ? { unit } : route.path.endsWith('/entries') ? { text: 'in the matrix' } : route.path.endsWith('/handover') ? { points: 'in the matrix' } : route.path.endsWith('/sign') && route.path.startsWith('/shifts') ? { handover: '1' } : route.path.endsWith('/take-over') ? { reason: 'in the matrix' } : route.path.endsWith('/snapshots') ? { camera, purpose: 'in the matrix' } : route.path === '/break-glass' ? { reason: 'in the scope matrix' } : route.path === '/cameras' ? { unit, name: 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } : route.path === '/ingest-keys' ? { name: 'x', kinds: ['queue'], units: [unit] } : route.path === '/holds' ? { camera, from: '2026-01-01T08:00:00+07:00', to: '2026-01-01T09:00:00+07:00', reason: 'in the matrix' } : route.path === '/nodes' ? { id: 'x', name: 'x' } : route.path === '/nodes/pins' ? { unit, node: null } : route.path === '/nodes/:id/cameras' ? { cameras: ['x'] } : route.path.startsWith('/holds/') ? { note: 'in the matrix' } : route.path === '/scoring/:id/sign' ? { version: 'x', fingerprint: 'x', signed: true, note: 'long enough' } : {});

/** What is looked up by its unit. */
const THINGS = ['unit', 'camera', 'alert', 'hold', 'scene', 'wallScreen', 'shift', 'shiftSnapshot'];

describe('the scope matrix', () => {
  it('has routes in it', () => { expect(centre.routes.length).toBeGreaterThan(30); });

  it('without a session only what is public answers', async () => {
    for (const route of centre.routes) {
      if (route.access === 'public') continue;
      const answer = await centre.call('' + route.method.toUpperCase(), address(route, '75', cameraOf.own ?? '', alertOf.own ?? '', holdOf.own ?? ''), { as: null, body: bodyOf(route, '75') });
      expect([route.method, route.path, answer.status]).toEqual([route.method, route.path, 401]);
    }
  });

  it('a role that is not named is refused; a thing of another unit does not exist', async () => {
    for (const route of centre.routes) {
      if (typeof route.access === 'string' && route.access !== 'session' && route.access !== 'screen') continue;
      // They ask for a password, and a wrong one slows the next answer down.
      if (route.path === '/session' || route.path === '/session/second-factor/enrolment') continue;
      // Not even an administrator is a screen.
      if (route.access === 'screen') { expect((await centre.call(route.method.toUpperCase(), route.path, { as: 'm-admin', body: bodyOf(route, '731') })).status, route.path).toBe(401); continue; }
      for (const role of ROLES) {
        const allowed = route.access === 'session' || (route.access as readonly string[]).includes(role);
        for (const [whose, unit] of Object.entries(UNITS)) {
          if (route.method === 'delete' && (whose === 'own' || whose === 'child')) continue;
          const answer = await centre.call<{ code?: string }>(route.method.toUpperCase(), address(route, unit, cameraOf[whose] ?? '', alertOf[whose] ?? '', holdOf[whose] ?? '', whose), { as: `m-${role}`, body: bodyOf(route, unit, cameraOf[whose]) });
          const where = `${role} ${route.method} ${route.path} ${whose}: ${answer.status} ${answer.body?.code ?? ''}`;
          expect(answer.status, where).toBeLessThan(500 + (answer.body?.code === 'node_away' || answer.body?.code === 'camera_away' ? 100 : 0));
          if (!allowed) { expect(answer.status, where).toBe(403); continue; }
          const foreign = whose === 'sibling' || whose === 'parent' || whose === 'none';
          if (route.scope.kind === 'centre') expect(answer.status, where).toBe(404);
          // A body that is not valid is told before its scope; a valid one must not be found.
          if (THINGS.includes(route.scope.kind) && foreign) expect([400, 404], where).toContain(answer.status);
          if (THINGS.includes(route.scope.kind) && foreign && answer.status === 400) expect(answer.body.code, where).toBe('invalid_request');
          if (['hold', 'shift', 'shiftSnapshot'].includes(route.scope.kind) && foreign) expect(answer.status, where).toBe(404);
          if (route.path === '/ingest-keys' && route.method === 'post' && foreign) expect(answer.status, where).toBe(404);
        }
      }
    }
  }, 180_000);

  it('a paired screen may ask what is listed here, of its own unit; nothing else knows it', async () => {
    expect(centre.routes.filter((route) => route.screen === true || route.access === 'screen').map((route) => `${route.method} ${route.path}`).sort()).toEqual([...OF_SCREENS].sort());
    for (const route of centre.routes) {
      if (route.access === 'public' || route.access === 'key' || route.access === 'node') continue;
      const open = OF_SCREENS.includes(`${route.method} ${route.path}`);
      for (const [whose, unit] of Object.entries(UNITS)) {
        const answer = await centre.call<{ code?: string }>(route.method.toUpperCase(), address(route, unit, cameraOf[whose] ?? '', alertOf[whose] ?? '', holdOf[whose] ?? '', whose), { as: null, headers: { cookie: screenCookie }, body: bodyOf(route, unit) });
        const where = `screen ${route.method} ${route.path} ${whose}: ${answer.status} ${answer.body?.code ?? ''}`;
        if (!open) expect(answer.status, where).toBe(401);
        else if (['unit', 'camera', 'scene'].includes(route.scope.kind) && whose !== 'own' && whose !== 'child') expect(answer.status, where).toBe(404);
        // Without a file of tiles there is none; with one, and with boundaries: test/server/map.test.ts.
        else if (route.path.startsWith('/map/tiles')) expect([answer.status, answer.body.code], where).toEqual([404, 'not_found']);
        else expect([401, 403, 404], where).not.toContain(answer.status);
      }
    }
  });

  it('what a list would not show cannot be changed, and is as good as not there', async () => {
    const changes = (things: Things): [string, string, unknown][] => [
      ['DELETE', `/sessions/${things.session}`, undefined], ['POST', '/sessions/revoke', { username: things.user }], ['POST', `/users/${things.user}/invitation`, {}], ['DELETE', `/users/${things.user}/second-factor`, undefined],
      ['POST', `/ingest-keys/${things.key}/rotate`, {}], ['DELETE', `/ingest-keys/${things.key}/old`, undefined],
      ['PATCH', `/users/${things.user}`, { enabled: false }], ['POST', `/ingest/rejections/${things.rejection}/replay`, {}], ['DELETE', `/ingest-keys/${things.key}`, undefined],
    ];
    const nothing = changes({ user: 'nobody-here', key: 'nothing', rejection: '999999', session: 'nothing' });
    for (const whose of ['sibling', 'parent', 'child', 'own']) {
      for (const [i, [method, path, body]] of changes(thingsOf[whose] ?? { user: '', key: '', rejection: '', session: '' }).entries()) {
        const answer = await centre.call<{ code?: string }>(method, path, { as: 'm-admin', body });
        const foreign = whose === 'sibling' || whose === 'parent';
        expect([whose, method, path, answer.status >= 400]).toEqual([whose, method, path, foreign]);
        if (!foreign) continue;
        const absent = await centre.call<{ code?: string }>(method, nothing[i]?.[1] ?? '', { as: 'm-admin', body });
        expect([whose, path, answer.status, answer.body.code]).toEqual([whose, path, 404, absent.body.code]);
      }
    }
    // One thing of a list is looked at under the same rule.
    const clipOf = (whose: string) => `/clips/clip-${whose.padEnd(12, '0')}`;
    for (const [whose, status] of [['own', 200], ['child', 200], ['sibling', 404], ['parent', 404], ['none', 404]] as const) {
      expect([whose, (await centre.call('GET', clipOf(whose), { as: 'm-admin' })).status]).toEqual([whose, status]);
      const download = await centre.call<{ code: string }>('GET', `${clipOf(whose)}/download`, { as: 'm-admin' });
      expect([whose, download.body.code]).toEqual([whose, status === 200 ? 'clip_not_ready' : 'not_found']);
    }
    // Nothing of it happened.
    const left = await centre.database.query<{ n: number }>("SELECT (SELECT count(*) FROM users WHERE username IN ('u-sibling', 'u-parent') AND enabled) + (SELECT count(*) FROM ingest_keys WHERE name IN ('key-sibling', 'key-parent') AND revoked_at IS NULL) AS n");
    expect(left.rows[0]?.n).toBe(4);
  });

  /** All values under these names, however deep. */
  const valuesOf = (value: unknown, names: ReadonlySet<string>, under = false): string[] => (typeof value === 'string' ? (under ? [value] : [])
    : Array.isArray(value) ? value.flatMap((one) => valuesOf(one, names, under))
      : value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([name, one]) => valuesOf(one, names, names.has(name))) : []);
  it('lists hold nothing from outside the scope', async () => {
    const under = new Set((await centre.call<{ units: { code: string }[] }>('GET', '/units', { as: 'm-admin' })).body.units.map((unit) => unit.code));
    expect(under.has('731') && under.has('25993') && !under.has('75') && !under.has('740')).toBe(true);
    const lists = centre.routes.filter((route) => route.method === 'get' && route.scope.kind === 'filter' && !route.path.includes(':'));
    expect(lists.map((route) => route.path)).toEqual(expect.arrayContaining(['/cameras', '/alerts', '/users', '/ingest-keys', '/ingest/rejections', '/audit']));
    for (const { path } of lists) {
      const { body } = await centre.call('GET', path === '/alerts' ? '/alerts?state=all' : path, { as: 'm-admin' });
      const seen = path.endsWith('.csv') ? String(body).trim().split('\r\n').slice(1).map((line) => line.split(',')[4] ?? '') : valuesOf(body, new Set(['unit', 'units']));
      expect([path, seen.filter((unit) => !under.has(unit))]).toEqual([path, []]);
      // A list that is empty proves nothing.
      if (path !== '/units' && !path.startsWith('/map')) expect([path, seen.length > 0]).toEqual([path, true]);
    }
  });

  it('a page of another site can change nothing', async () => {
    const answer = await centre.call('POST', `/alerts/${alertOf.own}/acknowledge`, { as: 'm-operator', body: {}, headers: { origin: 'https://evil.example' } });
    expect([answer.status, answer.body.code]).toEqual([403, 'foreign_origin']);
  });
});

describe('the document of the API', () => {
  it('has a page for people, of which every part is served; a browser is told its icon, else it asks for one that is not there', async () => {
    const page = await centre.call<string>('GET', '/api/docs', { as: null });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const parts = [...page.body.matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, path]) => path ?? '');
    expect(parts).toEqual(expect.arrayContaining(['/api/docs.css', '/api/v1/openapi.json', '/favicon.svg']));
    // What is not the API's own comes with the pages of the application.
    for (const path of parts) expect([path, path.startsWith('/api/') ? (await centre.call('GET', path, { as: null })).status : existsSync(fromRoot(`client/public${path}`)) ? 200 : 404]).toEqual([path, 200]);
  });
  it('names every route, with a problem document beside it', async () => {
    const document = (await centre.call<{ paths: Record<string, Record<string, unknown>>; components: { schemas: Record<string, unknown> } }>('GET', '/openapi.json', { as: null })).body;
    for (const route of centre.routes) expect(document.paths[`/api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`]?.[route.method], `${route.method} ${route.path}`).toBeDefined();
    for (const [, reference] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas[reference ?? ''], reference).toBeDefined();
  });
});
