/** The files of one ffmpeg, on a real fragmented MP4, when the wall clock makes it name two alike. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile } from '#streams/recorder/hash.ts';
import type { NewEntry } from '#streams/recorder/journal.ts';
import { beginRun } from '#streams/recorder/run.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!hasFfmpeg) console.warn('skipped: a segment is made by ffmpeg');
const NAME = '20260105T010000Z-a1b2c3.mp4';
type Segment = Extract<NewEntry, { type: 'segment' }>;

describe.skipIf(!hasFfmpeg)('the segments of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  const [short, long] = [join(folder, 'short'), join(folder, 'long')];
  beforeAll(() => {
    for (const [path, seconds] of [[short, 2], [long, 4]] as const) execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=5:duration=${seconds}`, '-g', '5', '-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', path]);
  });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  /** `fails`: so many lines are not taken. */
  function begin(fails = 0) {
    const directory = mkdtempSync(join(folder, 'camera-'));
    const entries: NewEntry[] = [];
    const reopened: string[] = [];
    const run = beginRun({ camera: 'c', directory, suffix: 'a1b2c3', now: Date.now, onReopened: (file) => { reopened.push(file); }, journal: async (entry) => { if (fails > 0) { fails -= 1; throw new Error('no space left on the device'); } entries.push(entry); }, isKnown: (file) => entries.some((one) => one.type === 'segment' && one.file === file) && !entries.some((one) => one.type === 'deleted' && one.file === file) });
    return { directory, entries, reopened, run, journaled: () => entries.filter((one): one is Segment => one.type === 'segment') };
  }
  const until = async (ask: () => boolean) => { for (const end = performance.now() + 8000; !ask();) { expect(performance.now()).toBeLessThan(end); await new Promise((resolve) => { setTimeout(resolve, 20); }); } };

  it('are out of the way of ffmpeg when they are finished: a clock set back by an hour overwrites none', async () => {
    const { directory, run, journaled, reopened } = begin();
    for (const [i, from] of [short, long].entries()) {
      copyFileSync(from, join(directory, NAME));
      run.onSegment({ file: NAME, startMs: i * 60_000, endMs: i * 60_000 + 2000 });
      await until(() => journaled().length > i);
    }
    await run.finish();
    expect(readdirSync(directory).sort()).toEqual(journaled().map((one) => one.file).sort());
    expect([journaled().length, new Set(journaled().map((one) => one.bytes)).size, reopened]).toEqual([2, 2, []]);
    for (const one of journaled()) expect(await hashFile(join(directory, one.file))).toBe(one.sha256);
  });

  it('that the journal did not take are told again at the end of the run', async () => {
    const { directory, run, journaled } = begin(1);
    copyFileSync(short, join(directory, NAME));
    run.onSegment({ file: NAME, startMs: 0, endMs: 2000 });
    await until(() => !readdirSync(directory).includes(NAME));
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect(journaled()).toEqual([]);
    await run.finish();
    expect(journaled().map((one) => one.file)).toEqual(readdirSync(directory));
  });

  it('that were begun anew under the same name before they were journaled are told as they ended, and the first as lost', async () => {
    const { directory, run, journaled, entries, reopened } = begin();
    copyFileSync(short, join(directory, NAME));
    run.onSegment({ file: NAME, startMs: 0, endMs: 2000 });
    await until(() => journaled().length === 1);
    // ffmpeg writes on in the file that it had opened, whatever it is called by now.
    const [first = ''] = readdirSync(directory);
    appendFileSync(join(directory, first), Buffer.alloc(50));
    run.onSegment({ file: NAME, startMs: 2000, endMs: 6000 });
    await until(() => journaled().length === 2);
    await run.finish();
    expect([entries.map((one) => one.type), reopened]).toEqual([['segment', 'deleted', 'segment'], [first]]);
    const last = journaled().at(-1);
    expect([readdirSync(directory), await hashFile(join(directory, last?.file ?? ''))]).toEqual([[last?.file], last?.sha256]);
  });
});
