/** Encoded clips through ffmpeg, the queue and the rules: each finding at its minute, what it costs, and what is left out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraAssignment, NodeCamera } from '#contract/node.ts';
import type { CameraMinute, NodePicture } from '#contract/picture.ts';
import { findFfmpeg } from '#streams/ffmpeg/binary.ts';
import { openReferences } from '#streams/picture/reference.ts';
import { openSampler, type TakeSample } from '#streams/picture/sample.ts';
import { startPictureWatch } from '#streams/picture/watch.ts';
import { openScene } from '#streams/source/scene/scene.ts';
import { assignment } from '../../support/fakeCentre.ts';

let hasFfmpeg = true;
try { execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' }); } catch { hasFfmpeg = false; console.warn('skipped: no ffmpeg on PATH'); }

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
const START = Date.parse('2026-03-02T01:00:00Z');
const ALL: [number, number][] = [[0, 0], [1, 0], [1, 1], [0, 1]];
const still = ['-loop', '1', '-framerate', '5', '-i', join(folder, 'counter.ppm')];
const CLIPS: Record<string, string[]> = {
  good: [...still, '-vf', 'scale=640:360,noise=alls=8:allf=t'],
  night: [...still, '-vf', 'eq=brightness=-0.25:contrast=0.35:saturation=0,noise=alls=14:allf=t'],
  black: ['-f', 'lavfi', '-i', 'color=black:s=640x360:r=5', '-vf', 'noise=alls=14:allf=t'],
  frozen: [...still, '-vf', 'drawbox=x=20:y=10:w=150:h=14:color=white:t=fill:enable=lt(mod(n\\,20)\\,10)'],
  covered: ['-f', 'lavfi', '-i', 'color=0x705040:s=640x360:r=5', '-vf', 'noise=alls=8:allf=t'],
  blurred: [...still, '-vf', 'gblur=sigma=5,noise=alls=8:allf=t'],
  shifted: [...still, '-vf', 'scale=800:450,crop=640:360:150:80,noise=alls=8:allf=t'],
};

describe.skipIf(!hasFfmpeg)('closed files of a camera', () => {
  let sample: TakeSample;
  beforeAll(async () => {
    writeFileSync(join(folder, 'counter.ppm'), Buffer.concat([Buffer.from('P6 640 360 255\n'), Buffer.from(openScene('counter', 0, { width: 640, height: 360, rate: 8 }).draw(0))]));
    mkdirSync(join(folder, 'desk'));
    for (const [name, input] of Object.entries(CLIPS)) {
      execFileSync('ffmpeg', ['-loglevel', 'error', '-y', ...input, '-t', '24', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-keyint_min', '10', '-sc_threshold', '0', '-pix_fmt', 'yuv420p', '-b:v', '900k', '-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', join(folder, 'desk', `${name}.mp4`)]);
    }
    writeFileSync(join(folder, 'desk', 'torn.mp4'), 'this is no film');
    sample = openSampler(await findFfmpeg({ path: process.env.PATH ?? '', runDir: join(folder, 'run') }));
  }, 120_000);
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  /** A camera whose recorder closes one file after the other, a minute apart by a clock of its own. */
  function camera(everyMinutes: number, take: TakeSample = sample) {
    let now = START;
    let last: { file: string; fromMs: number; toMs: number; bytes: number } | null = null;
    const minutes: CameraMinute[] = [];
    const desk: CameraAssignment = { ...assignment('desk'), picture: { confirmedAt: new Date(START).toISOString(), zones: { staff: ALL } } };
    let looked: () => void = () => undefined;
    const watch = startPictureWatch({
      orders: () => ({ everyMinutes, confirm: 2, clockSeconds: 60 }), assignments: () => [desk], catalogue: { last: () => last }, directory: () => join(folder, 'desk'), sample: take,
      minutes: { append: async (fresh) => { minutes.push(...fresh); looked(); } }, references: openReferences(mkdtempSync(join(folder, 'references-'))), now: () => now, log: pino({ level: 'silent' }),
    });
    const online: NodeCamera = { id: 'desk', state: 'online', reason: null, since: new Date(START).toISOString(), bitrateKbps: null, frameRate: null, lastFrameAt: null, recording: true, viewers: 0 };
    let shown = 0;
    return {
      watch, minutes, desk, report: () => watch.judged(online),
      /** Closes a file of the minute after the last; `looks` false: none is expected. */
      async show(clip: string, looks = true): Promise<string> {
        const from = START + shown * 60_000;
        shown += 1;
        now = from + 61_000;
        const done = new Promise<void>((resolve) => { looked = resolve; });
        // The files of a real recorder have names of their own.
        const file = `${clip}.mp4`;
        last = { file: `./${'./'.repeat(shown % 7)}${file}`, fromMs: from, toMs: from + 60_000, bytes: 1 };
        await Promise.race([done, new Promise((resolve) => { setTimeout(resolve, looks ? 8000 : 1800); })]);
        await new Promise((resolve) => { setTimeout(resolve, 20); });
        const { state, picture } = watch.judged(online);
        return [state, ...(picture?.warnings ?? [])].join(' ');
      },
    };
  }

  it('are judged minute by minute', async () => {
    const one = camera(1);
    const told: string[] = [];
    for (const clip of ['good', 'good', 'black', 'black', 'good', 'frozen', 'frozen', 'frozen', 'night', 'covered', 'covered', 'good', 'blurred', 'blurred', 'good', 'good', 'shifted', 'shifted', 'night', 'night']) told.push(`${clip}: ${await one.show(clip)}`);
    await one.watch.stop();
    expect(told).toEqual([
      'good: online', 'good: online', 'black: online', 'black: black', 'good: online', 'frozen: online', 'frozen: online', 'frozen: frozen', 'night: online', 'covered: online', 'covered: covered', 'good: online',
      'blurred: online', 'blurred: online out_of_focus', 'good: online out_of_focus', 'good: online', 'shifted: online', 'shifted: online moved', 'night: online moved', 'night: online',
    ]);
    expect(one.minutes.map((minute) => minute.minute)).toEqual(Array.from({ length: 20 }, (_, i) => new Date(START + i * 60_000).toISOString()));
    // Of a picture that shows nothing, nothing is said of what moves in it.
    expect(one.minutes.map((minute) => (minute.usable ? (minute.staff ?? -1) < 0.01 : minute.staff === null))).toEqual(one.minutes.map(() => true));
    expect(one.minutes.filter((minute) => !minute.usable)).toHaveLength(7);
    const { picture } = one.report();
    expect(picture?.referenceOf).toBe(new Date(START).toISOString());
    // A minute of ours at 640×360 has 12 key frames; a machine under load is slower, not costlier.
    expect(picture?.cpuSeconds).toBeGreaterThan(0.005);
    expect(picture?.cpuSeconds).toBeLessThan(1);
  }, 120_000);

  it('are looked at every few minutes, and in the next one while in doubt', async () => {
    const one = camera(4);
    await one.show('good');
    const before = one.minutes.length;
    for (let i = 0; i < 8; i += 1) await one.show('good', false);
    expect(one.minutes.length - before).toBe(2);
    const first = one.minutes.length;
    for (let i = 0; i < 5; i += 1) await one.show('black', false);
    // Within the next four minutes the first look, and at once the second.
    expect(one.minutes.length - first).toBeGreaterThanOrEqual(2);
    expect(one.report().state).toBe('black');
    await one.watch.stop();
  }, 60_000);

  it('that cannot be read are said to be so, and are no finding', async () => {
    const one = camera(1);
    await one.show('good');
    expect(await one.show('torn', false)).toBe('online');
    expect((one.report().picture as NodePicture).unchecked).toBe('unreadable');
    expect(await one.show('good')).toBe('online');
    expect((one.report().picture as NodePicture).unchecked).toBe(null);
    await one.watch.stop();
  }, 30_000);

  it('of a camera that is not recorded are not there: that is said', async () => {
    const one = camera(1);
    one.desk.record = false;
    await one.show('black', false);
    expect(one.report()).toMatchObject({ state: 'online', picture: { unchecked: 'not_recorded', finding: null } });
    await one.watch.stop();
  });

  it('are left out and counted when the node is too busy', async () => {
    let free: () => void = () => undefined;
    const one = camera(1, async (path) => { await new Promise<void>((resolve) => { free = resolve; }); return await sample(path); });
    for (let i = 0; i < 3; i += 1) await one.show('good', false);
    expect(one.report().picture?.dropped).toBe(1);
    free();
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    free();
    await one.watch.stop();
  }, 30_000);
});
