/**
 * `npm run bench -- WALL [minutes]`: a wall as an operation centre has it — map, charts, nine players — in a real browser for
 * as long as asked. Afterwards: the page's heap after collecting garbage, minute by minute, and the frames that were dropped,
 * beside those that the same machine drops when it shows nine players and nothing else. It is asked for by name.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { openBrowser, whyNoBrowser } from '../support/browser.ts';
import { startClipCameras } from '../support/clipCameras.ts';
import { makeClip } from '../support/rtspCamera.ts';
import { startBenchCentre } from './centre.ts';
import { openClosers } from './closers.ts';

const PLAYERS = 9;
const WARM_UP = 0.3;
/** Of the heap after collecting, in MB an hour; what one sees of noise in half an hour is about half of it. */
const FLAT = 6;
const MAY_DROP = 0.02;
interface Frames { total: number; dropped: number; playing: number }

export async function wallRun(minutes: number, say: (text: string) => void): Promise<{ pass: boolean }> {
  const reason = whyNoBrowser();
  if (reason !== null) throw new Error(reason);
  const closers = openClosers();
  const stop = (): void => { void closers.closeAll().finally(() => process.exit(1)); };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const folder = mkdtempSync(join(tmpdir(), 'toan-canh-wall-'));
    closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
    makeClip(join(folder, 'clip.h264'));
    const source = await startClipCameras(join(folder, 'clip.h264'));
    closers.add(() => source.stop());
    // The simulated province for figures that move; its cameras would be drawn by this machine while they are measured.
    const centre = await startBenchCentre(closers, false, { DEMO: 'on', CAMERA_NETWORKS: '127.0.0.0/8' });
    const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
      const answer = await fetch(`${centre.url}/api/v1${path}`, { method, headers: { cookie: centre.cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (answer.status === 204 ? null : await answer.json()) as T;
    };
    const cameras = async () => (await call<{ cameras: { id: string; state: string }[] }>('GET', '/cameras')).cameras;
    for (const { id } of await cameras()) await call('DELETE', `/cameras/${id}`);
    for (let i = 0; i < PLAYERS; i += 1) await call('POST', '/cameras', { id: `wall-${i}`, unit: '75', name: `wall-${i}`, position: 'counter', url: source.url(`wall-${i}`) });
    for (const end = performance.now() + 240_000; (await cameras()).filter((one) => one.state === 'online').length < PLAYERS;) {
      if (performance.now() > end) throw new Error(`not all came: ${JSON.stringify(await cameras())}`);
      await sleep(1_000);
    }
    const pictures = (at: object) => ({ id: 'cameras', kind: 'cameras', at, settings: { count: PLAYERS } });
    const scene = async (name: string, tiles: object[]) => (await call<{ id: string }>('POST', '/scenes', { name, unit: '75', tiles })).id;
    const bare = await scene('Players alone', [pictures({ x: 0, y: 0, w: 12, h: 8 })]);
    const full = await scene('Everything', [
      { id: 'figures', kind: 'figures', at: { x: 0, y: 0, w: 12, h: 1 } }, { id: 'map', kind: 'map', at: { x: 0, y: 1, w: 4, h: 4 } }, pictures({ x: 4, y: 1, w: 8, h: 4 }),
      { id: 'trend', kind: 'trend', at: { x: 0, y: 5, w: 4, h: 3 } }, { id: 'satisfaction', kind: 'satisfaction', at: { x: 4, y: 5, w: 4, h: 3 } }, { id: 'forecast', kind: 'forecast', at: { x: 8, y: 5, w: 2, h: 3 } }, { id: 'alerts', kind: 'alerts', at: { x: 10, y: 5, w: 2, h: 3 } },
    ]);

    const browser = await openBrowser();
    closers.add(async () => { await browser.close(); });
    const show = async (id: string): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
      const [name = '', value = ''] = centre.cookie.split('=');
      await context.addCookies([{ name, value, url: centre.url }]);
      const page = await context.newPage();
      await page.goto(`${centre.url}/wall/${id}`);
      await page.waitForFunction((n) => document.querySelectorAll('.tile.live').length >= n, PLAYERS, { timeout: 180_000 });
      return page;
    };
    const alone = await show(bare);
    const aloneMinutes = Math.min(2, Math.max(0.5, minutes / 10));
    const before = await framesOf(alone);
    await sleep(aloneMinutes * 60_000);
    const baseline = shareOf(before, await framesOf(alone));
    await alone.context().close();
    say(`players alone for ${aloneMinutes} min dropped ${(baseline * 100).toFixed(2)} %; ${minutes} minutes of the whole wall begin`);

    const page = await show(full);
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.enable');
    const samples: { minute: number; heapMB: number; nodes: number; frames: Frames; load: number }[] = [];
    const started = performance.now();
    for (let n = 0; n <= minutes; n += 1) {
      const wait = started + n * 60_000 - performance.now();
      if (wait > 0) await sleep(wait);
      samples.push({ minute: n, ...await heapOf(session), frames: await framesOf(page), load: loadavg()[0] ?? 0 });
      const now = samples.at(-1);
      if (n % 5 === 0) say(`minute ${n}: heap ${now?.heapMB.toFixed(1)} MB, ${now?.nodes} nodes, ${now?.frames.playing} playing, dropped ${now?.frames.dropped} of ${now?.frames.total}, load ${now?.load.toFixed(0)}`);
    }
    const settled = samples.slice(Math.floor(samples.length * WARM_UP));
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || !last || settled.length < 2) throw new Error('too short to say anything');
    const slope = slopeOf(settled.map((one) => [one.minute / 60, one.heapMB]));
    const dropped = shareOf(first.frames, last.frames);
    const result = {
      minutes, players: PLAYERS, load: { mean: mean(samples.map((one) => one.load)), most: Math.max(...samples.map((one) => one.load)) },
      heapMB: { first: settled[0]?.heapMB, last: last.heapMB, slopePerHour: slope, flat: slope <= FLAT }, nodes: { first: settled[0]?.nodes, last: last.nodes },
      frames: last.frames.total - first.frames.total, dropped, droppedByPlayersAlone: baseline, droppedMore: dropped - baseline, everPlaying: Math.min(...samples.map((one) => one.frames.playing)),
    };
    process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    return { pass: slope <= FLAT && dropped - baseline <= MAY_DROP };
  } finally {
    await closers.closeAll();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Over all players; one that was begun anew counts from where it was. */
async function framesOf(page: Page): Promise<Frames> {
  return await page.evaluate(() => {
    const kept = ((globalThis as unknown as { framesKept?: Map<number, { total: number; dropped: number; sum: { total: number; dropped: number } }> }).framesKept ??= new Map());
    [...document.querySelectorAll('video')].forEach((video, i) => {
      const now = video.getVideoPlaybackQuality();
      const one = kept.get(i) ?? { total: 0, dropped: 0, sum: { total: 0, dropped: 0 } };
      const again = now.totalVideoFrames < one.total;
      one.sum.total += now.totalVideoFrames - (again ? 0 : one.total);
      one.sum.dropped += now.droppedVideoFrames - (again ? 0 : one.dropped);
      kept.set(i, { ...one, total: now.totalVideoFrames, dropped: now.droppedVideoFrames });
    });
    const all = [...kept.values()];
    return { total: all.reduce((sum, one) => sum + one.sum.total, 0), dropped: all.reduce((sum, one) => sum + one.sum.dropped, 0), playing: document.querySelectorAll('.tile.live').length };
  });
}
const shareOf = (before: Frames, after: Frames): number => (after.dropped - before.dropped) / Math.max(1, after.total - before.total);
async function heapOf(session: CDPSession): Promise<{ heapMB: number; nodes: number }> {
  // Twice: what the first one frees lets go of more.
  for (let i = 0; i < 2; i += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  return { heapMB: usedSize / 1e6, nodes };
}
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
/** Least squares. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(points.map((one) => one[0])), mean(points.map((one) => one[1]))];
  const across = points.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
  return across === 0 ? 0 : points.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0) / across;
}
