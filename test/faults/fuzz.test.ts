/**
 * Seeded disorder against HTTP, sockets, ingest and files: 100,000 cases, never a 5xx, always alive, memory and answers
 * bounded. Requests are made from the table of routes: what a client would send, with one thing changed; or nothing of the kind.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '#server/http/route.ts';
import { clockOf, instantOf } from '#server/ingest/importer/instant.ts';
import { mappingFile, rowReader, SCHEMAS } from '#server/ingest/importer/mapping.ts';
import { openSource } from '#server/ingest/importer/source.ts';
import { ImportProblem } from '#server/ingest/importer/texts.ts';
import { startTestCentre, unlimited, type TestCentre } from '../support/centre.ts';
import { CASES, casesOf, eachCase, SEED, type Dice } from '../support/fuzz.ts';
import { mutated, sampleOf } from '../support/sample.ts';
import { workbook } from '../support/workbook.ts';

console.info(`fuzz: ${CASES} cases, seed ${SEED}`);
const LONG = 120_000 + CASES * 10;
let centre: TestCentre;
let key: string;
let cookie: string;
let before: number;
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
beforeAll(async () => {
  // The allowance is a subject of its own; here what lies behind it is.
  centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: unlimited });
  key = await centre.keyFor(['dossiers', 'queue', 'surveys', 'feedback', 'indicators'], ['75']);
  await centre.createUser('fuzzer', ['admin', 'operator', 'inspector', 'leader'], '75');
  cookie = await centre.cookieOf('fuzzer');
  await centre.call('POST', '/cameras', { body: { id: 'fuzz-1', unit: '26068', name: 'x', position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
  before = process.memoryUsage().rss;
});
afterAll(async () => { agent.destroy(); await centre?.end(); });

interface Said { status: number; body: { code?: string; accepted?: number } | null; text: string }
/** Over connections that are kept. */
async function ask(method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array): Promise<Said> {
  return await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(centre.url);
    const asked = httpRequest({ agent, hostname, port, method, path, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject).on('end', () => {
        const text = Buffer.concat(parts).toString();
        let parsed: Said['body'] = null;
        if (text.startsWith('{')) try { parsed = JSON.parse(text) as Said['body']; } catch { /* not JSON */ }
        resolve({ status: answer.statusCode ?? 0, body: parsed, text });
      });
    });
    // An answer that comes before the whole body, and the end of the connection with it: told by the answer, if there was one.
    asked.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE' || error.code === 'ECONNRESET') resolve({ status: 0, body: null, text: String(error) }); else reject(error); });
    asked.setTimeout(30_000, () => { asked.destroy(new Error('no answer within 30 s')); });
    asked.end(body);
  });
}
async function stillWell(): Promise<void> {
  expect((await centre.call('GET', '/healthz', { as: null })).status).toBe(200);
  expect((await centre.call('GET', '/units')).status).toBe(200);
  expect((await centre.call('GET', '/audit/check')).body.ok).toBe(true);
  global.gc?.();
  // Test and centre share the process: its own heap of cases is in this too.
  expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(900);
}
const MESSAGES = 15;
const CLOCK = clockOf({ offset: '+07:00', dateOrder: 'dmy', serialDates: true });
/** What may answer 503 for want of a media node, which this centre has not. */
const AWAY = ['node_away', 'camera_away', 'camera_tests_busy'];

