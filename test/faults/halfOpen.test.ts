/** Connections that stay open and bring nothing: a camera's (GStreamer's server), and that of a publisher at the relay. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { startRelay } from '#streams/relay/process.ts';
import { assignment, startFakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode } from '../support/mediaNode.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera();
if (reason !== null) console.warn(`skipped: ${reason}`);

async function until(what: string, ms: number, ask: () => boolean | Promise<boolean>): Promise<number> {
  const began = performance.now();
  while (!await ask()) { if (performance.now() - began > ms) throw new Error(`not within ${ms} ms: ${what}`); await sleep(50); }
  return performance.now() - began;
}

describe.skipIf(reason !== null)('half open', () => {
  const folder = mkdtempSync(join(tmpdir(), 'half-open-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  it('a camera is said to bring nothing, and is shown and recorded within ten seconds of answering again; its old connection is not kept', async () => {
    const clip = join(folder, 'clip.h264');
    makeClip(clip);
    const camera = await startRtspCamera(clip);
    const centre = await startFakeCentre();
    centre.orders.cameras = [assignment('still', { url: camera.url })];
    const node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir: folder });
    try {
      await until('online', 60_000, () => centre.camera('still')?.recording === true);
      camera.hang();
      await until('no packets', 25_000, () => centre.camera('still')?.state === 'offline');
      expect(centre.camera('still')?.reason).toBe('no_packets');
      // The system goes on taking connections for it, which are never answered.
      await sleep(3000);
      process.kill(camera.pid, 'SIGCONT');
      const back = await until('back', 15_000, () => centre.camera('still')?.recording === true);
      console.info(`half-open camera: back after ${Math.round(back)} ms`);
      expect(back).toBeLessThan(10_000);
    } finally { await node.stop(); await centre.stop(); await camera.pull(); }
  }, 120_000);

  it('a publisher does not hold its name for longer than ten seconds: the next one is let in', async () => {
    // It is started with the loader of this process; a test's has none of its own.
    process.execArgv.push('--import', 'tsx');
    const relay = await startRelay({ entry: join(import.meta.dirname, '..', '..', 'streams', 'relay', 'entry.ts'), log: pino({ level: 'silent' }) });
    const publish = () => spawn('ffmpeg', ['-loglevel', 'quiet', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=10', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-f', 'flv', relay.publishUrl('cam_main')], { stdio: 'ignore' });
    /** Bytes of the stream in one second; none where there is no such stream. */
    const shows = async (): Promise<number> => await new Promise((resolve) => {
      const door = relay.door();
      if (door === null) { resolve(0); return; }
      let bytes = 0;
      const asked = get({ host: '127.0.0.1', port: door.port, path: '/cam_main', headers: { authorization: door.authorization }, agent: false }, (response) => { if (response.statusCode !== 200) { response.resume(); resolve(0); return; } response.on('data', (data: Buffer) => { bytes += data.length; }).on('error', () => undefined); });
      asked.on('error', () => resolve(0));
      setTimeout(() => { asked.destroy(); resolve(bytes); }, 1000);
    });
    const living: ReturnType<typeof publish>[] = [];
    try {
      const first = publish();
      living.push(first);
      await until('published', 60_000, async () => await shows() > 1000);
      first.kill('SIGSTOP');
      const stoppedAt = performance.now();
      // Each try is one connection, as ffmpeg's own recovery makes them; refused ones end by themselves.
      for (;;) {
        const next = publish();
        living.push(next);
        await sleep(1500);
        if (next.exitCode === null && await shows() > 1000) break;
        expect(performance.now() - stoppedAt).toBeLessThan(20_000);
        next.kill('SIGKILL');
      }
      const after = performance.now() - stoppedAt;
      console.info(`half-open publisher: the next one in after ${Math.round(after)} ms`);
      expect(after).toBeLessThan(14_000);
    } finally { for (const one of living) { one.kill('SIGCONT'); one.kill('SIGKILL'); } await relay.stop(); }
  }, 90_000);
});
