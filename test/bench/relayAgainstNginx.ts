/**
 * P1: what it costs the processor to bring live pictures to viewers, per byte delivered: our relay and gateway, with tickets
 * and bounds, against Debian's nginx with its RTMP module. The same ffmpegs publish to both, as many viewers read from each,
 * at the same time. P2: what a viewer and a stream cost of memory, by least squares over growing numbers of them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeClip } from '../support/rtspCamera.ts';
import { signTicket } from '../support/fakeCentre.ts';
import type { Closers } from './closers.ts';
import { ask, startHelper, type Helper } from './helper.ts';
import { resultOf, slope, type Result } from './measures.ts';
import { startNginx } from './nginx.ts';
import { cpuSeconds, ownMB } from './processes.ts';

const SETTLE_MS = 8000;
interface Where { port: number; key: string; relay: number; pid: number; up: boolean; publish: string }
export interface Stage { where: Where; publish(count: number, nginx: ((stream: string) => string) | null): Promise<void>; watch(count: number): Promise<void>; readers: Helper; streams(): number }

/** Our side, with publishers and viewers that grow as asked. */
export async function relayStage(closers: Closers): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-p1-'));
  closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
  const clip = join(folder, 'clip.mp4');
  makeClip(join(folder, 'clip.h264'), 'h264', { size: '1280x720', kbps: 1200, noise: true });
  // What has no times cannot be begun anew at its end.
  execFileSync('ffmpeg', ['-loglevel', 'error', '-framerate', '15', '-i', join(folder, 'clip.h264'), '-c', 'copy', clip]);
  const host = await startHelper('relayHost.ts', closers);
  const readers = await startHelper('readers.ts', closers);
  let where = await ask<Where>(host, { do: 'where' });
  for (const end = performance.now() + 20_000; !where.up; where = await ask<Where>(host, { do: 'where' })) { if (performance.now() > end) throw new Error('the relay did not start'); await sleep(100); }
  let streams = 0;
  let viewers = 0;
  return {
    where, readers, streams: () => streams,
    async publish(count, nginx) {
      for (; streams < count; streams += 1) {
        const name = `s${streams}`;
        const child = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', clip, ...[where.publish.replace('NAME', name), ...(nginx === null ? [] : [nginx(name)])].flatMap((url) => ['-c', 'copy', '-f', 'flv', '-flvflags', 'no_duration_filesize', url])], { stdio: ['ignore', 'ignore', 'inherit'] });
        const gone = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
        closers.add(async () => { child.kill('SIGKILL'); await gone; });
        // Not all on one beat: cameras are not either.
        await sleep(70 + Math.random() * 60);
      }
      for (const end = performance.now() + 60_000; await ask<number | null>(host, { do: 'rate', stream: `s${count - 1}` }) === null;) { if (performance.now() > end) throw new Error('not all streams came'); await sleep(500); }
    },
    async watch(count) {
      const targets = Array.from({ length: Math.max(0, count - viewers) }, (_, i) => {
        const camera = `s${(viewers + i) % streams}`;
        const ticket = signTicket(where.key, { id: randomUUID(), camera, quality: 'main', session: 'bench', notBefore: Date.now(), expires: Date.now() + 60_000 });
        return `/live/${camera}/main?ticket=${ticket}`;
      });
      viewers = await ask<number>(readers, { do: 'watch', side: 'ours', port: where.port, targets });
    },
  };
}
export const delivered = async (readers: Helper, side: 'ours' | 'nginx'): Promise<number> => {
  const bytes = await ask<number[]>(readers, { do: 'bytes', side });
  if (bytes.some((one) => one < 0)) throw new Error(`${bytes.filter((one) => one < 0).length} viewers of ${side} were cut off`);
  return bytes.reduce((sum, one) => sum + one, 0);
};
export const relayCpu = ({ where }: Stage): number => cpuSeconds(where.pid) + cpuSeconds(where.relay);
export const relayMB = ({ where }: Stage): number => ownMB(where.pid) + ownMB(where.relay);

