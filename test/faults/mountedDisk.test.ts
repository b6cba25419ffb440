/** A recording disk of its own that gets full, and one that becomes read-only, under a running node. Mounting is root's alone. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClipCameras, type ClipCameras } from '../support/clipCameras.ts';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip } from '../support/rtspCamera.ts';

const run = (...command: string[]): boolean => spawnSync(command[0] ?? '', command.slice(1), { stdio: 'ignore' }).status === 0;
const dataDir = mkdtempSync(join(tmpdir(), 'mounted-disk-'));
const SIZE_MB = 1150;

function whyNot(): string | null {
  if (!run('ffmpeg', '-version')) return 'no ffmpeg on the PATH';
  if (process.getuid?.() !== 0) return 'mounting a disk needs root';
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', dataDir)) return 'this machine does not let root mount a tmpfs (a container?)';
  return null;
}
const reason = whyNot();
if (reason !== null) { console.warn(`skipped: ${reason}`); rmSync(dataDir, { recursive: true, force: true }); }

describe.skipIf(reason !== null)('a recording disk of its own', () => {
  const root = join(dataDir, 'recordings', 'local');
  let centre: FakeCentre;
  let node: RunningNode;
  let cameras: ClipCameras;
  beforeAll(async () => {
    mkdirSync(root, { recursive: true });
    makeClip(join(dataDir, 'clip.h264'));
    cameras = await startClipCameras(join(dataDir, 'clip.h264'));
    centre = await startFakeCentre();
    centre.orders.cameras = ['a', 'b'].map((id) => assignment(id, { url: cameras.url(id) }));
    // What was recorded may not be deleted for room: everything is held, so that the disk stays full.
    centre.orders.holds = ['a', 'b'].map((camera) => ({ id: camera, camera, from: 0, to: Date.now() * 2 }));
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir });
    await until('recorded', 60_000, recording);
  }, 90_000);
  afterAll(async () => {
    await node?.stop();
    await cameras?.stop();
    await centre?.stop();
    run('umount', root);
    run('umount', dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  }, 30_000);
  const recording = (): boolean => ['a', 'b'].every((id) => centre.camera(id)?.recording === true) && centre.report?.storage?.state === 'ready';
  async function until(what: string, ms: number, ask: () => boolean): Promise<number> {
    const began = performance.now();
    while (!ask()) { if (performance.now() - began > ms) throw new Error(`not within ${ms} ms: ${what}; ${JSON.stringify(centre.report?.storage)} ${JSON.stringify(centre.report?.disk)}\n${node.log().slice(-5).join('\n')}`); await sleep(100); }
    return performance.now() - began;
  }

  it('that gets full stops recording cleanly, keeps the pictures live and what is held, and records again within ten seconds', async () => {
    expect(run('fallocate', '-l', '200M', join(dataDir, 'ballast'))).toBe(true);
    await until('full', 30_000, () => centre.report?.storage?.state === 'full' && centre.camera('a')?.recording === false);
    await until('online without recording', 20_000, () => centre.camera('a')?.state === 'online' && centre.camera('b')?.state === 'online');
    expect(node.child.exitCode).toBeNull();
    expect(centre.journal.some((one) => one.type === 'deleted' && one.reason !== 'torn')).toBe(false);
    rmSync(join(dataDir, 'ballast'));
    const back = await until('recorded again', 20_000, recording);
    console.info(`full disk: recorded again after ${Math.round(back)} ms`);
    expect(back).toBeLessThan(12_000);
    expect(centre.journal.some((one) => one.type === 'state' && one.gap === 'disk_full')).toBe(true);
  }, 90_000);

  it('that becomes read-only stops recording with that reason, and records again when it takes writing', async () => {
    expect(run('mount', '--bind', root, root) && run('mount', '-o', 'remount,bind,ro', root)).toBe(true);
    await until('said', 15_000, () => centre.report?.storage?.state === 'read_only' && centre.camera('a')?.recording === false);
    await until('online without recording', 20_000, () => centre.camera('a')?.state === 'online');
    expect(node.child.exitCode).toBeNull();
    expect(run('umount', root)).toBe(true);
    const back = await until('recorded again', 20_000, recording);
    expect(back).toBeLessThan(12_000);
    await until('the journal says why', 10_000, () => centre.journal.some((one) => one.type === 'state' && one.gap === 'disk_read_only'));
  }, 90_000);
});
