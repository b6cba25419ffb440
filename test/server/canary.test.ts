/**
 * One password of a camera, with strange characters, used for everything a password is used for; then looked for everywhere:
 * answers, errors, log, processes, database, files, journals, bundles. It is found nowhere, in no spelling.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import yauzl from 'yauzl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSeal } from '#server/access/seal.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { startClipCameras, type ClipCameras } from '../support/clipCameras.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip } from '../support/rtspCamera.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: the canary needs a camera that plays, and that needs ffmpeg on the PATH');

const CORE = 'kanarienvogel';
const CANARY = `Zq9@:/#%?&"'\\ ${CORE} Đường`;
/** As it stands, and packed: a percent or JSON spelling keeps these letters, base64 has one of three positions. */
const NEEDLES = [CORE, Buffer.from(CORE).toString('hex'), ...[0, 1, 2].map((shift) => Buffer.from(`${'x'.repeat(shift)}${CORE}`).toString('base64').slice(shift === 0 ? 0 : shift + 1, 16))].map((text) => Buffer.from(text));
const found = (bytes: Buffer | string): boolean => { const all = Buffer.from(bytes); return NEEDLES.some((needle) => all.includes(needle)); };

it('would be found in any of its spellings', () => {
  for (const text of [CANARY, encodeURIComponent(CANARY), JSON.stringify(CANARY), Buffer.from(CANARY).toString('hex'), Buffer.from(CANARY).toString('base64'), Buffer.from(`admin:${CANARY}`).toString('base64'), Buffer.from(`camera:${CANARY}`).toString('base64')]) expect([text, found(text)]).toEqual([text, true]);
  expect(found('rtsp://127.0.0.1/cam')).toBe(false);
});

