import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '#contract/node.ts';
import { openRecorder, type Recorder } from '#streams/recorder/recorder.ts';
import { startRetention, type Retention } from '#streams/recorder/retention.ts';
import { judgeSpace } from '#streams/recorder/space.ts';

const log = pino({ level: 'silent' });
const NOW = Date.UTC(2026, 0, 31);
const DAY = 86_400_000;
let retention: Retention | null = null;
let recorder: Recorder | null = null;
afterEach(async () => { retention?.stop(); await recorder?.stop(); });

/** One recording a day for ten days, for each camera. */
async function recorded(cameras: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'retention-'));
  recorder = await openRecorder({ root, log, now: () => NOW });
  recorder.hold([]);
  for (const camera of cameras) {
    mkdirSync(join(root, camera));
    for (let day = 10; day >= 1; day -= 1) {
      const from = NOW - day * DAY;
      const file = `${new Date(from).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z-abcdef.mp4`;
      writeFileSync(join(root, camera, file), 'x');
      const [entry] = await recorder.journal.append([{ type: 'segment', camera, file, from: new Date(from).toISOString(), to: new Date(from + 60_000).toISOString(), bytes: 1, sha256: '', codec: 'h264' }]);
      recorder.catalogue.apply(entry as JournalEntry);
    }
  }
  return { root, recorder };
}
const settled = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 300); });
const left = (camera: string): number => recorder?.catalogue.between(camera, 0, Infinity).length ?? 0;

describe('what is deleted', () => {
  it('is what is past its days, file and line', async () => {
    const { root, recorder: open } = await recorded(['a', 'b']);
    const oldest = open.catalogue.oldest('a')?.file ?? '';
    retention = startRetention({ recorder: open, root, limits: { freeShare: 0, freeBytes: 0, enoughBytes: 0 }, keepOf: () => ({ days: 7, bytes: null }), now: () => NOW, log, onChange: () => undefined });
    await settled();
    // Ten, nine, eight and seven days old: the last ended a minute after its day began, so it is not yet past.
    expect([left('a'), left('b')]).toEqual([7, 7]);
    expect(existsSync(join(root, 'a', oldest))).toBe(false);
    expect((await open.journal.after(20, 100)).map((one) => one.type === 'deleted' && one.reason)).toEqual(Array(6).fill('expired'));
  });

  it('is nothing by age while the clock is not believed, and never what a clock of before its setting named; the size of a camera counts all the same', async () => {
    const { recorder: open } = await recorded(['a']);
    const [first] = await open.journal.append([{ type: 'segment', camera: 'a', file: '19700101T000100Z-abcdef.mp4', from: '1970-01-01T00:01:00Z', to: '1970-01-01T00:02:00Z', bytes: 1, sha256: '', codec: 'h264' }]);
    open.catalogue.apply(first as JournalEntry);
    let believed = false;
    let bytes: number | null = null;
    const parts = { recorder: open, root: '/', limits: { freeShare: 0, freeBytes: 0, enoughBytes: 0 }, keepOf: () => ({ days: 7, bytes }), mayExpire: () => believed, now: () => NOW, log, onChange: () => undefined };
    const once = async () => { retention?.stop(); retention = startRetention(parts); await settled(); return left('a'); };
    expect(await once()).toBe(11);
    believed = true;
    expect([await once(), open.catalogue.has('a', '19700101T000100Z-abcdef.mp4')]).toEqual([8, true]);
    bytes = 6;
    believed = false;
    expect([await once(), open.catalogue.has('a', '19700101T000100Z-abcdef.mp4')]).toEqual([6, false]);
  });

  it('is nothing while the days are not known', async () => {
    const { root, recorder: open } = await recorded(['a']);
    retention = startRetention({ recorder: open, root, limits: { freeShare: 0, freeBytes: 0, enoughBytes: 0 }, keepOf: () => null, now: () => NOW, log, onChange: () => undefined });
    await settled();
    expect(left('a')).toBe(10);
  });

  it('is the oldest of all when the disk runs short, and recording is told to stop', async () => {
    const { root, recorder: open } = await recorded(['a', 'b']);
    const said: string[] = [];
    retention = startRetention({ recorder: open, root, limits: { freeShare: 0, freeBytes: Number.MAX_SAFE_INTEGER, enoughBytes: 0 }, keepOf: () => ({ days: 99, bytes: null }), now: () => NOW, log, onChange: (state) => said.push(state) });
    await settled();
    expect(said).toEqual(['full']);
    expect(retention.state()).toBe('full');
    // Nothing can make that much room: all went, oldest first.
    const gone = (await open.journal.after(20, 100)).flatMap((one) => one.type === 'deleted' ? [one.file.slice(0, 8)] : []);
    expect(gone).toEqual([...gone].sort());
    expect(gone.length).toBe(20);
  });

  it('is the oldest of a camera that has more than its size, and nothing of the others', async () => {
    const { root, recorder: open } = await recorded(['a', 'b']);
    retention = startRetention({ recorder: open, root, limits: { freeShare: 0, freeBytes: 0, enoughBytes: 0 }, keepOf: (camera) => ({ days: 99, bytes: camera === 'a' ? 4 : null }), now: () => NOW, log, onChange: () => undefined });
    await settled();
    // Each file is one byte.
    expect([left('a'), left('b'), open.catalogue.bytes('a')]).toEqual([4, 10, 4]);
    expect((await open.journal.after(20, 100)).map((one) => one.type === 'deleted' && one.reason)).toEqual(Array(6).fill('quota'));
  });

  it('is not what was recorded last, however much of the camera is held', async () => {
    const { root, recorder: open } = await recorded(['a']);
    open.hold([{ id: '1', camera: 'a', from: NOW - 10 * DAY, to: NOW - 6 * DAY + 60_000 }]);
    retention = startRetention({ recorder: open, root, limits: { freeShare: 0, freeBytes: 0, enoughBytes: 0 }, keepOf: () => ({ days: 99, bytes: 3 }), now: () => NOW, log, onChange: () => undefined });
    await settled();
    // Five days are held and count for nothing; of the other five the size keeps the newest three.
    expect(open.catalogue.between('a', 0, Infinity).map((one) => Math.round((NOW - one.fromMs) / DAY))).toEqual([10, 9, 8, 7, 6, 3, 2, 1]);
  });

  it('begins again only with a margin', () => {
    const limits = { freeShare: 0.05, freeBytes: 1e9, enoughBytes: 20e9 };
    expect(judgeSpace({ freeBytes: 4.9e9, totalBytes: 100e9 }, 'enough', limits)).toBe('full');
    expect(judgeSpace({ freeBytes: 5.2e9, totalBytes: 100e9 }, 'full', limits)).toBe('full');
    expect(judgeSpace({ freeBytes: 5.6e9, totalBytes: 100e9 }, 'full', limits)).toBe('enough');
    expect(judgeSpace({ freeBytes: 0.9e9, totalBytes: 10e9 }, 'enough', limits)).toBe('full');
    expect(judgeSpace({ freeBytes: 30e9, totalBytes: 4000e9 }, 'enough', limits)).toBe('enough');
  });
});
