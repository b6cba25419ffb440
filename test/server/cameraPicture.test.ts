/** The whole way: a camera that is not ours shows black, the media node looks at its closed file, the centre hears of it; and back. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';

const reason = whyNoRtspCamera();
if (reason !== null) console.warn(`skipped: ${reason}`);
interface Row { state: string; warnings: string[]; picture: { checkedAt: string | null; unchecked: string | null; clockSeconds: number | null; cpuSeconds: number | null; referenceOf: string | null } | null }

describe.skipIf(reason !== null)('the picture of a camera', () => {
  const folder = mkdtempSync(join(tmpdir(), 'picture-'));
  const [black, good] = [join(folder, 'black.h264'), join(folder, 'good.h264')];
  let centre: TestCentre;
  let camera: RtspCamera;
  beforeAll(async () => {
    makeClip(good);
    execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'color=black:size=640x360:rate=15:duration=10,noise=alls=8:allf=t', '-pix_fmt', 'yuv420p', '-b:v', '600k', '-c:v', 'libx264', '-profile:v', 'main', '-preset', 'ultrafast', '-x264-params', 'keyint=15:scenecut=0:repeat-headers=1:bframes=0', '-f', 'h264', black]);
    centre = await startTestCentre({ media: true, environment: { CAMERA_NETWORKS: '127.0.0.0/8' }, change: (config) => {
      Object.assign(config.centre.picture, { everyMinutes: 1, confirm: 1 });
      for (const rule of config.alerts) if (rule.rule === 'camera_black') rule.workingTimeOnly = false;
    } });
    camera = await startRtspCamera(black);
  });
  afterAll(async () => { await camera?.pull(); await centre?.end(); rmSync(folder, { recursive: true, force: true }); });

  const row = async () => (await centre.call<Row>('GET', '/cameras/dark-1')).body;
  const alerts = async () => (await centre.call<{ alerts: { rule: string; state: string; closedReason: string | null }[] }>('GET', '/alerts?state=all&rule=camera_black')).body.alerts;
  async function until(what: string, ms: number, ask: () => Promise<boolean>): Promise<void> {
    for (const end = performance.now() + ms; !(await ask());) { if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}, last ${JSON.stringify(await row())}`); await new Promise((resolve) => { setTimeout(resolve, 300); }); }
  }

  it('is called black, opens an alert, and is online again with a picture', async () => {
    await centre.call('POST', '/cameras', { body: { id: 'dark-1', unit: '26068', counter: '3', name: 'Quầy 3', position: 'counter', url: camera.url } });
    await centre.call('PATCH', '/cameras/dark-1', { body: { zones: { staff: [[0, 0], [1, 0], [1, 1], [0, 1]] } } });
    await until('online', 30_000, async () => (await row()).state === 'online');
    expect((await row()).picture).toMatchObject({ unchecked: 'not_yet' });
    await until('black', 100_000, async () => (await row()).state === 'black');
    await until('an alert', 30_000, async () => (await alerts()).some((alert) => alert.state === 'open'));
    const { port } = camera;
    await camera.pull();
    camera = await startRtspCamera(good, { port });
    await until('online with a good picture', 150_000, async () => { const now = await row(); return now.state === 'online' && now.picture?.unchecked === null; });
    await until('the alert is closed', 30_000, async () => (await alerts()).every((alert) => alert.closedReason === 'condition_ended'));
    expect((await row()).picture?.cpuSeconds).toBeGreaterThan(0);
    // GStreamer sends sender reports with the wall clock: this machine's own.
    await until('the clock of the camera', 60_000, async () => (await row()).picture?.clockSeconds != null);
    expect(Math.abs((await row()).picture?.clockSeconds ?? 99)).toBeLessThan(10);
    expect((await row()).warnings).toEqual([]);
    const activity = (await centre.call<{ minutes: { staff: number | null; usable: boolean }[] }>('GET', `/cameras/dark-1/activity?from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date().toISOString()}`)).body;
    expect(activity.minutes.some((minute) => !minute.usable && minute.staff === null)).toBe(true);
    expect(activity.minutes.some((minute) => minute.usable && (minute.staff ?? 0) > 0.02)).toBe(true);
  }, 360_000);
});
