/** Privacy masks on a real stream: each way that a picture leaves the server, fetched without the right, measured inside the mask. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import WebSocket from 'ws';
import yauzl from 'yauzl';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraRow, MasksHistory } from '#contract/camera.ts';
import type { CameraTest } from '#contract/cameraTest.ts';
import type { Clip, ClipManifest } from '#contract/recording.ts';
import type { ShiftAnswer } from '#contract/shift.ts';
import type { ViewingRow } from '#contract/viewing.ts';
import { appendAudit } from '#server/audit/append.ts';
import { verifyBundle } from '#server/clips/verifyBundle.ts';
import { coverOf } from '../../streams/picture/mask.ts';
import { joinPlaylists } from '#server/recordings/joinPlaylists.ts';
import { writeMaskedPlaylist } from '../../streams/playback/playlist.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { startClipCameras, type ClipCameras } from '../support/clipCameras.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: masks need ffmpeg on the PATH');

describe('boxes over a shape', () => {
  it('leave no point of it open', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(fc.array(fc.tuple(share, share), { minLength: 3, maxLength: 12 }), share, share, (shape, x, y) => {
      // Even-odd rule.
      let inside = false;
      for (const [i, [ax, ay]] of shape.entries()) { const [bx, by] = shape.at(i - 1) ?? [0, 0]; if (ay > y !== by > y && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside; }
      const rounding = 1e-9;
      return !inside || coverOf(shape).some((box) => x >= box.left - rounding && x <= box.right + rounding && y >= box.top - rounding && y <= box.bottom + rounding);
    }), { numRuns: 2000 });
  });
  it('are one where it is a rectangle', () => { expect(coverOf([[0.1, 0.2], [0.4, 0.2], [0.4, 0.7], [0.1, 0.7]])).toEqual([{ left: 0.1, right: 0.4, top: 0.2, bottom: 0.7 }]); });
});

describe('the playlist of masked pieces', () => {
  it('says of each file when it begins, and lists each piece once, also over two nodes', () => {
    const fragments = Array.from({ length: 30 }, (_, i) => ({ offset: 1000 + i, length: 1, startSeconds: i * 2, seconds: 2, leapt: false }));
    const index = { headLength: 1000, codec: 'h264', config: 'x', fragments, seconds: 60, wholeBytes: 2000 };
    const at = Date.UTC(2026, 0, 5, 1);
    const files = [0, 1, 2].map((minute) => ({ file: `20260105T010${minute}00Z-a1b2c3.mp4`, fromMs: at + minute * 60_000, index }));
    const text = writeMaskedPlaylist(files, at + 30_000, at + 150_000) ?? '';
    const joined = joinPlaylists([{ node: 'local', text }], 'local') ?? '';
    const lines = joined.split('\n');
    expect(lines.filter((line) => line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')).map((line) => line.slice(25))).toEqual(['2026-01-05T01:00:28.000Z', '2026-01-05T01:01:00.000Z', '2026-01-05T01:02:00.000Z']);
    expect([lines.filter((line) => line === '#EXT-X-DISCONTINUITY').length, lines.filter((line) => line === '').length]).toEqual([2, 1]);
    const pieces = lines.filter((line) => line.startsWith('segments/'));
    expect([pieces.length, new Set(pieces).size, pieces[0]]).toEqual([31, 31, 'segments/20260105T010000Z-a1b2c3.mp4?first=14&count=2']);
    expect((joinPlaylists([{ node: 'other', text }], 'local', true) ?? '').split('\n').find((line) => line.startsWith('segments/'))).toBe('segments/20260105T010000Z-a1b2c3.mp4?first=14&count=2&node=other&unmasked=yes');
  });
});

describe.skipIf(!hasFfmpeg)('a camera with masks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'masks-'));
  let centre: TestCentre;
  let cameras: ClipCameras;
  let node = '';
  const RECTANGLE: [number, number][] = [[0.1, 0.2], [0.4, 0.2], [0.4, 0.7], [0.1, 0.7]];
  const TRIANGLE: [number, number][] = [[0.7, 0.9], [0.95, 0.9], [0.95, 0.4]];
  /** Shares of the picture that lie well inside the shapes, and one that lies beside them. */
  const INSIDE = ['0.14:0.26:0.22:0.38', '0.86:0.72:0.08:0.16'];
  const BESIDE = '0.45:0.20:0.20:0.40';
  const COVERED = 40;
  const BRIGHT = 120;

  /** Grey of each frame within a part of the picture; the lightest or the darkest of all frames and parts. */
  async function greys(bytes: Buffer, parts: string[], format: string[]): Promise<number[]> {
    const split = parts.map((part, i) => { const [x, y, w, h] = part.split(':'); return `[s${i}]crop=iw*${w}:ih*${h}:iw*${x}:ih*${y},scale=1:1:flags=area,format=gray[p${i}]`; });
    const graph = `[0:v]split=${parts.length}${parts.map((_, i) => `[s${i}]`).join('')};${split.join(';')};${parts.map((_, i) => `[p${i}]`).join('')}hstack=inputs=${parts.length}`;
    return await new Promise((resolve) => {
      const child = execFile('ffmpeg', ['-loglevel', 'quiet', ...format, '-i', 'pipe:0', '-filter_complex', graph, '-vsync', '0', '-f', 'rawvideo', 'pipe:1'], { encoding: 'buffer', maxBuffer: 1 << 26 }, (_error, raw) => { resolve([...raw]); });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(bytes);
    });
  }
  /** Frame by frame: the two inside and the one beside. */
  async function judge(bytes: Buffer, what: string, isMasked: boolean, format: string[]): Promise<void> {
    const all = await greys(bytes, [...INSIDE, BESIDE], format);
    const [inside, beside] = [all.filter((_, i) => i % 3 < 2), all.filter((_, i) => i % 3 === 2)];
    expect([what, all.length > 0, Math.min(...beside) > BRIGHT, isMasked ? Math.max(...inside) < COVERED : Math.min(...inside) > BRIGHT]).toEqual([what, true, true, true]);
  }
  const expectMasked = (bytes: Buffer, what: string, format: string[] = []) => judge(bytes, what, true, format);
  const expectWhole = (bytes: Buffer, what: string, format: string[] = []) => judge(bytes, what, false, format);

  async function until<T>(what: string, ms: number, ask: () => Promise<T | null | undefined | false>): Promise<T> {
    for (const end = performance.now() + ms; ;) {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
  }
  let [shift, early] = ['', ''];
  /** Takes the newest picture into the shift log; null while there is none. */
  const snapshot = async (): Promise<string | null> => {
    const { status, body } = await centre.call<{ id: string }>('POST', `/shifts/${shift}/snapshots`, { as: 'operator', body: { camera: 'quay-1', purpose: 'kiểm tra che hình' } });
    const { lines } = (await centre.call<ShiftAnswer>('GET', `/shifts/${shift}`, { as: 'operator' })).body;
    return status === 201 ? lines.find((line) => line.id === body.id)?.snapshot?.id ?? null : null;
  };
  const row = async (id = 'quay-1') => (await centre.call<CameraRow>('GET', `/cameras/${id}`)).body;
  const ticket = (as: string, body: object = {}, id = 'quay-1') => centre.call<{ url: string; code?: string }>('POST', `/cameras/${id}/live-ticket`, { as, body });
  const get = async (as: string, path: string): Promise<{ status: number; bytes: Buffer; code: string | undefined }> => {
    const answer = await fetch(path.startsWith('/media/') ? `${centre.url}${path}` : `${centre.url}/api/v1${path}`, { headers: { cookie: await centre.cookieOf(as) } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, bytes, code: answer.headers.get('content-type')?.includes('json') ? (JSON.parse(bytes.toString()) as { code?: string }).code : undefined };
  };
  /** Some seconds of a live picture. */
  async function watchHttp(as: string, body: object = {}): Promise<Buffer> {
    const { url } = (await until('a ticket', 15_000, async () => { const answer = await ticket(as, { ...body, transport: 'http' }); return answer.status === 201 && answer; })).body;
    const answer = await fetch(`${centre.url}${url}`, { headers: { cookie: await centre.cookieOf(as) } });
    const pieces: Buffer[] = [];
    const end = performance.now() + 12_000;
    let size = 0;
    for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) { pieces.push(Buffer.from(piece)); size += piece.length; if (size > 120_000 || performance.now() > end) break; }
    return Buffer.concat(pieces);
  }
  async function watchSocket(as: string, body: object = {}): Promise<{ bytes: () => Buffer; closed: () => number | null; end: () => void }> {
    const { url } = (await until('a ticket', 15_000, async () => { const answer = await ticket(as, body); return answer.status === 201 && answer; })).body;
    const socket = new WebSocket(`${centre.url.replace('http', 'ws')}${url}`, { headers: { cookie: await centre.cookieOf(as), origin: centre.url } });
    const pieces: Buffer[] = [];
    let closed: number | null = null;
    socket.on('message', (data: Buffer) => { pieces.push(data); });
    socket.on('close', (code) => { closed = code; });
    socket.on('error', () => { closed ??= 0; });
    return { bytes: () => Buffer.concat(pieces), closed: () => closed, end: () => { socket.terminate(); } };
  }

  beforeAll(async () => {
    // Bright everywhere, with something that moves beside the masks.
    execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'color=c=0xE0D0B0:size=640x360:rate=15:duration=8,drawbox=x=300+mod(t*40\\,60):y=10:w=20:h=20:color=white:t=fill,noise=alls=8:allf=t', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-profile:v', 'main', '-preset', 'ultrafast',
      '-x264-params', 'keyint=15:scenecut=0:repeat-headers=1:bframes=0', '-f', 'h264', join(folder, 'bright.h264')]);
    cameras = await startClipCameras(join(folder, 'bright.h264'));
    centre = await startTestCentre({ media: true, environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: (config) => { config.centre.transcodings = 1; } });
    for (const id of ['quay-1', 'quay-2']) await centre.call('POST', '/cameras', { body: { id, unit: '26068', name: id, position: 'counter', url: cameras.url(id) } });
    await centre.createUser('plain', ['inspector'], '26068');
    await centre.createUser('operator', ['operator'], '26068');
    await centre.createUser('lifter', ['inspector', 'unmask'], '26068');
    for (const name of ['second', 'third']) { await centre.createUser(name, ['inspector', 'unmask'], '26068'); await centre.cookieOf(name); }
    await until('both cameras online', 40_000, async () => (await row()).state === 'online' && (await row('quay-2')).state === 'online');
    node = (await centre.database.query<{ gateway: string }>('SELECT gateway FROM media_nodes')).rows[0]?.gateway ?? '';
  }, 90_000);
  afterAll(async () => { await centre?.end(); await cameras?.stop(); rmSync(folder, { recursive: true, force: true }); });

  it('is drawn by administrators alone, in versions; who watches is cut off and gets the masked picture', async () => {
    const before = await watchSocket('plain');
    await until('a live picture', 15_000, async () => before.bytes().length > 20_000);
    await expectWhole(before.bytes(), 'before', ['-f', 'flv']);
    shift = (await centre.call<{ id: string }>('POST', '/shifts', { as: 'operator', body: { unit: '26068' } })).body.id;
    early = await until('a picture for the log', 15_000, snapshot);
    await expectWhole((await get('operator', `/shift-snapshots/${early}`)).bytes, 'shift log, before');
    const body = { shapes: [RECTANGLE, TRIANGLE], note: 'che màn hình của cán bộ', version: 0 };
    expect((await centre.call('PUT', '/cameras/quay-1/masks', { as: 'lifter', body })).status).toBe(403);
    const drawn = await centre.call<MasksHistory>('PUT', '/cameras/quay-1/masks', { body });
    expect([drawn.status, drawn.body.version, drawn.body.history[0]?.note]).toEqual([200, 1, 'che màn hình của cán bộ']);
    expect((await centre.call('PUT', '/cameras/quay-1/masks', { body })).body.code).toBe('changed_meanwhile');
    // Until the node has them nobody gets a ticket for the whole picture.
    expect((await ticket('plain')).status === 503 || (await row()).masksInForce).toBe(true);
    await until('the end of the whole picture', 10_000, async () => before.closed() !== null);
    await until('masks in force', 10_000, async () => (await row()).masksInForce);
    await centre.call('PUT', '/cameras/quay-2/masks', { body });
    await until('masks in force', 10_000, async () => (await row('quay-2')).masksInForce);
  }, 60_000);

  it('is live with its masks over both ways and in both sizes, by one transcoding; beyond the limit it is refused', async () => {
    const socket = await watchSocket('plain', { quality: 'sub' });
    await expectMasked(await watchHttp('operator', { quality: 'main' }), 'HTTP-FLV', ['-f', 'flv']);
    await until('a picture by socket', 15_000, async () => socket.bytes().length > 60_000);
    await expectMasked(socket.bytes(), 'WS-FLV', ['-f', 'flv']);
    const refused = (await ticket('plain', { transport: 'http' }, 'quay-2')).body.url;
    const answer = await get('plain', refused);
    expect([answer.status, answer.code]).toEqual([503, 'transcode_limit']);
    socket.end();
  }, 60_000);

  it('shows what was recorded with its masks: playlist, pieces, thumbnail, snapshot, trial', async () => {
    await centre.call('POST', '/recordings/purpose', { as: 'plain', body: { purpose: 'kiểm tra che hình' } });
    await centre.call('POST', '/recordings/purpose', { as: 'operator', body: { purpose: 'kiểm tra che hình' } });
    const [from, to] = [Date.now() - 120_000, Date.now()].map((at) => encodeURIComponent(new Date(at).toISOString()));
    for (const as of ['plain', 'operator']) {
      const list = (await get(as, `/cameras/quay-1/playlist.m3u8?from=${from}&to=${to}`)).bytes.toString();
      const pieces = list.split('\n').filter((line) => line.startsWith('segments/'));
      expect(pieces.length).toBeGreaterThan(1);
      expect(list).not.toContain('EXT-X-MAP');
      for (const piece of pieces.slice(0, 2)) {
        // A busy node says that it is, and a player asks again; what comes in the end is masked.
        const answer = await until(piece, 60_000, async () => { const one = await get(as, `/cameras/quay-1/${piece}`); if (one.status !== 200) expect([one.status, one.code]).toEqual([503, one.code]); return one.status === 200 && one; });
        await expectMasked(answer.bytes, piece);
      }
      // The file as it lies on the disk, and a range of it.
      const file = pieces[0]?.split('?')[0] ?? '';
      for (const path of [file, `${file}?unmasked=yes`, `${pieces[0] ?? ''}&unmasked=yes`]) expect([path, (await get(as, `/cameras/quay-1/${path}`)).code]).toEqual([path, 'mask_right_required']);
      expect((await get(as, `/cameras/quay-1/playlist.m3u8?from=${from}&to=${to}&unmasked=yes`)).code).toBe('mask_right_required');
      const at = encodeURIComponent(new Date(Date.now() - 8000).toISOString());
      await expectMasked((await get(as, `/cameras/quay-1/thumbnail?at=${at}`)).bytes, 'thumbnail');
      expect((await get(as, `/cameras/quay-1/thumbnail?at=${at}&unmasked=yes`)).code).toBe('mask_right_required');
      await expectMasked((await get(as, '/cameras/quay-1/snapshot')).bytes, 'snapshot');
    }
    await expectMasked((await get('operator', `/shift-snapshots/${await until('a picture for the log', 15_000, snapshot)}`)).bytes, 'shift log');
    // One from before: what is covered now was not then.
    expect((await get('operator', `/shift-snapshots/${early}`)).code).toBe('mask_right_required');
    const trial = (await centre.call<CameraTest>('POST', '/cameras/quay-1/test')).body;
    await expectMasked(Buffer.from(trial.main.picture ?? '', 'base64'), 'trial');
    // The same address, typed as if it were another camera's.
    const again = (await centre.call<CameraTest>('POST', '/cameras/test', { body: { unit: '26068', url: cameras.url('quay-1') } })).body;
    expect([again.main.reason, again.main.picture, again.findings.some((one) => one.code === 'picture_withheld')]).toEqual([null, null, true]);
    // Nothing of the node answers without its secret.
    expect((await fetch(`${node}/thumbnail/quay-1?at=${at()}`)).status).toBe(401);
  }, 90_000);
  const at = () => encodeURIComponent(new Date(Date.now() - 8000).toISOString());

  it('is seen whole by the right together with a purpose, and that is written down', async () => {
    expect((await ticket('plain', { unmasked: true })).body.code).toBe('mask_right_required');
    expect((await ticket('lifter', { unmasked: true })).body.code).toBe('purpose_required');
    await centre.call('POST', '/recordings/purpose', { as: 'lifter', body: { purpose: 'phản ánh 1022 số 77' } });
    const live = await watchSocket('lifter', { unmasked: true });
    await until('the whole picture', 15_000, async () => live.bytes().length > 20_000);
    await expectWhole(live.bytes(), 'live', ['-f', 'flv']);
    live.end();
    await expectWhole((await get('lifter', `/cameras/quay-1/thumbnail?at=${at()}&unmasked=yes`)).bytes, 'thumbnail');
    const [from, to] = [Date.now() - 120_000, Date.now()].map((one) => encodeURIComponent(new Date(one).toISOString()));
    const list = (await get('lifter', `/cameras/quay-1/playlist.m3u8?from=${from}&to=${to}&unmasked=yes`)).bytes.toString();
    const file = list.split('\n').find((line) => line.startsWith('segments/')) ?? '';
    expect(file).toContain('unmasked=yes');
    await expectWhole((await get('lifter', `/cameras/quay-1/${file}`)).bytes, 'segment');
    // Without asking for it, the masks stay on for them too.
    await expectMasked((await get('lifter', `/cameras/quay-1/thumbnail?at=${at()}`)).bytes, 'thumbnail');
    const looks = (await centre.call<{ viewings: ViewingRow[] }>('GET', '/viewings?actor=lifter')).body.viewings;
    for (const action of ['live.look', 'recording.play', 'recording.look']) expect([action, looks.some((one) => one.action === action && one.unmasked && one.purpose === 'phản ánh 1022 số 77')]).toEqual([action, true]);
    expect(looks.some((one) => one.action === 'recording.look' && !one.unmasked)).toBe(true);
    expect((await centre.call<{ viewings: ViewingRow[] }>('GET', '/viewings?actor=plain')).body.viewings.some((one) => one.unmasked)).toBe(false);
  }, 60_000);

  it('leaves as a clip with its masks; without them only when a second person releases it', async () => {
    // Not recorded any more: its file is closed now, not at the next minute.
    const to = Date.now() - 3000;
    await centre.call('PATCH', '/cameras/quay-1', { body: { recording: 'off' } });
    await until('the end of recording', 15_000, async () => !(await row()).recording);
    const range = { cameras: ['quay-1'], from: new Date(to - 5000).toISOString(), to: new Date(to).toISOString(), purpose: 'phản ánh 1022 số 77' };
    expect((await centre.call('POST', '/clips', { as: 'plain', body: { ...range, unmasked: true } })).body.code).toBe('mask_right_required');
    const masked = (await centre.call<Clip>('POST', '/clips', { as: 'plain', body: range })).body;
    // Two people, as far as that can be known: each with a second factor, neither made by the other.
    expect((await centre.call('POST', '/clips', { as: 'lifter', body: { ...range, unmasked: true } })).body.code).toBe('hold_two_people');
    await centre.database.query("UPDATE users SET factor_since = now() WHERE username = 'lifter'");
    const whole = (await centre.call<Clip>('POST', '/clips', { as: 'lifter', body: { ...range, unmasked: true } })).body;
    expect([masked.state === 'waiting_release', whole.state]).toEqual([false, 'waiting_release']);
    const release = (as: string) => centre.call<Clip & { code?: string }>('POST', `/clips/${whole.id}/release`, { as, body: { note: 'đồng ý theo quyết định 12' } });
    expect((await release('plain')).status).toBe(403);
    expect((await release('lifter')).body.code).toBe('clip_second_person');
    expect((await release('second')).body.code).toBe('hold_two_people');
    await centre.database.query("UPDATE users SET factor_since = now() WHERE username = 'second'");
    await centre.database.transaction(async (connection) => { await appendAudit(connection, { actor: 'lifter', action: 'user.invite', unit: '26068', subject: 'second' }, new Date()); });
    expect((await release('second')).body.code).toBe('hold_two_people');
    await centre.database.query("UPDATE users SET factor_since = now() WHERE username = 'third'");
    expect([(await release('third')).body.releasedBy, (await release('third')).body.code]).toEqual(['third', 'clip_release_state']);
    const done = async (id: string) => await until(`clip ${id}`, 130_000, async () => { const { body } = await centre.call<Clip>('GET', `/clips/${id}`, { as: 'plain' }); if (body.state === 'failed') throw new Error(String(body.cause)); return body.state === 'done'; });
    const open = async (as: string, id: string) => {
      const files = new Map<string, Buffer>();
      const zip = await yauzl.fromBufferPromise((await get(as, `/clips/${id}/download`)).bytes);
      for await (const entry of zip.eachEntry()) { const pieces: Buffer[] = []; for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer); files.set(entry.fileName, Buffer.concat(pieces)); }
      return { manifest: JSON.parse(files.get('manifest.json')?.toString() ?? '{}') as ClipManifest, video: [...files].find(([name]) => name.endsWith('.mp4'))?.[1] ?? Buffer.alloc(0) };
    };
    await done(masked.id);
    const one = await open('plain', masked.id);
    await expectMasked(one.video, 'clip');
    expect(one.manifest.cameras[0]?.masks).toEqual({ note: 'masked, re-encoded', version: 1, shapes: [RECTANGLE, TRIANGLE] });
    expect(one.manifest.cameras[0]?.segments[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const verdict = await verifyBundle(join(centre.dataDir, 'exports', 'clips', masked.id, `${masked.id}.zip`), null);
    expect([verdict.faults, verdict.notes.some((note) => note.includes('masked and re-encoded'))]).toEqual([[], true]);
    await done(whole.id);
    expect((await get('plain', `/clips/${whole.id}/download`)).code).toBe('mask_right_required');
    const other = await open('lifter', whole.id);
    await expectWhole(other.video, 'released clip');
    expect([other.manifest.cameras[0]?.masks, other.manifest.unmasked?.releasedBy]).toEqual([undefined, 'third']);
    // Of a clip from before the masks were widened nobody without the right takes what is covered now.
    await centre.call('PUT', '/cameras/quay-1/masks', { body: { shapes: [RECTANGLE, TRIANGLE, [[0.4, 0.1], [0.6, 0.1], [0.6, 0.3]]], note: 'che thêm lối đi', version: 1 } });
    expect((await get('plain', `/clips/${masked.id}/download`)).code).toBe('mask_right_required');
  }, 200_000);

  it('keeps its masks when it is deleted and made anew, since its recordings are there again', async () => {
    const clips = (await centre.call<{ clips: Clip[] }>('GET', '/clips', { as: 'plain' })).body.clips.filter((one) => one.state === 'done');
    await centre.call('DELETE', '/cameras/quay-1');
    // What was made of it is still there too.
    expect(clips.length).toBeGreaterThan(0);
    for (const { id } of clips) expect((await get('plain', `/clips/${id}/download`)).code).toBe('mask_right_required');
    await centre.call('POST', '/cameras', { body: { id: 'quay-1', unit: '26068', name: 'quay-1', position: 'counter', url: cameras.url('quay-1') } });
    expect([(await row()).maskVersion, (await row()).masks.length]).toEqual([2, 3]);
  });
});
