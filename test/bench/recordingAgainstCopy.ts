/**
 * P3: what recording costs the processor: our node with everything that belongs to it (supervision, passage of the camera's
 * packets, live picture published, hash, journal) against ffmpeg writing the same cameras into segments. Both at the same
 * time from one source, so that whatever slows the machine slows both; time on the processor is counted, not on the clock.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startClipCameras } from '../support/clipCameras.ts';
import { assignment, startFakeCentre } from '../support/fakeCentre.ts';
import { startMediaNode } from '../support/mediaNode.ts';
import { makeClip } from '../support/rtspCamera.ts';
import type { Closers } from './closers.ts';
import { resultOf, type Result } from './measures.ts';
import { commandOf, cpuSeconds, descendants, ownMB } from './processes.ts';

export interface RecordingCost { ours: { node: number; ffmpeg: number; relay: number }; baseline: number; /** PSS: of one ffmpeg, of the node's own process, of its relay. */ ffmpegMB: number; nodeMB: number; relayMB: number }

/** Seconds on the processor, for each window of `seconds`, of `cameras` cameras on either side. */
export async function measureRecording(closers: Closers, cameras: number, windows: number, seconds: number, withBaseline = true): Promise<RecordingCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-p3-'));
  closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
  const clip = join(folder, 'clip.h264');
  makeClip(clip, 'h264', { size: '1280x720', kbps: 1200, noise: false });
  const source = await startClipCameras(clip);
  closers.add(() => source.stop());
  const centre = await startFakeCentre();
  closers.add(() => centre.stop());
  centre.orders.cameras = Array.from({ length: cameras }, (_, i) => assignment(`p3-${i}`, { url: source.url(`p3-${i}`) }));
  const node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir: join(folder, 'node') });
  closers.add(async () => { await node.stop(); });
  const plain = withBaseline ? centre.orders.cameras.map(({ id }) => {
    mkdirSync(join(folder, 'plain', id), { recursive: true });
    return spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', source.url(`plain-${id}`), '-map', '0:v:0', '-c', 'copy', '-f', 'segment', '-segment_time', '60', '-segment_atclocktime', '1', '-reset_timestamps', '1',
      '-segment_format', 'mp4', '-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof:flush_packets=1', '-strftime', '1', join(folder, 'plain', id, '%Y%m%dT%H%M%SZ.mp4')], { stdio: 'ignore' });
  }) : [];
  closers.add(async () => { await Promise.all(plain.map((one) => new Promise<void>((resolve) => { if (one.exitCode !== null) { resolve(); return; } one.once('exit', () => resolve()); one.kill('SIGKILL'); }))); });
  for (const end = performance.now() + 60_000 + cameras * 2000; !centre.orders.cameras.every(({ id }) => centre.camera(id)?.recording === true);) {
    if (performance.now() > end) throw new Error('not all cameras were recorded in time');
    await sleep(200);
  }
  await sleep(3000);
  const reading = () => {
    const children = descendants(node.pid);
    const of = (test: RegExp): number => children.filter((pid) => test.test(commandOf(pid))).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    return { node: cpuSeconds(node.pid), ffmpeg: of(/^\S*ffmpeg/), relay: of(/relay\/entry/), baseline: plain.reduce((sum, one) => sum + cpuSeconds(one.pid ?? 0), 0) };
  };
  const costs: RecordingCost[] = [];
  for (let window = 0; window < windows; window += 1) {
    const before = reading();
    await sleep(seconds * 1000);
    const after = reading();
    const ffmpegs = descendants(node.pid).filter((pid) => /^\S*ffmpeg/.test(commandOf(pid)));
    const relays = descendants(node.pid).filter((pid) => /relay\/entry/.test(commandOf(pid)));
    costs.push({ ours: { node: after.node - before.node, ffmpeg: after.ffmpeg - before.ffmpeg, relay: after.relay - before.relay }, baseline: after.baseline - before.baseline, ffmpegMB: ffmpegs.reduce((sum, pid) => sum + ownMB(pid), 0) / Math.max(1, ffmpegs.length), nodeMB: ownMB(node.pid), relayMB: relays.reduce((sum, pid) => sum + ownMB(pid), 0) });
  }
  return costs;
}

export async function recordingAgainstCopy(closers: Closers, say: (text: string) => void): Promise<Result[]> {
  const [cameras, seconds] = [10, 30];
  say(`P3: ${cameras} cameras on each side …`);
  const costs = await measureRecording(closers, cameras, 3, seconds);
  const per = (cpu: number): number => cpu / cameras / seconds * 100;
  return [resultOf(
    { row: 'P3', measure: 'recording, processor per camera', baselineIs: 'ffmpeg -c copy into segments', unit: '% of a core', bound: 'most', pass: 1.5, aim: 1.05,
      notes: { cameras, ofWhichFfmpeg: per(costs[0]?.ours.ffmpeg ?? 0), ofWhichNode: per(costs[0]?.ours.node ?? 0), relayNotCounted: per(costs[0]?.ours.relay ?? 0), ffmpegOwnMB: costs[0]?.ffmpegMB ?? 0 } },
    costs.map((one) => ({ ours: per(one.ours.node + one.ours.ffmpeg), baseline: per(one.baseline) })))];
}
