/** Time that leaps: the wall clock under a running node, and the media time of a camera. The camera is GStreamer's. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { JournalEntry } from '#contract/node.ts';
import { FlvReader } from '#streams/gateway/flv.ts';
import { indexFile } from '#streams/playback/boxIndex.ts';
import { assignment, startFakeCentre, type FakeCentre } from '../support/fakeCentre.ts';
import { startLeapingLine, type LeapingLine } from '../support/leapingLine.ts';
import { startMediaNode, type RunningNode } from '../support/mediaNode.ts';
import { makeClip, startRtspCamera, whyNoRtspCamera, type RtspCamera } from '../support/rtspCamera.ts';
import { makeSteppedClock } from '../support/steppedClock.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'node-time-'));
const clock = makeSteppedClock(dataDir);
const reason = whyNoRtspCamera() ?? ('reason' in clock ? clock.reason : null);
if (reason !== null) console.warn(`skipped: ${reason}`);
const HOUR = 3_600_000;
/** As far as the time of an RTP packet can leap ahead and still be ahead: 31 bits of 90 kHz. */
const LEAP_SECONDS = 23_800;

describe.skipIf(reason !== null || 'reason' in clock)('a media node whose time leaps', () => {
  let centre: FakeCentre;
  let node: RunningNode;
  let camera: RtspCamera;
  let line: LeapingLine;
  beforeAll(async () => {
    makeClip(join(dataDir, 'clip.h264'));
    camera = await startRtspCamera(join(dataDir, 'clip.h264'));
    line = await startLeapingLine(camera.port);
    centre = await startFakeCentre();
    centre.orders.cameras = [assignment('steady', { url: camera.url }), assignment('leaping', { url: `rtsp://127.0.0.1:${line.port}/cam` })];
    node = startMediaNode({ centreUrl: centre.url, secret: centre.secret, dataDir, environment: 'reason' in clock ? {} : clock.environment });
    await until('recorded', 60_000, () => recorded('steady') && recorded('leaping'));
  }, 90_000);
  afterAll(async () => { await node?.stop(); await line?.stop(); await camera?.pull(); await centre?.stop(); rmSync(dataDir, { recursive: true, force: true }); }, 30_000);

  const recorded = (id: string): boolean => centre.camera(id)?.state === 'online' && centre.camera(id)?.recording === true;
  const segmentsOf = (id: string): (JournalEntry & { type: 'segment' })[] => centre.journal.filter((one): one is JournalEntry & { type: 'segment' } => one.type === 'segment' && one.camera === id);
  const seconds = (one: { from: string; to: string }): number => (Date.parse(one.to) - Date.parse(one.from)) / 1000;
  async function until(what: string, ms: number, ask: () => boolean): Promise<void> {
    for (const end = performance.now() + ms; !ask(); await sleep(50)) if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}\n${node.log().slice(-8).join('\n')}\n${JSON.stringify(centre.journal.slice(-8))}`);
  }
  function watch(id: string) {
    const seen = { pictures: 0, last: -1, most: 0, back: 0, code: 0 };
    const reader = new FlvReader(({ kind, timestamp }) => {
      if (kind !== 'key' && kind !== 'inter') return;
      if (seen.last >= 0) { seen.most = Math.max(seen.most, timestamp - seen.last); seen.back = Math.max(seen.back, seen.last - timestamp); }
      seen.last = timestamp;
      seen.pictures += 1;
    });
    const socket = new WebSocket(`${centre.report?.gateway ?? ''}/live/${id}/main?ticket=${centre.ticket(id, 'main', { id: randomUUID() })}`.replace('http', 'ws'));
    socket.on('message', (data: Buffer) => reader.push(data)).on('close', (code) => { seen.code = code; }).on('error', () => undefined);
    return { seen, socket };
  }

  it('goes on showing and recording when a camera\'s time goes past 2^31 and 2^32 ms, and claims no footage that is not there', async () => {
    const { seen, socket } = watch('leaping');
    await until('live', 15_000, () => seen.pictures > 5);
    const before = seen.pictures;
    // 220 leaps of 6.6 hours in 15 seconds: 60 days, of which the lives of ffmpeg between share the most.
    line.leap(LEAP_SECONDS, 220);
    await until('all leapt', 40_000, () => line.left() === 0);
    await until('begun anew', 15_000, () => node.log().some((one) => one.includes('camera_time_leapt')));
    await until('recorded again', 20_000, () => recorded('leaping'));
    const calm = Date.now();
    await until('live again', 20_000, () => seen.pictures > before + 150);
    expect([seen.code, seen.back]).toEqual([0, 0]);
    // What viewers see never leaps by more than what was lost.
    expect(seen.most).toBeLessThan(8000);
    await sleep(4000);
    // A renewal, so that the last file is told.
    const told = segmentsOf('leaping').length;
    centre.orders.cameraNetworks = [...centre.orders.cameraNetworks, '192.0.2.0/24'];
    await until('the last files', 15_000, () => segmentsOf('leaping').length > told && Date.parse(segmentsOf('leaping').at(-1)?.to ?? '') > calm + 2000);
    for (const one of segmentsOf('leaping')) {
      expect(seconds(one), JSON.stringify(one)).toBeLessThan(70);
      expect(Date.parse(one.to), JSON.stringify(one)).toBeLessThan(Date.now() + 1000);
    }
    const last = segmentsOf('leaping').at(-1);
    expect(Math.abs((await indexFile(join(dataDir, 'recordings', 'local', 'leaping', last?.file ?? '')))?.seconds ?? 0) - seconds(last ?? { from: '', to: '' })).toBeLessThan(0.1);
    // What the lives of ffmpeg brought is kept, also where each picture leapt: no file is given up.
    const kept = segmentsOf('leaping').filter((one) => Date.parse(one.to) > calm - 14_000).reduce((sum, one) => sum + seconds(one), 0);
    expect(kept).toBeGreaterThan(8);
    expect(centre.journal.filter((one) => one.type === 'deleted')).toEqual([]);
    expect(segmentsOf('steady').every((one) => seconds(one) < 70)).toBe(true);
    socket.terminate();
  }, 120_000);

  it('keeps and names all it records when its clock is set by an hour, to 1970, and right again; nothing is deleted, live pictures go on', async () => {
    if ('reason' in clock) return;
    await until('recorded', 20_000, () => recorded('steady'));
    const { seen, socket } = watch('steady');
    await until('live', 15_000, () => seen.pictures > 5);
    const known = segmentsOf('steady').length;
    const began = Date.now();
    const phases: { by: number; from: number }[] = [];
    for (const by of [HOUR, 0, -HOUR, 1000 - began, 0]) {
      const steps = node.log().filter((one) => one.includes('clock_stepped')).length;
      clock.set(by / 1000);
      phases.push({ by, from: Date.now() });
      await until(`the step to ${by}`, 8000, () => node.log().filter((one) => one.includes('clock_stepped')).length > steps);
      const lives = () => node.log().filter((one) => one.includes('"frames_flow"') && one.includes('steady')).length;
      const before = lives();
      await until(`a life after ${by}`, 20_000, () => lives() > before && recorded('steady'));
      const shown = seen.pictures;
      await until(`pictures after ${by}`, 15_000, () => seen.pictures > shown + 30);
    }
    expect(seen.code).toBe(0);
    socket.terminate();
    // A viewer who comes now is let in: its ticket is of now.
    const late = watch('steady');
    await until('a new viewer', 15_000, () => late.seen.pictures > 5);
    late.socket.terminate();
    const ended = Date.now();
    await node.stop();
    const mine = segmentsOf('steady').slice(known);
    expect(centre.journal.filter((one) => one.type === 'deleted' && one.reason !== 'torn')).toEqual([]);
    // Each phase lies under its own clock: nothing of before a step is told as after it, or the other way round.
    const lost = phases.map(({ by, from }, i) => {
      const to = phases[i + 1]?.from ?? ended;
      const there = mine.filter((one) => Date.parse(one.from) >= from + by - 2500 && Date.parse(one.to) <= to + by + 2500);
      return (to - from) / 1000 - there.reduce((sum, one) => sum + seconds(one), 0);
    });
    console.info(`clock set: ${lost.map((one) => one.toFixed(1)).join(', ')} s lost at each step`);
    for (const one of lost) { expect(one).toBeLessThan(5); expect(one).toBeGreaterThan(-2.5); }
    const files = readdirSync(join(dataDir, 'recordings', 'local', 'steady'));
    expect(new Set(files)).toEqual(new Set(segmentsOf('steady').map((one) => one.file)));
    for (const one of segmentsOf('steady')) expect(createHash('sha256').update(readFileSync(join(dataDir, 'recordings', 'local', 'steady', one.file))).digest('hex'), one.file).toBe(one.sha256);
  }, 120_000);
});
