/** A camera whose connection stays open and brings nothing: GStreamer's server, held. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
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
});
