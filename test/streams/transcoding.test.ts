/** H.265 for browsers: from a sub-stream in H.264 as it is, else transcoded, and only so many at once. UDP and sound on the way. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip, startRtspCamera, whyNoH265, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera() ?? whyNoH265();
if (reason !== null) console.warn(`skipped: ${reason}`);
const dataDir = mkdtempSync(join(tmpdir(), 'media-node-h265-'));
const clip = (name: string): string => join(dataDir, name);

async function until(what: string, ms: number, ask: () => boolean | undefined): Promise<void> {
  const end = performance.now() + ms;
  while (!ask()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

describe.skipIf(reason !== null)('cameras that no browser plays', () => {
  let centre: FakeCentre;
  let node: RunningNode;
  const cameras: RtspCamera[] = [];
  const sockets: WebSocket[] = [];
  beforeAll(async () => {
    makeClip(clip('a.h265'), 'h265');
    makeClip(clip('b.h264'), 'h264', { size: '320x180' });
    centre = await startFakeCentre();
    cameras.push(await startRtspCamera(clip('a.h265')), await startRtspCamera(clip('b.h264')), await startRtspCamera(clip('b.h264'), { flags: ['--udp', '--sound'] }));
    const [h265, h264, udp] = cameras.map((one) => one.url);
    centre.orders.transcodings = 1;
    centre.orders.cameras = [
      assignment('one', { url: h265 ?? '' }), assignment('two', { url: h265 ?? '' }),
      assignment('with-sub', { url: h265 ?? '', subUrl: h264 ?? '' }), assignment('packets', { url: udp ?? '', transport: 'udp' }),
    ];
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
    await until('all online', 30_000, () => ['one', 'two', 'with-sub', 'packets'].every((id) => centre.camera(id)?.state === 'online'));
  }, 60_000);
  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await node?.stop();
    await Promise.all(cameras.map((one) => one.pull()));
    await centre?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const address = (id: string, quality: 'main' | 'sub') => `${centre.report?.gateway ?? ''}/live/${id}/${quality}?ticket=${centre.ticket(id, quality)}`;
  function watch(id: string, quality: 'main' | 'sub') {
    const socket = new WebSocket(address(id, quality).replace('http', 'ws'));
    sockets.push(socket);
    const state = { pictures: 0, avc: false, refused: 0 };
    // A tag of FLV: type 9 is video, and the low half of its first byte the codec, 7 for H.264.
    socket.on('message', (data: Buffer) => { if (data[0] === 9 && data.length > 12) { state.pictures += 1; state.avc = ((data[11] ?? 0) & 15) === 7; } });
    socket.on('unexpected-response', (_request, response) => { state.refused = response.statusCode ?? 0; });
    socket.on('error', () => undefined);
    return { socket, state };
  }
  const transcoders = () => execFileSync('ps', ['-eo', 'pid,ppid,args', 'ww']).toString().split('\n').filter((line) => line.includes('libx264') && line.trim().split(/\s+/)[1] === String(node.pid)).length;

  it('shows H.265 from its sub-stream without transcoding, and takes packets of UDP beside sound', async () => {
    const [sub, packets] = [watch('with-sub', 'sub'), watch('packets', 'main')];
    await until('both pictures', 15_000, () => sub.state.pictures > 10 && packets.state.pictures > 10);
    expect([sub.state.avc, packets.state.avc, transcoders()]).toEqual([true, true, 0]);
    // Sound is never fetched: what is recorded has one stream.
    expect(centre.camera('packets')).toMatchObject({ state: 'online', recording: true });
  }, 30_000);

  it('transcodes one, says that a second is too many, and takes it when the first is gone', async () => {
    const one = watch('one', 'main');
    await until('the transcoded picture', 15_000, () => one.state.pictures > 5);
    expect([one.state.avc, transcoders()]).toEqual([true, 1]);
    const refused = await fetch(address('two', 'main'));
    expect([refused.status, (await refused.json() as { code: string }).code]).toEqual([503, 'transcode_limit']);
    // A second viewer of the one that is transcoded costs nothing more.
    const again = watch('one', 'sub');
    await until('the same picture again', 10_000, () => again.state.pictures > 5);
    expect(transcoders()).toBe(1);
    for (const { socket } of [one, again]) socket.terminate();
    await until('the end of the transcoding', 40_000, () => transcoders() === 0);
    const two = watch('two', 'main');
    await until('the second picture', 15_000, () => two.state.pictures > 5);
    expect(two.state.avc).toBe(true);
  }, 90_000);
});
