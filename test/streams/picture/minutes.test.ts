/** Minutes on the node's disk until the centre has them; the clock in sender reports. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMinuteLog } from '#streams/picture/minuteLog.ts';
import { SenderClock } from '#streams/picture/senderClock.ts';
import { readReports } from '#streams/source/interleaved.ts';

/** What a run tells, whole and cut at every place. */
function senderTimes(run: Buffer): number[] {
  const told: number[] = [];
  readReports((ms) => told.push(ms)).run(run);
  for (let cut = 1; cut < run.length; cut += 1) {
    const pieces: number[] = [];
    const reader = readReports((ms) => pieces.push(ms));
    reader.run(run.subarray(0, cut));
    reader.run(run.subarray(cut));
    if (pieces.join() !== told.join()) throw new Error(`cut at ${cut}: ${pieces.join()} in place of ${told.join()}`);
  }
  return told;
}

const root = mkdtempSync(join(tmpdir(), 'minutes-'));
afterAll(() => { rmSync(root, { recursive: true, force: true }); });
const minute = (n: number) => ({ camera: 'desk', minute: new Date(Date.UTC(2026, 2, 2, 1, n)).toISOString(), staff: 0.25, public: null, usable: true });
let folders = 0;
const fresh = () => join(root, String(folders += 1));

describe('the minutes of a node', () => {
  it('wait for the centre over restarts, numbered without a gap, and go when it has them', async () => {
    const folder = fresh();
    const first = await openMinuteLog(folder, { partLines: 4 });
    for (let n = 0; n < 10; n += 1) await first.append([minute(n)]);
    const again = await openMinuteLog(folder, { partLines: 4 });
    expect((await again.waiting(100)).map((one) => one.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await again.waiting(3)).map((one) => one.seq)).toEqual([1, 2, 3]);
    await again.acknowledge(5);
    expect((await again.waiting(100)).map((one) => one.seq)).toEqual([6, 7, 8, 9, 10]);
    await again.acknowledge(10);
    expect(await again.waiting(100)).toEqual([]);
    // The count goes on although every line is gone.
    const third = await openMinuteLog(folder);
    await third.append([minute(11)]);
    expect((await third.waiting(100)).map((one) => one.seq)).toEqual([11]);
    expect(readdirSync(folder)).toHaveLength(1);
  });
  it('are bounded: what is oldest goes when the centre stays away', async () => {
    const log = await openMinuteLog(fresh(), { partLines: 5, parts: 3 });
    for (let n = 0; n < 40; n += 1) await log.append([minute(n)]);
    const seqs = (await log.waiting(100)).map((one) => one.seq);
    expect([seqs[0], seqs.at(-1), seqs.length]).toEqual([26, 40, 15]);
  });
  it('lose a line that a crash tore, and no other', async () => {
    const folder = fresh();
    const log = await openMinuteLog(folder);
    await log.append([minute(0), minute(1)]);
    appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '{"seq":3,"cam');
    const again = await openMinuteLog(folder);
    await again.append([minute(2)]);
    expect((await again.waiting(100)).map((one) => one.seq)).toEqual([1, 2, 3]);
  });
  it('are not forgotten by an acknowledgement of what was never written', async () => {
    const log = await openMinuteLog(fresh());
    await log.append([minute(0)]);
    await log.acknowledge(99);
    await log.append([minute(1)]);
    expect((await log.waiting(10)).map((one) => one.seq)).toEqual([2]);
  });
});

/** A frame on an interleaved channel with a sender report of this instant. */
function report(ms: number, channel = 1): Buffer {
  const frame = Buffer.alloc(4 + 28);
  frame[0] = 0x24;
  frame[1] = channel;
  frame.writeUInt16BE(28, 2);
  frame[4] = 0x80;
  frame[5] = 200;
  frame.writeUInt16BE(6, 6);
  frame.writeUInt32BE(Math.floor(ms / 1000) + 2_208_988_800, 12);
  frame.writeUInt32BE(Math.floor((ms % 1000) / 1000 * 2 ** 32), 16);
  return frame;
}
const media = Buffer.concat([Buffer.from([0x24, 0, 0, 40]), Buffer.alloc(40, 0x24)]);

describe('the clock of a camera', () => {
  const at = Date.parse('2026-03-02T01:00:00.500Z');
  it('is read from its sender reports, between media, on their channel', () => {
    expect(senderTimes(Buffer.concat([media, report(at), media, report(at + 5000)]))).toEqual([at, at + 5000]);
    expect(senderTimes(report(at, 0))).toEqual([]);
    expect(senderTimes(media)).toEqual([]);
  });
  it('is not told by a camera that counts from its start, nor by half a report, nor by noise', () => {
    expect(senderTimes(report(3_600_000))).toEqual([]);
    expect(senderTimes(report(at).subarray(0, 14))).toEqual([]);
    expect(senderTimes(Buffer.alloc(1000, 0x24))).toEqual([]);
  });
  it('is the median of some: one odd report changes nothing', () => {
    const clock = new SenderClock();
    clock.add(at + 3_600_000, at);
    clock.add(at + 90_000, at);
    expect(clock.seconds()).toBe(null);
    clock.add(at + 91_000, at);
    expect(clock.seconds()).toBe(91);
  });
});