describe('HTTP', () => {
  it('any route with any path, query, header and body answers with a code, and never with 5xx', async () => {
    // Those that end one's own session, and those that answer slower after each failure.
    const own = new Set(['/session', '/sessions/revoke', '/session/password', '/sessions/:id', '/invitation', '/session/second-factor/enrolment', '/users/:username']);
    const routes = centre.routes.filter((route) => !own.has(route.path) && route.access !== 'node');
    // Each of these begins a process, hashes a password, or makes a file.
    const dear = new Set(['post /imports/preview', 'post /users', 'post /break-glass/:id/open', 'post /clips', 'get /viewings.csv']);
    const statuses = new Map<number, number>();
    await eachCase('http', casesOf('http'), 12, async (dice) => {
      let route = dice.pick(routes);
      if (dear.has(`${route.method} ${route.path}`) && dice.below(10) > 0) route = dice.pick(routes);
      const path = route.path.replace(/:(\w+)/g, (_, name: string) => (dice.below(2) === 0 ? dice.pick(['fuzz-1', '1', '75', '26068', 'received', 'toan-canh', name]) : encodeURIComponent(safe(dice.text())) || 'x'));
      const query = queryOf(route, dice);
      const body = route.method === 'get' || route.method === 'delete' ? undefined : bodyOf(route, dice);
      const headers: Record<string, string> = {
        'content-type': dice.below(12) === 0 ? dice.pick(['text/plain', 'application/json; charset=x', 'multipart/form-data', 'application/x-ndjson', '']) : 'application/json',
        ...(dice.below(20) === 0 ? { 'content-encoding': dice.pick(['gzip', 'br', 'x']) } : {}), ...(route.access === 'key' ? { authorization: `Bearer ${key}` } : dice.below(10) === 0 ? {} : { cookie }),
      };
      const answer = await ask(route.method.toUpperCase(), `/api/v1${path}${query === '' ? '' : `?${query}`}`, headers, body);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fine = answer.status < 500 || AWAY.includes(answer.body?.code ?? '');
      if (!fine) return `${route.method} ${path}?${query} ${String(body).slice(0, 300)} → ${answer.status} ${answer.text.slice(0, 300)}`;
      return answer.status >= 400 && typeof answer.body?.code !== 'string' && answer.status !== 404 && answer.status !== 431 ? `${route.method} ${path}: ${answer.status} without a code` : null;
    });
    // It is no fuzz of the door alone: many came all the way through, and few stayed outside for want of a session.
    const all = [...statuses.values()].reduce((sum, n) => sum + n, 0);
    const share = (from: number, to: number) => [...statuses].reduce((sum, [status, n]) => sum + (status >= from && status < to ? n : 0), 0) / all;
    console.info(`fuzz: ${[...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}×${n}`).join(' ')}`);
    if (all > 1_000) expect([share(200, 400) > 0.1, share(401, 402) < 0.25, share(0, 1) < 0.02]).toEqual([true, true, true]);
    expect((await centre.call('GET', '/session', { as: 'fuzzer' })).status).toBe(200);
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
    await eachCase('bytes', casesOf('bytes'), 24, async (dice) => await new Promise<string | null>((resolve) => {
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
    const kept = async () => (await centre.database.query<{ n: number }>('SELECT (SELECT count(*) FROM dossier_events) + (SELECT count(*) FROM queue_events) + (SELECT count(*) FROM surveys) + (SELECT count(*) FROM feedback_events) AS n')).rows[0]?.n ?? 0;
    const already = await kept();
    let sent = 0;
    await eachCase('ingest', casesOf('ingest'), 12, async (dice, n) => {
      const kind = dice.pick(['dossiers', 'queue', 'surveys', 'feedback', 'indicators']);
      const events: unknown[] = Array.from({ length: dice.below(4) }, () => (dice.below(2) === 0 ? dice.value() : { ...good(n), ...(dice.value(3) as object | null) }));
      let body: Buffer = Buffer.from(dice.below(3) === 0 ? events.map((one) => JSON.stringify(one)).join('\n') : JSON.stringify(events));
      if (dice.below(4) === 0) { body = Buffer.from(body); for (let i = 0; i < 3 && body.length > 0; i += 1) body[dice.below(body.length)] = dice.below(256); }
      if (dice.below(10) === 0) body = dice.bytes(600);
      if (dice.below(60) === 0) body = Buffer.from('['.repeat(20_000));
      const zipped = dice.below(6) === 0;
      const answer = await ask('POST', `/api/v1/ingest/${kind}`, { ...headers, 'content-type': dice.pick(['application/json', 'application/x-ndjson']), ...(zipped || dice.below(30) === 0 ? { 'content-encoding': 'gzip' } : {}) }, zipped ? gzipSync(body) : body);
      sent += answer.body?.accepted ?? 0;
      return answer.status >= 500 ? `${kind} ${body.toString('latin1').slice(0, 300)} → ${answer.status} ${answer.text.slice(0, 200)}` : null;
    });
    expect([await kept() - already <= sent, sent > 0 || CASES < 1_000 || process.env.FUZZ_ONLY !== undefined]).toEqual([true, true]);
    await stillWell();
  }, LONG);
});

describe('sockets', () => {
  it('any message is answered or refused; others go on', async () => {
    const open = async () => { const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie }, forceNew: true, reconnection: false }); await new Promise<void>((resolve, reject) => { socket.on('connect', resolve).on('connect_error', reject); }); return socket; };
    const quiet = await open();
    quiet.emit('watch', { units: ['75'], topics: ['kpis'] });
    let codes = 0;
    await eachCase('sockets', Math.ceil(casesOf('sockets') / MESSAGES), 8, async (dice) => {
      const socket: Socket = await open();
      let internal: string | null = null;
      socket.on('problem', (body: { code?: string }) => { codes += 1; if (body.code === 'internal') internal = JSON.stringify(body); });
      for (let i = 0; i < MESSAGES; i += 1) {
        const name = dice.pick(['watch', 'resume', 'snapshot', 'patch', 'x', '__proto__', 'constructor']);
        const message = dice.below(3) === 0 ? { units: dice.value(), topics: dice.value(), seq: dice.value() } : dice.value();
        if (dice.below(2) === 0) socket.emit(name, message); else socket.emit(name, message, () => undefined);
      }
      // What was sent before this is answered before it, or the connection was ended for it.
      await new Promise<void>((resolve) => { socket.on('disconnect', () => { resolve(); }); socket.emit('watch', { units: ['75'], topics: ['alerts'] }, () => { resolve(); }); });
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

describe('files', () => {
  it('any export is read, or refused with a problem that names it; what is read can be made into events', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'toan-canh-fuzz-'));
    const mapping = mappingFile.parse({ events: [{ fields: { eventId: '{mã}', dossier: '{mã}', at: '{ngày}', status: 'received', unit: '{đơn vị}' } }] });
    const whole = workbook({ Sheet1: [['mã', 'ngày', 'đơn vị'], ['1', '05/01/2026', '26068'], ['2', '06/01/2026', '26068']] });
    let rows = 0;
    let refused = 0;
    try {
      await eachCase('files', casesOf('files'), 4, async (dice, n) => {
        // A workbook costs more than a table, and has less to go wrong before its zip is broken.
        const isBook = n % 40 === 0;
        const bytes = broken(isBook ? whole : Buffer.from(tableOf(dice), dice.below(12) === 0 ? 'utf16le' : 'utf8'), dice);
        const path = join(folder, `${n % 64}.${isBook ? 'xlsx' : 'csv'}`);
        writeFileSync(path, bytes);
        try {
          const source = await openSource(path, { ...mapping, encoding: dice.pick(['utf-8', 'utf-8', 'windows-1258', 'utf-16le']), headerRow: dice.pick([1, 1, 1, 2, 9]) });
          const read = rowReader(mapping, 'dossiers', ',');
          for await (const row of source.rows) {
            rows += 1;
            read(row.cells);
            for (const cell of Object.values(row.cells)) instantOf(cell, CLOCK, '08:00');
          }
        } catch (error) {
          if (!(error instanceof ImportProblem)) return `${bytes.subarray(0, 200).toString('latin1')} → ${error instanceof Error ? error.stack?.slice(0, 400) ?? '' : String(error)}`;
          refused += 1;
        }
        return null;
      });
      console.info(`fuzz: ${rows} rows of files, ${refused} files refused`);
      if (CASES >= 1_000 && process.env.FUZZ_ONLY === undefined) expect([rows > casesOf('files') / 3, refused > casesOf('files') / 10]).toEqual([true, true]);
    } finally { rmSync(folder, { recursive: true, force: true }); }
    await stillWell();
  }, LONG);
});

describe('rows', () => {
  it('any cells under any mapping become events or refusals that name their column, and any such event is taken or refused by its schema', async () => {
    const kinds = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];
    let events = 0;
    let refused = 0;
    await eachCase('rows', casesOf('rows'), 1, async (dice) => {
      const kind = dice.pick(kinds);
      const cell = () => (dice.below(3) === 0 ? dice.text() : dice.pick(['H19-1', '05/01/2026', '26068', '05/01/2026 08:30', '46027', '1.505', '97,25', 'có', '']));
      const cells = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, cell()]));
      const fields: Record<string, unknown> = { eventId: dice.pick(['{a}', '{a}-{b}', 'x']), at: '{b}', unit: dice.pick(['{c}', '26068']), dossier: '{d}', ticket: '{d}', case: '{d}', rating: '{c}', status: dice.pick(['received', '{a}']) };
      const keys = Object.keys(sampleOf(SCHEMAS[kind], dice) as object).filter((name) => Object.hasOwn(fields, name));
      const mapping = mappingFile.safeParse({ dateOrder: dice.pick(['dmy', 'mdy']), events: [{ fields: Object.fromEntries(keys.map((name) => [name, fields[name]])) }] });
      if (!mapping.success) return null;
      const read = rowReader(mapping.data, kind, dice.pick([',', '.']))(cells);
      refused += read.refusals.length;
      for (const one of read.events) { events += 1; SCHEMAS[kind].safeParse(one.fields); }
      for (const text of Object.values(cells)) { const at = instantOf(text, CLOCK, '08:00'); if (at !== null && Number.isNaN(Date.parse(at))) return `${JSON.stringify(text)} → ${at}`; }
      return await Promise.resolve(null);
    });
    console.info(`fuzz: ${events} events of rows, ${refused} refusals`);
    if (CASES >= 1_000 && process.env.FUZZ_ONLY === undefined) expect([events > 100, refused > 100]).toEqual([true, true]);
  }, LONG);
});

/** A lone half of a pair has no address form. */
const safe = (text: string) => text.replace(/[\ud800-\udfff]/g, '').slice(0, 1_500);
function bodyOf(route: Route, dice: Dice): string | Uint8Array {
  const kind = dice.below(30);
  if (kind === 0) return dice.bytes(300);
  if (kind === 1) return '['.repeat(5_000);
  if (kind === 2) return '{"a":'.repeat(3_000);
  if (kind < 6) return JSON.stringify(dice.value()) ?? '';
  return JSON.stringify(route.body === undefined ? dice.value() : mutated(sampleOf(route.body, dice), dice)) ?? '';
}
function queryOf(route: Route, dice: Dice): string {
  const fields = route.query === undefined ? {} : sampleOf(route.query, dice) as Record<string, unknown>;
  const given = Object.entries(fields).map(([name, value]): [string, string] => [name, dice.below(6) === 0 ? safe(dice.text()) : String(value)]);
  if (dice.below(6) === 0) given.push([dice.pick(['unit', 'from', 'limit', '__proto__', 'constructor', '']), safe(dice.text())]);
  return given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
function tableOf(dice: Dice): string {
  const [separator, end] = [dice.pick([',', ';', '\t', '|']), dice.pick(['\n', '\r\n'])];
  const cell = () => { const text = dice.below(3) > 0 ? dice.pick(['H19-1', '05/01/2026', '26068', '05/01/2026 08:30', '46027', 'Hồ sơ; đất', '']) : safe(dice.text()).slice(0, 200); return dice.below(4) === 0 ? `"${text.replaceAll('"', '""')}"` : text; };
  return [['mã', 'ngày', 'đơn vị'].join(separator), ...Array.from({ length: dice.below(6) }, () => Array.from({ length: dice.below(8) === 0 ? dice.below(6) : 3 }, cell).join(separator))].join(end);
}
function broken(whole: Buffer, dice: Dice): Buffer {
  const kind = dice.below(6);
  if (kind < 3) return whole;
  const bytes = Buffer.from(whole);
  if (kind === 3) return bytes.subarray(0, dice.below(bytes.length + 1));
  if (kind === 4) return dice.bytes(300);
  for (let i = 1 + dice.below(4); i > 0 && bytes.length > 0; i -= 1) bytes[dice.below(bytes.length)] = dice.below(256);
  return bytes;
}