describe.skipIf(!hasFfmpeg)('the password of a camera', () => {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-canary-'));
  const log = join(folder, 'centre.log');
  let centre: TestCentre;
  let cameras: ClipCameras;
  let node: RunningNode;
  beforeAll(async () => {
    makeClip(join(folder, 'clip.h264'));
    cameras = await startClipCameras(join(folder, 'clip.h264'), 0, { basic: `admin:${CANARY}` });
    centre = await startTestCentre({ logTo: log, environment: { CAMERA_NETWORKS: '127.0.0.0/8', LOG_LEVEL: 'trace' } });
    const sealed = await centre.database.query<{ secret_sealed: Buffer }>("SELECT secret_sealed FROM media_nodes WHERE id = 'local'");
    node = startMediaNode({ centreUrl: centre.url, secret: (await openSeal(centre.dataDir)).open(sealed.rows[0]?.secret_sealed ?? Buffer.alloc(0)), dataDir: centre.dataDir, logLevel: 'trace' });
  });
  afterAll(async () => { await node?.stop(); await centre?.end(); await cameras?.stop(); rmSync(folder, { recursive: true, force: true }); });

  async function until(what: string, ms: number, ask: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + ms; !(await ask());) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 300); }); }
  }
  const camera = () => ({ unit: '26068', counter: '3', name: 'Quầy 3', position: 'counter', url: cameras.url('a'), username: 'admin', password: CANARY });
  const wrong: string[] = [];
  const look = (where: string, bytes: Buffer | string) => { if (found(bytes)) wrong.push(where); };
  /** A file is read in pieces that overlap. */
  async function lookAtFile(path: string): Promise<void> {
    let tail = Buffer.alloc(0);
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) { const both = Buffer.concat([tail, piece]); if (found(both)) { wrong.push(path); return; } tail = both.subarray(-64); }
  }
  function lookAtProcesses(): number {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) try { parents.set(Number(name), Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1])); } catch { /* it has just ended */ }
    const isOurs = (pid: number): boolean => { const parent = parents.get(pid); return parent === process.pid || (parent !== undefined && parent > 1 && isOurs(parent)); };
    const ours = [...parents.keys()].filter(isOurs);
    for (const pid of ours) for (const file of ['cmdline', 'environ']) try { look(`/proc/${pid}/${file}`, readFileSync(`/proc/${pid}/${file}`)); } catch { /* as above */ }
    return ours.length;
  }

  it('is found nowhere after the camera was saved, tried, refused, changed, recorded, watched and cut', async () => {
    const made = await centre.call('POST', '/cameras', { body: { id: 'desk-1', ...camera() } });
    expect(made.status).toBe(201);
    look('POST /cameras', JSON.stringify(made.body));
    // Errors of every kind that a body with a password can run into.
    for (const [method, path, body] of [
      ['POST', '/cameras', { id: 'desk-1', ...camera() }], ['POST', '/cameras', { ...camera(), position: 'x' }], ['POST', '/cameras', { ...camera(), url: `rtsp://admin:${encodeURIComponent(CANARY)}@127.0.0.1/x` }], ['POST', '/cameras', { ...camera(), url: 'rtsp://8.8.8.8/x' }],
      ['POST', '/cameras', { ...camera(), password: CANARY.repeat(200) }], ['POST', '/cameras', `{"password": "${CANARY}`], ['PATCH', '/cameras/desk-1', { password: CANARY, username: 7 }], ['PATCH', '/cameras/nothing', { password: CANARY }], ['POST', '/cameras/test', camera()], ['POST', '/cameras/test', { ...camera(), password: `${CANARY}x` }],
    ] as const) look(`${method} ${path}`, JSON.stringify((await centre.call(method, path, { body })).body));
    await until('recorded', 60_000, async () => (await centre.call<{ state: string; recording: boolean }>('GET', '/cameras/desk-1')).body.recording);
    const from = Date.now();
    await centre.call('POST', '/recordings/purpose', { body: { purpose: 'the canary', decision: null } });
    const ticket = await centre.call<{ url: string }>('POST', '/cameras/desk-1/live-ticket', { body: { quality: 'main', transport: 'http' } });
    look('ticket', JSON.stringify(ticket.body));
    const picture = await fetch(`${centre.url}${ticket.body.url}`, { headers: { cookie: await centre.cookieOf('admin') } });
    look('live picture', Buffer.from((await picture.body?.getReader().read())?.value ?? []));
    expect(picture.status).toBe(200);
    // The relay, the node, ffmpeg and the database are running now.
    expect(lookAtProcesses()).toBeGreaterThan(4);
    await picture.body?.cancel().catch(() => undefined);

    await until('eight seconds of it', 60_000, async () => { const { spans } = (await centre.call<{ spans?: { from: string; to: string }[] }>('GET', `/cameras/desk-1/recordings?from=${new Date(from - 60_000).toISOString()}&to=${new Date().toISOString()}`)).body; return (spans ?? []).some((span) => Date.parse(span.to) - from > 8_000); });
    const clip = await centre.call<{ id: string }>('POST', '/clips', { body: { cameras: ['desk-1'], from: new Date(from + 1_000).toISOString(), to: new Date(from + 7_000).toISOString(), purpose: 'the canary' } });
    expect(clip.status).toBe(202);
    await until('the clip', 90_000, async () => (await centre.call<{ state: string }>('GET', `/clips/${clip.body.id}`)).body.state === 'done');
    const bundle = join(folder, 'bundle.zip');
    const download = await fetch(`${centre.url}/api/v1/clips/${clip.body.id}/download`, { headers: { cookie: await centre.cookieOf('admin') } });
    writeFileSync(bundle, Buffer.from(await download.arrayBuffer()));
    let entries = 0;
    const zip = await yauzl.openPromise(bundle);
    for await (const entry of zip.eachEntry()) { entries += 1; const pieces: Buffer[] = []; for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer); look(`bundle ${entry.fileName}`, Buffer.concat(pieces)); }
    expect(entries).toBeGreaterThan(2);

    // Every route that can be read, from the table of routes; those with events that never end are left after their first bytes.
    let read = 0;
    for (const route of centre.routes.filter((one) => one.method === 'get')) {
      const path = route.path.replace('/clips/:id', `/clips/${clip.body.id}`).replace(/:\w+/g, 'desk-1');
      const query = route.path.includes('/cameras/') || route.path.includes('recording') ? `from=${new Date(from).toISOString()}&to=${new Date(from + 7_000).toISOString()}&at=${new Date(from + 3_000).toISOString()}` : 'unit=75&from=2026-01-01&to=2026-01-31';
      const answer = await centre.call(route.method.toUpperCase(), `${path}?${query}`);
      look(`GET ${route.path}`, JSON.stringify(answer.body));
      look(`GET ${route.path} headers`, JSON.stringify([...answer.headers]));
      read += 1;
    }
    expect(read).toBeGreaterThan(40);
    for (const path of ['/api/v1/openapi.json', '/readyz']) look(path, JSON.stringify((await centre.call('GET', path)).body));
    look('/metrics', await (await fetch(`${centre.url}/metrics`)).text());

    const tables = (await centre.database.query<{ name: string }>("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")).rows;
    let rows = 0;
    for (const { name } of tables) for (const row of (await centre.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`)).rows) { rows += 1; look(`table ${name}`, row.text); }
    expect([tables.length > 30, rows > 200]).toEqual([true, true]);
    expect((await centre.database.query("SELECT 1 FROM cameras WHERE id = 'desk-1' AND password_sealed IS NOT NULL")).rowCount).toBe(1);
    if (spawnSync('pg_dump', ['--version']).status === 0) try { look('pg_dump', execFileSync('pg_dump', [centre.databaseUrl], { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })); } catch { console.warn('pg_dump is another version than the server: the tables were read by SQL alone'); }

    const files = readdirSync(centre.dataDir, { recursive: true, encoding: 'utf8' }).map((name) => join(centre.dataDir, name));
    let journals = 0;
    for (const path of [...files, log]) { try { if (!statSync(path).isFile()) continue; await lookAtFile(path); if (/journal/.test(path)) journals += 1; } catch { /* a file of the database or a segment that has just gone */ } }
    expect(journals).toBeGreaterThan(0);
    look('log of the node', node.log().join('\n'));
    expect([statSync(log).size > 1_000, node.log().length > 3]).toEqual([true, true]);
    expect([...new Set(wrong)]).toEqual([]);
  }, 240_000);
});
