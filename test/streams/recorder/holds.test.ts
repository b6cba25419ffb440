/** Invariant: nothing under hold is ever deleted, by any path of the recorder. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pino from 'pino';
import { expect, it } from 'vitest';
import type { HeldRange, JournalEntry } from '#contract/node.ts';
import { openRecorder } from '#streams/recorder/recorder.ts';
import { startRetention } from '#streams/recorder/retention.ts';

const log = pino({ level: 'silent' });
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 31);
const CAMERAS = ['a', 'b'];
const fileAt = (fromMs: number) => `${new Date(fromMs).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z-abcdef.mp4`;

async function recorded(segments: { camera: string; hoursAgo: number }[]) {
  const root = mkdtempSync(join(tmpdir(), 'holds-'));
  const recorder = await openRecorder({ root, log, now: () => NOW });
  for (const camera of CAMERAS) mkdirSync(join(root, camera));
  const list = [...new Map(segments.map((one) => [`${one.camera} ${one.hoursAgo}`, one])).values()].map(({ camera, hoursAgo }) => ({ camera, fromMs: NOW - hoursAgo * HOUR, toMs: NOW - hoursAgo * HOUR + 60_000, file: fileAt(NOW - hoursAgo * HOUR) }));
  for (const one of list) {
    writeFileSync(join(root, one.camera, one.file), 'x');
    for (const entry of await recorder.journal.append([{ type: 'segment', camera: one.camera, file: one.file, from: new Date(one.fromMs).toISOString(), to: new Date(one.toMs).toISOString(), bytes: 1, sha256: '', codec: 'h264' }])) recorder.catalogue.apply(entry as JournalEntry);
  }
  return { root, recorder, list };
}

it('whatever the days, the room and what somebody asks to remove', async () => {
  const segment = fc.record({ camera: fc.constantFrom(...CAMERAS), hoursAgo: fc.integer({ min: 1, max: 200 }) });
  const held = fc.record({ id: fc.uuid(), camera: fc.constantFrom(...CAMERAS), from: fc.integer({ min: 0, max: 200 }).map((hours) => NOW - hours * HOUR), to: fc.integer({ min: 0, max: 40 }) }).map((one): HeldRange => ({ ...one, to: one.from + one.to * HOUR + 1 }));
  const times: number[] = [];
  await fc.assert(fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 20 }), fc.option(fc.array(held, { maxLength: 4 }), { nil: null }), fc.constantFrom(0.01, 1, 5, 30), fc.boolean(), async (segments, ranges, days, short) => {
    const { root, recorder, list } = await recorded(segments);
    try {
      // Null: the node has no orders; then nobody knows what is held.
      if (ranges !== null) recorder.hold(ranges);
      const limits = { freeShare: 0, freeBytes: short ? Number.MAX_SAFE_INTEGER : 0, enoughBytes: 0 };
      const retention = startRetention({ recorder, root, limits, keepOf: () => ({ days, bytes: short ? null : 3 }), now: () => NOW, log, onChange: () => undefined });
      await retention.pass();
      await retention.pass();
      retention.stop();
      for (const one of recorder.catalogue.cameras()) for (const left of recorder.catalogue.between(one, -Infinity, Infinity)) await recorder.remove(one, left, 'by hand');
      const isHeld = (one: typeof list[number]) => ranges === null || ranges.some((range) => range.camera === one.camera && one.toMs >= range.from && one.fromMs <= range.to);
      times.push(list.filter(isHeld).length);
      for (const one of list) expect([one.file, existsSync(join(root, one.camera, one.file)), recorder.catalogue.has(one.camera, one.file)]).toEqual([one.file, isHeld(one), isHeld(one)]);
    } finally { await recorder.stop(); rmSync(root, { recursive: true, force: true }); }
  }), { numRuns: 60 });
  expect(times.some((count) => count > 0)).toBe(true);
});
