/** A large picture is lent and ends with its own code; the newest picture comes from what is recorded, made every 10 s at most. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera();
if (reason !== null) console.warn(`skipped: ${reason}`);
const dataDir = mkdtempSync(join(tmpdir(), 'media-node-lease-'));
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

describe.skipIf(reason !== null)('a lent picture', () => {
  let centre: FakeCentre;
  let node: RunningNode;
  let camera: RtspCamera;
  beforeAll(async () => {
    makeClip(join(dataDir, 'a.h264'));
    camera = await startRtspCamera(join(dataDir, 'a.h264'));
    centre = await startFakeCentre();
    centre.orders.cameras = [assignment('door', { url: camera.url }), assignment('closed', { url: 'rtsp://127.0.0.1:9/x' })];
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
    for (let i = 0; i < 300 && centre.camera('door')?.state !== 'online'; i += 1) await wait(100);
  }, 60_000);
  afterAll(async () => { await node?.stop(); await camera?.pull(); await centre?.stop(); rmSync(dataDir, { recursive: true, force: true }); });
  const gateway = () => centre.report?.gateway ?? '';

  it('ends with its own code, and another ticket goes on', async () => {
    const watch = (ends?: number) => {
      const socket = new WebSocket(`${gateway().replace('http', 'ws')}/live/door/main?ticket=${centre.ticket('door', 'main', ends === undefined ? {} : { ends })}`);
      const state = { messages: 0, code: 0 };
      socket.on('message', () => { state.messages += 1; });
      socket.on('close', (code) => { state.code = code; });
      return { socket, state };
    };
    const [lent, open] = [watch(Date.now() + 2500), watch()];
    await wait(1500);
    expect(lent.state.messages).toBeGreaterThan(5);
    await wait(2500);
    expect([lent.state.code, open.state.code]).toEqual([4410, 0]);
    const again = watch(Date.now() + 60_000);
    await wait(1500);
    expect(again.state.messages).toBeGreaterThan(5);
    for (const { socket } of [open, again]) socket.terminate();
  }, 20_000);

  it('is there as a still: fresh, made once in ten seconds, without a connection of its own', async () => {
    const ask = (id: string, authorization = `Bearer ${centre.secret}`) => fetch(`${gateway()}/snapshot/${id}`, { headers: { authorization } });
    const sessions = () => execFileSync('ps', ['-eo', 'ppid,args', 'ww']).toString().split('\n').filter((line) => line.trim().startsWith(String(node.pid)) && line.includes('rtsp://127.0.0.1')).length;
    for (let i = 0; i < 50 && (await ask('door')).status !== 200; i += 1) await wait(200);
    const before = sessions();
    const first = await ask('door');
    const at = Date.parse(first.headers.get('picture-at') ?? '');
    const picture = Buffer.from(await first.arrayBuffer());
    expect([first.status, picture.subarray(0, 2).toString('hex')]).toEqual([200, 'ffd8']);
    expect(Date.now() - at).toBeLessThan(15_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('door')));
    expect(new Set(answers.map((answer) => answer.headers.get('picture-at'))).size).toBe(1);
    expect(sessions()).toBe(before);
    await wait(10_500);
    expect(Date.parse((await ask('door')).headers.get('picture-at') ?? '')).toBeGreaterThan(at);
    expect([(await ask('closed')).status, (await ask('door', 'Bearer nothing')).status]).toEqual([503, 401]);
  }, 40_000);
});