export async function relayAgainstNginx(closers: Closers, say: (text: string) => void): Promise<Result[]> {
  const [streams, each, windows, seconds] = [25, 8, 5, 20];
  const nginx = await startNginx(closers);
  if ('missing' in nginx) throw new Error(`P1 has no baseline here: ${nginx.missing}`);
  say(`P1: ${streams} streams with ${each} viewers each, ours and nginx …`);
  const stage = await relayStage(closers);
  await stage.publish(streams, nginx.publishUrl);
  await stage.watch(streams * each);
  await ask(stage.readers, { do: 'watch', side: 'nginx', port: nginx.port, targets: Array.from({ length: streams * each }, (_, i) => `s${i % streams}`) });
  await sleep(SETTLE_MS);
  const reading = async () => ({ ours: relayCpu(stage), relay: cpuSeconds(stage.where.relay), nginx: cpuSeconds(nginx.pid), bytes: await delivered(stage.readers, 'ours'), nginxBytes: await delivered(stage.readers, 'nginx') });
  const pairs: { ours: number; baseline: number }[] = [];
  const first = await reading();
  let before = first;
  for (let window = 0; window < windows; window += 1) {
    await sleep(seconds * 1000);
    const after = await reading();
    pairs.push({ ours: (after.ours - before.ours) / (after.bytes - before.bytes) * 1e9, baseline: (after.nginx - before.nginx) / (after.nginxBytes - before.nginxBytes) * 1e9 });
    before = after;
  }
  const time = windows * seconds;
  return [resultOf({ row: 'P1', measure: 'relay and gateway, processor per byte delivered', baselineIs: `Debian's nginx, RTMP`, unit: 's a GB', bound: 'most', pass: 2, aim: 1.3,
    notes: { streams, viewers: streams * each, ofWhichRelay: (before.relay - first.relay) / (before.bytes - first.bytes) * 1e9, megabitsASecond: (before.bytes - first.bytes) * 8 / time / 1e6, nginxMegabits: (before.nginxBytes - first.nginxBytes) * 8 / time / 1e6, nginx: nginx.version } }, pairs)];
}

/** Steps are taken in one life of the relay; each is left to settle. */
export async function memoryOfRelay(closers: Closers, say: (text: string) => void, streamSteps: readonly number[], viewerSteps: readonly number[]): Promise<{ streams: [number, number][]; viewers: [number, number][] }> {
  const stage = await relayStage(closers);
  const streams: [number, number][] = [];
  for (const count of streamSteps) {
    await stage.publish(count, null);
    await sleep(SETTLE_MS);
    streams.push([count, relayMB(stage)]);
    say(`${count} streams: ${relayMB(stage).toFixed(1)} MB`);
  }
  const viewers: [number, number][] = [];
  for (const count of viewerSteps) {
    await stage.watch(count);
    await sleep(SETTLE_MS);
    viewers.push([count, relayMB(stage)]);
    say(`${count} viewers: ${relayMB(stage).toFixed(1)} MB`);
  }
  return { streams, viewers };
}

export async function relayMemory(closers: Closers, say: (text: string) => void): Promise<Result[]> {
  say('P2: streams and viewers that grow …');
  const { streams, viewers } = await memoryOfRelay(closers, say, [5, 15, 25], [25, 75, 200]);
  const row = (measure: string, points: [number, number][], pass: number, aim: number): Result => resultOf(
    { row: 'P2', measure, baselineIs: 'none: megabytes', unit: 'MB', bound: 'most', pass, aim, notes: Object.fromEntries(points.map(([count, mb]) => [`at${count}`, mb])) }, [{ ours: slope(points), baseline: 1 }]);
  return [row('memory of a viewer', viewers, 0.2, 0.05), row('memory of a stream', streams, 3, 1.5)];
}
