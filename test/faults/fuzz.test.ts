/** Seeded disorder against HTTP, sockets and ingest: never a 5xx, always alive, memory and answers bounded. FUZZ_CASES=100000 for the long run. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { CASES, eachCase, type Dice } from '../support/fuzz.ts';

const LONG = 60_000 + CASES * 40;
let centre: TestCentre;
let key: string;
let before: number;
beforeAll(async () => {
  // The allowance is a subject of its own; here what lies behind it is.
  centre = await startTestCentre({ change: (config) => { const free = { perSecond: 1_000_000, atOnce: 10_000_000 }; config.centre.limits = { account: free, source: free }; } });
  key = await centre.keyFor(['dossiers', 'queue', 'surveys', 'feedback', 'indicators'], ['75']);
  await centre.cookieOf('admin');
  before = process.memoryUsage().rss;
});
afterAll(async () => { await centre?.end(); });
async function stillWell(): Promise<void> {
  expect((await centre.call('GET', '/healthz', { as: null })).status).toBe(200);
  expect((await centre.call('GET', '/units')).status).toBe(200);
  expect((await centre.call('GET', '/audit/check')).body.ok).toBe(true);
  global.gc?.();
  // Test and centre share the process: its own heap of cases is in this too.
  expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(700);
}
/** What may answer 503 for want of a media node, which this centre has not. */
const AWAY = ['node_away', 'camera_away', 'camera_tests_busy'];

