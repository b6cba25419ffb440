/**
 * `npm run bench -- LONG [minutes] [cameras] [viewers]`: a centre with its media node, cameras that are recorded and viewers
 * that watch, for as long as asked. Afterwards: how much of the time is recorded by the spans of the API, what the viewers
 * missed or saw late, how memory, heap and handles went, what the processor had to do. It is asked for by name; its figures are absolute.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingSpans } from '#contract/camera.ts';
import { makeClip } from '../support/rtspCamera.ts';
import { startClipCameras } from '../support/clipCameras.ts';
import { startBenchCentre } from './centre.ts';
import { openClosers } from './closers.ts';
import { mean, slope } from './measures.ts';
import { heapOf, type Heap } from './heap.ts';
import { commandOf, cpuSeconds, descendants, handles, ownMB, residentMB } from './processes.ts';
import { LATE_MS, Watcher, type Shown } from './watcher.ts';

const EVERY_MS = 10_000;
const WARM_UP = 0.3;
/** Pictures a second of the test's cameras. */
const RATE = 15;
const NODES = ['centre', 'node', 'relay'];

interface Sample { at: number; load: number; parts: Record<string, { memoryMB: number; ownMB: number; handles: number; cpu: number }> }

export async function longRun(minutes: number, cameras: number, viewers: number, say: (text: string) => void): Promise<object> {
  const closers = openClosers();
  const stop = (): void => { void closers.closeAll().finally(() => process.exit(1)); };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const folder = mkdtempSync(join(tmpdir(), 'toan-canh-long-'));
    closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
    makeClip(join(folder, 'clip.h264'));
    const source = await startClipCameras(join(folder, 'clip.h264'));
    closers.add(() => source.stop());
    const centre = await startBenchCentre(closers, false, { CAMERA_NETWORKS: '127.0.0.0/8' });
    const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const answer = await fetch(`${centre.url}/api/v1${path}`, { method, headers: { cookie: centre.cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return await answer.json() as T;
    };
    const ids = Array.from({ length: cameras }, (_, i) => `long-${i + 1}`);
    for (const id of ids) await call('POST', '/cameras', { id, unit: '75', name: id, position: 'counter', url: source.url(id) });
    const states = async (): Promise<string[]> => (await call<{ cameras: { state: string; recording: boolean }[] }>('GET', '/cameras')).cameras.map((one) => `${one.state}${one.recording ? ' recorded' : ''}`);
    for (const end = performance.now() + 120_000; (await states()).some((one) => one !== 'online recorded');) {
      if (performance.now() > end) throw new Error(`not all cameras came: ${(await states()).join(', ')}`);
      await sleep(1000);
    }
    const from = Date.now();
    say(`${cameras} cameras are recorded; ${minutes} minutes begin`);

    const watchers = Array.from({ length: viewers }, (_, i) => new Watcher(ids[i % ids.length] ?? '', RATE));
    closers.add(() => { for (const one of watchers) one.end(); });
    for (const one of watchers) await one.watch(async () => ({ url: `${centre.url.replace('http', 'ws')}${(await call<{ url: string }>('POST', `/cameras/${one.camera}/live-ticket`, { quality: 'sub', transport: 'ws' })).url}`, cookie: centre.cookie }));

    const samples: Sample[] = [];
    const partOf = (command: string): string => (command.includes('relay/entry') ? 'relay' : command.includes('streams/main') ? 'node' : /^\S*ffmpeg/.test(command) ? 'ffmpeg' : command.includes('postgres') ? 'database' : 'other');
    const pids = (): [string, number][] => [centre.pid, ...descendants(centre.pid)].map((pid) => [pid === centre.pid ? 'centre' : partOf(commandOf(pid)), pid]);
    const heaps = async (): Promise<Record<string, Heap | null>> => {
      const found: Record<string, Heap | null> = {};
      for (const [part, pid] of pids()) if (NODES.includes(part)) found[part] = await heapOf(pid);
      return found;
    };
    // Before the memory is followed: what is collected here must not look like growth afterwards.
    let early: Record<string, Heap | null> | null = null;
    const began = performance.now();
    for (const end = began + minutes * 60_000; performance.now() < end;) {
      if (early === null && performance.now() - began > minutes * 60_000 * (WARM_UP - 0.05)) early = await heaps();
      const parts: Sample['parts'] = {};
      for (const [part, pid] of pids()) {
        const cpu = cpuSeconds(pid, part === 'ffmpeg');
        const row = parts[part] ??= { memoryMB: 0, ownMB: 0, handles: 0, cpu: 0 };
        row.memoryMB += residentMB(pid);
        row.ownMB += ownMB(pid);
        row.handles += handles(pid);
        row.cpu += cpu;
      }
      samples.push({ at: Date.now(), load: loadavg()[0] ?? 0, parts });
      await sleep(EVERY_MS);
    }
    const shown = watchers.map((one) => one.shown());
    const late = await heaps();
    // What was recorded at the very end is still on its way into the catalogue.
    const to = Date.now() - 5_000;
    await sleep(75_000);
    let recorded = 0;
    const gaps: string[] = [];
    for (const id of ids) {
      const spans = await call<RecordingSpans>('GET', `/cameras/${id}/recordings?from=${encodeURIComponent(new Date(from).toISOString())}&to=${encodeURIComponent(new Date(to).toISOString())}`);
      recorded += spans.spans.reduce((sum, one) => sum + Date.parse(one.to) - Date.parse(one.from), 0);
      gaps.push(...spans.gaps.map((gap) => `${id} ${gap.reason} ${Math.round((Date.parse(gap.to) - Date.parse(gap.from)) / 100) / 10} s`));
    }
    const settled = samples.slice(Math.floor(samples.length * WARM_UP));
    const [first, last] = [settled[0], settled.at(-1)];
    if (!first || !last) throw new Error('too short to say anything');
    return {
      minutes, cameras, viewers, load: { mean: mean(samples.map((one) => one.load)), most: Math.max(...samples.map((one) => one.load)) },
      recordedShare: recorded / (ids.length * (to - from)), gaps: gaps.slice(0, 20),
      watched: { pictures: sum(shown, 'pictures'), missing: sum(shown, 'missing'), late: sum(shown, 'late'), lateMeansMs: LATE_MS, each: shown },
      parts: Object.fromEntries(Object.keys(last.parts).map((name) => [name, {
        memoryMB: { first: first.parts[name]?.memoryMB ?? 0, last: last.parts[name]?.memoryMB ?? 0, course: course(settled.map((one) => one.parts[name]?.memoryMB ?? 0)), slopePerHour: slope(settled.map((one) => [one.at / 3_600_000, one.parts[name]?.memoryMB ?? 0])) },
        ownMB: { first: first.parts[name]?.ownMB ?? 0, last: last.parts[name]?.ownMB ?? 0 },
        handles: { first: first.parts[name]?.handles ?? 0, last: last.parts[name]?.handles ?? 0 },
        coreShare: ((last.parts[name]?.cpu ?? 0) - (first.parts[name]?.cpu ?? 0)) / ((last.at - first.at) / 1000),
        ...(NODES.includes(name) ? { heapAfterCollection: { first: early?.[name] ?? null, last: late[name] ?? null } } : {}),
      }])),
    };
  } finally {
    await closers.closeAll();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

const sum = (all: readonly Shown[], of: 'pictures' | 'missing' | 'late'): number => all.reduce((total, one) => total + one[of], 0);
/** Means of eight stretches: whether what rises has come to an end. */
function course(values: readonly number[]): number[] {
  return Array.from({ length: 8 }, (_, i) => Math.round(mean(values.slice(Math.floor(i * values.length / 8), Math.floor((i + 1) * values.length / 8))) * 10) / 10);
}
