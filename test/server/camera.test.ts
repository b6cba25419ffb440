/** One true camera path through the centre: address → node → ticket → picture; recording → spans → playlist with a purpose. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera();
if (reason !== null) console.warn(`skipped: ${reason}`);
const CANARY = 'canary-p@ss:w/d';

describe.skipIf(reason !== null)('a camera', () => {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-camera-'));
  const clip = join(folder, 'clip.h264');
  let centre: TestCentre;
  let camera: RtspCamera;
  beforeAll(async () => {
    makeClip(clip);
    centre = await startTestCentre({ media: true, environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
    camera = await startRtspCamera(clip, { user: 'admin', password: CANARY });
  });
  afterAll(async () => { await camera?.pull(); await centre?.end(); rmSync(folder, { recursive: true, force: true }); });

  const row = async () => (await centre.call<{ state: string; reason: string | null; recording: boolean }>('GET', '/cameras/desk-1')).body;
  async function until(what: string, ms: number, ask: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + ms; !(await ask());) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`); await new Promise((resolve) => { setTimeout(resolve, 200); }); }
  }
  async function firstBytes(path: string, cookie: string): Promise<Buffer | number> {
    return await new Promise((resolve) => {
      const socket = new WebSocket(`${centre.url.replace('http', 'ws')}${path}`, { headers: { cookie } });
      socket.on('message', (data: Buffer) => { resolve(data); socket.close(); });
      socket.on('unexpected-response', (_request, answer) => { resolve(answer.statusCode ?? 0); });
      socket.on('error', () => { resolve(0); });
    });
  }
  const ticket = async (as = 'admin') => await centre.call<{ url: string }>('POST', '/cameras/desk-1/live-ticket', { as, body: { quality: 'main', transport: 'ws' } });

  it('is refused at an address outside the camera networks, with credentials in it, or of another scheme', async () => {
    for (const [url, code] of [['rtsp://8.8.8.8/x', 'camera_address'], ['rtsp://[::ffff:10.0.0.1]/x', 'camera_address'], ['http://127.0.0.1/x', 'camera_address'], ['rtsp://a:b@127.0.0.1/x', 'camera_credentials_in_url'], ['file:///etc/passwd', 'camera_address']]) {
      const answer = await centre.call('POST', '/cameras', { body: { unit: '26068', name: 'x', position: 'counter', url } });
      expect([url, answer.status, answer.body.code]).toEqual([url, 400, code]);
    }
  });

  it('comes online; its password is told to nobody', async () => {
    const made = await centre.call('POST', '/cameras', { body: { id: 'desk-1', unit: '26068', counter: '3', name: 'Quầy 3', position: 'counter', url: camera.url, username: 'admin', password: CANARY } });
    expect(made.status).toBe(201);
    await until('online', 30_000, async () => (await row()).state === 'online');
    for (const path of ['/cameras', '/cameras/desk-1', '/audit', '/system']) expect(JSON.stringify((await centre.call('GET', path)).body)).not.toContain('canary');
    const dump = await centre.database.query<{ text: string }>('SELECT c::text AS text FROM cameras c');
    expect(JSON.stringify(dump.rows)).not.toContain('canary');
  });

  it('is seen with a ticket: once, and only by the session that asked', async () => {
    const cookie = await centre.cookieOf('admin');
    const { url } = (await ticket()).body;
    const picture = await firstBytes(url, cookie);
    expect(Buffer.isBuffer(picture) && picture.subarray(0, 3).toString()).toBe('FLV');
    expect(Buffer.isBuffer(await firstBytes(url, cookie))).toBe(false);
    await centre.createUser('other', ['operator'], '75');
    expect(await firstBytes((await ticket()).body.url, await centre.cookieOf('other'))).toBe(403);
    await centre.createUser('sibling', ['operator'], '740');
    expect((await ticket('sibling')).status).toBe(404);
  });

  it('stops playing within five seconds of the end of the session', async () => {
    await centre.createUser('passing', ['operator'], '75');
    const cookie = await centre.cookieOf('passing');
    const { url } = (await ticket('passing')).body;
    const socket = new WebSocket(`${centre.url.replace('http', 'ws')}${url}`, { headers: { cookie } });
    await new Promise((resolve) => { socket.once('message', resolve); });
    const closed = new Promise<boolean>((resolve) => { socket.on('close', () => resolve(true)); setTimeout(() => resolve(false), 5_000); });
    socket.on('error', () => undefined);
    // Presenting the ticket again is refused, and must not make the centre forget the picture that runs.
    expect(Buffer.isBuffer(await firstBytes(url, cookie))).toBe(false);
    await centre.call('DELETE', '/session', { as: 'passing' });
    expect(await closed).toBe(true);
  });

  it('is recorded; looking needs a purpose and is written down', async () => {
    const from = new Date(Date.now() - 60_000).toISOString();
    await until('a recorded span', 30_000, async () => (await centre.call<{ spans: unknown[] }>('GET', `/cameras/desk-1/recordings?from=${from}&to=${new Date().toISOString()}`)).body.spans.length > 0);
    const playlist = () => centre.call<string>('GET', `/cameras/desk-1/playlist.m3u8?from=${from}&to=${new Date().toISOString()}`);
    expect((await playlist()).body).toMatchObject({ code: 'purpose_required' });
    expect((await centre.call('POST', '/recordings/purpose', { body: { purpose: 'Kiểm tra công vụ theo kế hoạch 12' } })).status).toBe(200);
    const text = (await playlist()).body;
    expect(text).toContain('#EXT-X-MAP');
    const file = /segments\/[\w.-]+/.exec(text)?.[0] ?? '';
    const head = await centre.call('GET', `/cameras/desk-1/${file}`, { headers: { range: 'bytes=0-99' } });
    expect(head.status).toBe(206);
    const looks = async () => (await centre.call<{ entries: { action: string; actor: string; unit: string; purpose: string }[] }>('GET', '/audit?subject=desk-1')).body.entries.filter((entry) => entry.action.startsWith('recording.'));
    // The segment belongs to the playlist that was written down; under the camera's unit, not the viewer's.
    expect(await looks()).toMatchObject([{ action: 'recording.play', unit: '26068', purpose: 'Kiểm tra công vụ theo kế hoạch 12' }]);
    // Who asks for segments or pictures alone leaves a line as well: one for the hour, not one for each.
    await centre.createUser('direct', ['inspector'], '26068');
    const direct = async (path: string) => (await centre.call('GET', `/cameras/desk-1/${path}`, { as: 'direct', headers: { range: 'bytes=0-99' } })).status;
    await centre.call('POST', '/recordings/purpose', { as: 'direct', body: { purpose: 'Xem trực tiếp từng đoạn' } });
    expect([await direct(file), await direct(file)]).toEqual([206, 206]);
    expect((await looks()).filter((entry) => entry.actor === 'direct')).toMatchObject([{ action: 'recording.look', unit: '26068', purpose: 'Xem trực tiếp từng đoạn' }]);
  });

  it('says why when it is gone, and comes back by itself', async () => {
    const { port } = camera;
    await camera.pull();
    await until('offline', 20_000, async () => (await row()).state === 'offline');
    expect((await row()).reason).not.toBeNull();
    camera = await startRtspCamera(clip, { port, user: 'admin', password: CANARY });
    await until('online again', 20_000, async () => (await row()).state === 'online');
  });
});