describe('HTTP', () => {
  it('any route with any path, query, header and body answers with a code, and never with 5xx', async () => {
    // Those that end one's own session, and those that answer slower after each failure.
    const own = new Set(['/session', '/sessions/revoke', '/session/password', '/sessions/:id', '/invitation', '/session/second-factor/enrolment']);
    const routes = centre.routes.filter((route) => !own.has(route.path) && route.access !== 'node');
    await eachCase(CASES, 8, async (dice) => {
      const route = dice.pick(routes);
      const path = route.path.replace(/:\w+/g, () => (dice.below(3) === 0 ? '1' : encodeURIComponent(safe(dice.text())) || 'x'));
      const query = Array.from({ length: dice.below(4) }, () => `${dice.pick(['unit', 'from', 'to', 'by', 'at', 'limit', 'before', 'state', 'of', 'tree', 'camera', '__proto__'])}=${dice.below(3) === 0 ? dice.pick(['75', '2026-01-01', '2026-01-31', 'unit', 'day', '100']) : encodeURIComponent(safe(dice.text()))}`).join('&');
      const body = route.method === 'get' || route.method === 'delete' ? undefined : bodyOf(dice);
      const headers: Record<string, string> = { ...(dice.below(6) === 0 ? { 'content-type': dice.pick(['text/plain', 'application/json; charset=x', 'multipart/form-data', 'application/x-ndjson', '']) } : {}), ...(dice.below(10) === 0 ? { 'content-encoding': dice.pick(['gzip', 'br', 'x']) } : {}), ...(route.access === 'key' ? { authorization: `Bearer ${key}` } : {}) };
      const answer = await centre.call<{ code?: string }>(route.method.toUpperCase(), `${path}${query === '' ? '' : `?${query}`}`, { as: route.access === 'key' || dice.below(8) === 0 ? null : 'admin', body, headers });
      const fine = answer.status < 500 || AWAY.includes(answer.body?.code ?? '');
      if (!fine) return `${route.method} ${path}?${query} ${String(body).slice(0, 200)} → ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
      return answer.status >= 400 && typeof answer.body?.code !== 'string' && answer.status !== 404 && answer.status !== 431 ? `${route.method} ${path}: ${answer.status} without a code` : null;
    });
    await stillWell();
  }, LONG);

  it('a socket asked for where there is none is closed, not kept', async () => {
    const { hostname, port } = new URL(centre.url);
    for (const path of ['/', '/live', '/livex', '/live/', '/live?EIO=4&transport=websocket', '/media/', '/media/x', '/api/v1/session']) {
      const closed = await new Promise<boolean>((resolve) => {
        const socket = connect(Number(port), hostname, () => { socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`); });
        const late = setTimeout(() => { socket.destroy(); resolve(false); }, 3_000);
        socket.on('data', () => undefined).on('error', () => undefined).on('close', () => { clearTimeout(late); resolve(true); });
      });
      expect([path, closed]).toEqual([path, true]);
    }
  });

  it('any bytes on the port are borne', async () => {
    const { hostname, port } = new URL(centre.url);
    await eachCase(Math.ceil(CASES / 10), 8, async (dice) => await new Promise<string | null>((resolve) => {
      const socket = connect(Number(port), hostname);
      const end = (said: string | null) => { socket.destroy(); resolve(said); };
      let answer = '';
      socket.on('data', (data) => { answer += data.toString('latin1'); if (/^HTTP\/1\.1 5\d\d/.test(answer) && !answer.startsWith('HTTP/1.1 503')) end(answer.slice(0, 200)); }).on('error', () => { end(null); }).on('close', () => { end(null); });
      socket.on('connect', () => {
        const line = `${dice.pick(['GET', 'POST', 'OPTIONS', 'TRACE', 'X', ''])} ${dice.pick(['/', '/live', '/media/x/live/y/main?ticket=z', '/api/v1/session', '*', 'http://evil/'])} HTTP/${dice.pick(['1.1', '1.0', '9', ''])}\r\n`;
        const upgrade = dice.below(3) === 0 ? 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n' : '';
        socket.write(line + upgrade + dice.pick(['Host: x\r\n', '']) + dice.pick(['', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n']) + '\r\n');
        socket.write(dice.bytes(400));
        setTimeout(() => { end(null); }, 30);
      });
    }));
    await stillWell();
  }, LONG);
});

describe('ingest', () => {
  it('any file is taken, refused in part or refused, and what was taken can be counted', async () => {
    const good = (n: number) => ({ eventId: `fuzz-${n}`, dossier: `FUZZ-${n}`, status: 'received', at: '2026-01-05T08:00:00+07:00', unit: '26068', procedure: '1.004199' });
    const headers = { authorization: `Bearer ${key}` };
    let sent = 0;
    await eachCase(CASES, 8, async (dice, n) => {
      const kind = dice.pick(['dossiers', 'queue', 'surveys', 'feedback', 'indicators']);
      const events: unknown[] = Array.from({ length: dice.below(4) }, () => (dice.below(2) === 0 ? dice.value() : { ...good(n), ...(dice.value(3) as object | null) }));
      let body: Buffer = Buffer.from(dice.below(3) === 0 ? events.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(events));
      if (dice.below(4) === 0) { body = Buffer.from(body); for (let i = 0; i < 3 && body.length > 0; i += 1) body[dice.below(body.length)] = dice.below(256); }
      if (dice.below(10) === 0) body = dice.bytes(600);
      if (dice.below(20) === 0) body = Buffer.from('['.repeat(20_000));
      const zipped = dice.below(6) === 0;
      const answer = await centre.call<{ code?: string; accepted?: number }>('POST', `/ingest/${kind}`, { as: null, body: zipped ? gzipSync(body) : body, headers: { ...headers, 'content-type': dice.pick(['application/json', 'application/x-ndjson']), ...(zipped || dice.below(30) === 0 ? { 'content-encoding': 'gzip' } : {}) } });
      sent += answer.body.accepted ?? 0;
      return answer.status >= 500 ? `${kind} ${body.toString('latin1').slice(0, 300)} → ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}` : null;
    });
    const kept = (await centre.database.query<{ n: number }>('SELECT (SELECT count(*) FROM dossier_events) + (SELECT count(*) FROM queue_events) + (SELECT count(*) FROM surveys) + (SELECT count(*) FROM feedback_events) AS n')).rows[0]?.n ?? 0;
    expect(kept).toBeLessThanOrEqual(sent);
    await stillWell();
  }, LONG);
});

describe('sockets', () => {
  it('any message is answered or refused; others go on', async () => {
    const cookie = await centre.cookieOf('admin');
    const open = async () => { const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie }, forceNew: true, reconnection: false }); await new Promise<void>((resolve, reject) => { socket.on('connect', resolve).on('connect_error', reject); }); return socket; };
    const quiet = await open();
    quiet.emit('watch', { units: ['75'], topics: ['kpis'] });
    let codes = 0;
    await eachCase(Math.ceil(CASES / 20), 4, async (dice) => {
      const socket: Socket = await open();
      let internal: string | null = null;
      socket.on('problem', (body: { code?: string }) => { codes += 1; if (body.code === 'internal') internal = JSON.stringify(body); });
      for (let i = 0; i < 15; i += 1) {
        const name = dice.pick(['watch', 'resume', 'snapshot', 'patch', 'x', '__proto__', 'constructor']);
        const message = dice.below(3) === 0 ? { units: dice.value(), topics: dice.value(), seq: dice.value() } : dice.value();
        if (dice.below(2) === 0) socket.emit(name, message); else socket.emit(name, message, () => undefined);
      }
      await new Promise((resolve) => { setTimeout(resolve, 40); });
      socket.disconnect();
      return internal;
    });
    expect(codes).toBeGreaterThan(0);
    const patched = new Promise<void>((resolve) => { quiet.once('patch', () => { resolve(); }); });
    await patched;
    quiet.disconnect();
    await stillWell();
  }, LONG);
});

/** A lone half of a pair has no address form. */
const safe = (text: string) => text.replace(/[\ud800-\udfff]/g, '').slice(0, 1_500);
function bodyOf(dice: Dice): string | Uint8Array {
  const kind = dice.below(10);
  if (kind === 0) return dice.bytes(300);
  if (kind === 1) return '['.repeat(5_000);
  if (kind === 2) return '{"a":'.repeat(3_000);
  return JSON.stringify(dice.value()) ?? '';
}
