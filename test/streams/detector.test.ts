/** A detector as an operator brings it: a small real program, and the ways in which one breaks. It is never depended on. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openDetector, type Detector, type DetectorLimits } from '#streams/detector/detector.ts';
import { readDetector } from '#streams/detector/settings.ts';
import { HEIGHT, WIDTH } from '#streams/picture/measures.ts';

const folder = mkdtempSync(join(tmpdir(), 'detector-'));
const allowed = join(folder, 'allowed');
mkdirSync(allowed);
const program = join(allowed, 'count');
// It counts bright pixels of the left and the right half, a hundred for a person; its model says how it misbehaves.
writeFileSync(program, `#!${process.execPath}
const fs = require('node:fs');
const mode = fs.readFileSync(process.argv[2], 'utf8').trim();
fs.appendFileSync(process.argv[2] + '.begun', process.pid + ' ' + require('node:os').getPriority() + ' ' + Object.keys(process.env).sort().join() + '\\n');
let held = Buffer.alloc(0);
process.stdin.on('data', (data) => {
  held = Buffer.concat([held, data]);
  for (;;) {
    const end = held.indexOf(10);
    if (end < 0) return;
    const asked = JSON.parse(held.toString('utf8', 0, end));
    if (held.length < end + 1 + asked.bytes) return;
    const pixels = held.subarray(end + 1, end + 1 + asked.bytes);
    held = held.subarray(end + 1 + asked.bytes);
    let [left, right] = [0, 0];
    pixels.forEach((value, at) => { if (value > 200) { if (at % asked.width < asked.width / 2) left += 1; else right += 1; } });
    const zones = {};
    for (const [zone, n] of [['staff', left], ['public', right]]) if (asked.zones[zone]) zones[zone] = { persons: n / 100 / asked.pictures, ...(mode === 'faces' ? { faces: ['somebody'] } : {}) };
    if (mode === 'silent') return;
    if (mode === 'crash') { console.error('the model is broken'); process.exit(3); }
    if (mode === 'flood') { setInterval(() => process.stdout.write('x'.repeat(60000)), 1); return; }
    if (mode === 'fat') { globalThis.all = []; setInterval(() => globalThis.all.push(Buffer.alloc(20e6, 1)), 20); return; }
    process.stdout.write(JSON.stringify({ id: mode === 'other' ? 99 : asked.id, zones: mode === 'lacks' ? {} : mode === 'many' ? { staff: { persons: 1e9 } } : zones }) + '\\n');
  }
});
process.stdin.on('end', () => process.exit(0));
`);
chmodSync(program, 0o755);
const BOTH = { staff: [[0, 0], [0.5, 0], [0.5, 1]] as [number, number][], public: [[0.5, 0], [1, 0], [1, 1]] as [number, number][] };
/** `left` and `right` hundreds of bright pixels. */
function picture(left: number, right: number): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  for (let i = 0; i < left * 100; i += 1) pixels[Math.floor(i / 100) * WIDTH + (i % 100)] = 255;
  for (let i = 0; i < right * 100; i += 1) pixels[Math.floor(i / 100) * WIDTH + WIDTH / 2 + (i % 100)] = 255;
  return pixels;
}
let detector: Detector | null = null;
afterEach(async () => { await detector?.stop(); detector = null; });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
let made = 0;
function open(mode: string, limits: Partial<DetectorLimits> = {}) {
  const model = join(allowed, `model-${made += 1}`);
  writeFileSync(model, mode);
  detector = openDetector({ program, model }, { directory: folder, log: pino({ level: 'silent' }), limits: { answerMs: 4000, memoryMB: 400, firstPauseMs: 300, longestPauseMs: 2000, watchMs: 100, ...limits } });
  const begun = () => (existsSync(`${model}.begun`) ? readFileSync(`${model}.begun`, 'utf8').trim().split('\n') : []);
  return { detector, model, begun };
}
const alive = (pid: number): boolean => { try { process.kill(pid, 0); return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { return false; } };

describe('a detector', () => {
  it('counts in the zones that are drawn, with low priority, and learns nothing of this process', async () => {
    const { detector: open1, begun } = open('good');
    expect(open1.state()).toBe('waiting');
    expect(begun()).toEqual([]);
    expect(await open1.count([picture(2, 5), picture(4, 5)], BOTH, 0)).toEqual({ source: 'detector', staff: 3, public: 5 });
    expect(await open1.count([picture(2, 5)], { staff: BOTH.staff }, 0)).toEqual({ source: 'detector', staff: 2, public: null });
    expect([open1.state(), await open1.count([picture(1, 1)], {}, 0), begun().length]).toEqual(['counting', null, 1]);
    expect(begun()[0]?.split(' ').slice(1)).toEqual(['19', 'HOME,LANG,PATH']);
    // One question at a time: the next is not kept waiting, it has no answer.
    expect(await Promise.all([open1.count([picture(1, 1)], BOTH, 0), open1.count([picture(1, 1)], BOTH, 0)])).toEqual([{ source: 'detector', staff: 1, public: 1 }, null]);
    await open1.stop();
    expect(alive(Number(begun()[0]?.split(' ')[0]))).toBe(false);
    expect(await open1.count([picture(1, 1)], BOTH, 0)).toBe(null);
  }, 30_000);

  it.each(['silent', 'crash', 'flood', 'fat', 'faces', 'other', 'lacks', 'many'])('that is %s gives no count, is ended, and is begun anew after a pause that grows', async (mode) => {
    const { detector: broken, model, begun } = open(mode, mode === 'silent' ? { answerMs: 500 } : {});
    expect(await broken.count([picture(2, 5)], BOTH, 0)).toBe(null);
    expect(broken.state()).toBe('failing');
    // It rests; nothing is started meanwhile.
    expect(await broken.count([picture(2, 5)], BOTH, 0)).toBe(null);
    expect(begun()).toHaveLength(1);
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    expect(alive(Number(begun()[0]?.split(' ')[0]))).toBe(false);
    writeFileSync(model, 'good');
    expect(await broken.count([picture(2, 5)], BOTH, 0)).toEqual({ source: 'detector', staff: 2, public: 5 });
    expect([broken.state(), begun().length]).toEqual(['counting', 2]);
  }, 30_000);

  it('that is not there breaks nothing', async () => {
    detector = openDetector({ program: join(allowed, 'nothing'), model: null }, { directory: folder, log: pino({ level: 'silent' }) });
    expect([await detector.count([picture(1, 1)], BOTH, 0), detector.state()]).toEqual([null, 'failing']);
  });
});

describe('the settings of a detector', () => {
  const model = join(allowed, 'model.onnx');
  writeFileSync(model, 'good');
  it('are none as shipped, and name a program and a model within the folders that are allowed', () => {
    expect(readDetector({})).toEqual({ detector: null, faults: [] });
    expect(readDetector({ DETECTOR_PROGRAM: program, DETECTOR_MODEL: model, DETECTOR_ALLOWED: allowed })).toEqual({ detector: { program, model }, faults: [] });
    const outside = join(folder, 'outside');
    writeFileSync(outside, '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync(outside, join(allowed, 'link'));
    for (const [given, word] of [
      [{ DETECTOR_PROGRAM: outside, DETECTOR_ALLOWED: allowed }, 'DETECTOR_PROGRAM'], [{ DETECTOR_PROGRAM: join(allowed, 'link'), DETECTOR_ALLOWED: allowed }, 'DETECTOR_PROGRAM'],
      [{ DETECTOR_PROGRAM: `${allowed}/../outside`, DETECTOR_ALLOWED: allowed }, 'DETECTOR_PROGRAM'], [{ DETECTOR_PROGRAM: model, DETECTOR_ALLOWED: allowed }, 'DETECTOR_PROGRAM'], [{ DETECTOR_PROGRAM: allowed, DETECTOR_ALLOWED: folder }, 'DETECTOR_PROGRAM'],
      [{ DETECTOR_PROGRAM: program }, 'DETECTOR_ALLOWED'], [{ DETECTOR_PROGRAM: program, DETECTOR_ALLOWED: '/' }, 'DETECTOR_ALLOWED'], [{ DETECTOR_PROGRAM: program, DETECTOR_ALLOWED: 'allowed' }, 'DETECTOR_ALLOWED'],
      [{ DETECTOR_PROGRAM: program, DETECTOR_MODEL: '/etc/passwd', DETECTOR_ALLOWED: allowed }, 'DETECTOR_MODEL'], [{ DETECTOR_MODEL: model }, 'DETECTOR_MODEL'],
    ] as const) {
      const read = readDetector(given);
      // Root may run what nobody may: then it is the program itself that fails.
      if (given === undefined || (process.getuid?.() === 0 && 'DETECTOR_PROGRAM' in given && given.DETECTOR_PROGRAM === model && read.faults.length === 0)) continue;
      expect([given, read.detector, read.faults.join().includes(word)]).toEqual([given, null, true]);
    }
  });
  it('that are wrong stop the node at its start, with the name of the variable', () => {
    let said = '';
    try { execFileSync(process.execPath, ['--import', 'tsx', 'streams/main.ts'], { env: { PATH: process.env.PATH, NODE_SECRET: 'x'.repeat(20), DATA_DIR: folder, DETECTOR_PROGRAM: '/bin/sh' }, timeout: 30_000, stdio: 'pipe' }); } catch (error) { said = `${(error as { status: number }).status} ${String((error as { stdout: Buffer }).stdout)}`; }
    expect(said).toContain('DETECTOR_ALLOWED names no folder');
    expect(said.slice(0, 1)).toBe('2');
  }, 40_000);
});
