/**
 * A program of the operator's that counts persons in small grey pictures: a guarded child of low priority. It is asked one
 * question at a time, has a bound in time, memory and answer, and is begun anew with growing pauses when it breaks one.
 * Nothing waits for it and nothing depends on it; of what it says only counts are taken.
 *
 * A question: one line of JSON, then `bytes` raw bytes (`pictures` × `width` × `height`, one byte a pixel, row by row):
 *   {"id":7,"at":"2026-03-02T01:00:00.000Z","width":320,"height":180,"format":"gray8","pictures":4,"bytes":230400,"zones":{"staff":[[0,0],[0.5,0],[0.5,1]]}}
 * The answer, one line, for the zones that were asked; persons in the zone, the mean of the pictures:
 *   {"id":7,"zones":{"staff":{"persons":1.5}}}
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Detected, DetectorState, Zones } from '#contract/picture.ts';
import { HEIGHT, WIDTH, type Picture } from '../picture/measures.ts';
import type { DetectorSettings } from './settings.ts';

export interface Detector {
  /** Null: it did not answer, is busy, or rests. Never rejects. */
  count(pictures: readonly Picture[], zones: Zones, atMs: number): Promise<Detected | null>;
  state(): DetectorState;
  stop(): Promise<void>;
}
export interface DetectorLimits { answerMs: number; memoryMB: number; firstPauseMs: number; longestPauseMs: number; watchMs: number }
export const DETECTOR_LIMITS: DetectorLimits = { answerMs: 20_000, memoryMB: 1024, firstPauseMs: 1000, longestPauseMs: 300_000, watchMs: 1000 };

const PICTURES = 4;
const LONGEST_LINE = 2000;
const LOWEST_PRIORITY = 19;
const persons = z.strictObject({ persons: z.number().min(0).max(500) });
const answer = z.strictObject({ id: z.int(), zones: z.strictObject({ staff: persons.optional(), public: persons.optional() }) });

export function openDetector({ program, model }: DetectorSettings, { directory, log, limits = DETECTOR_LIMITS }: { directory: string; log: Logger; limits?: DetectorLimits }): Detector {
  let child: ChildProcess | null = null;
  let waiting: { id: number; zones: Zones; resolve: (found: Detected | null) => void; timer: NodeJS.Timeout } | null = null;
  let id = 0;
  let failures = 0;
  let restUntil = -Infinity;
  let stopped = false;
  let state: DetectorState = 'waiting';

  function settle(found: Detected | null): void {
    const one = waiting;
    waiting = null;
    if (one !== null) { clearTimeout(one.timer); one.resolve(found); }
  }
  function broke(why: string): void {
    const dying = child;
    child = null;
    if (dying === null) return;
    kill(dying);
    settle(null);
    if (stopped) return;
    const pause = Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** Math.min(failures, 20));
    failures += 1;
    restUntil = performance.now() + pause;
    state = 'failing';
    log.warn({ event: 'detector_broke', why: why.slice(0, 200), failures, restMs: pause });
  }

  function begin(): ChildProcess {
    // A group of its own, so that what it starts ends with it; it ends by itself when its input does.
    const born = spawn(program, model === null ? [] : [model], { cwd: directory, detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: directory, LANG: 'C.UTF-8' } });
    child = born;
    try { if (born.pid !== undefined) setPriority(born.pid, LOWEST_PRIORITY); } catch { /* it has ended already; its end follows */ }
    let line = '';
    let complaint = '';
    const isIt = (): boolean => child === born;
    born.on('error', (error) => { clearInterval(watch); if (isIt()) broke(error.message); });
    born.once('exit', (code, signal) => { clearInterval(watch); if (isIt()) broke(`ended with ${code ?? signal}${complaint === '' ? '' : `: ${complaint}`}`); });
    born.stdin.on('error', () => undefined);
    born.stderr.on('data', (data: Buffer) => { complaint = data.toString('utf8').trim().split('\n').at(-1)?.slice(0, 150) ?? ''; });
    born.stdout.on('data', (data: Buffer) => {
      if (!isIt()) return;
      line += data.toString('utf8');
      if (line.length > LONGEST_LINE) { broke('its answer is too long'); return; }
      const end = line.indexOf('\n');
      if (end < 0) return;
      const [said, rest] = [line.slice(0, end), line.slice(end + 1)];
      line = '';
      if (rest !== '') { broke('it said more than it was asked'); return; }
      hear(said);
    });
    const watch = setInterval(() => { if (isIt() && born.pid !== undefined && residentMB(born.pid) > limits.memoryMB) broke(`more than ${limits.memoryMB} MB`); }, limits.watchMs);
    return born;
  }

  function hear(said: string): void {
    let parsed;
    try { parsed = answer.safeParse(JSON.parse(said)); } catch { broke('its answer is no JSON'); return; }
    // What it says beyond counts (a face, a name, a box) is not taken, and not kept.
    if (!parsed.success || waiting?.id !== parsed.data.id) { broke('its answer has another form than counts of the zones'); return; }
    const { zones } = parsed.data;
    const of = (zone: 'staff' | 'public'): number | null => (waiting?.zones[zone] ? Math.round((zones[zone]?.persons ?? NaN) * 10) / 10 : null);
    const found = { staff: of('staff'), public: of('public') };
    if (Number.isNaN(found.staff) || Number.isNaN(found.public)) { broke('its answer lacks a zone'); return; }
    failures = 0;
    state = 'counting';
    settle({ source: 'detector', ...found });
  }

  return {
    async count(pictures, zones, atMs) {
      if (stopped || waiting !== null || pictures.length === 0 || performance.now() < restUntil || !(zones.staff || zones.public)) return null;
      const running = child ?? begin();
      const chosen = Array.from({ length: Math.min(PICTURES, pictures.length) }, (_, i) => pictures[Math.floor((i * pictures.length) / Math.min(PICTURES, pictures.length))] ?? new Uint8Array());
      const bytes = Buffer.concat(chosen);
      const mine = id += 1;
      const asked = { ...(zones.staff ? { staff: zones.staff } : {}), ...(zones.public ? { public: zones.public } : {}) };
      return await new Promise<Detected | null>((resolve) => {
        waiting = { id: mine, zones, resolve, timer: setTimeout(() => broke(`no answer within ${limits.answerMs} ms`), limits.answerMs) };
        running.stdin?.write(`${JSON.stringify({ id: mine, at: new Date(atMs).toISOString(), width: WIDTH, height: HEIGHT, format: 'gray8', pictures: chosen.length, bytes: bytes.length, zones: asked })}\n`);
        running.stdin?.write(bytes);
      });
    },
    state: () => state,
    async stop() {
      stopped = true;
      const dying = child;
      child = null;
      settle(null);
      if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => { dying.once('exit', () => resolve()); });
      kill(dying);
      await gone;
    },
  };
}

function kill(child: ChildProcess): void { try { if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); } catch { child.kill('SIGKILL'); } }

/** Of a process and its children; 0 where the system does not tell. */
function residentMB(pid: number, depth = 0): number {
  try {
    const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    const children = depth > 5 ? [] : readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((one) => one !== '').map(Number);
    return own + children.reduce((sum, one) => sum + residentMB(one, depth + 1), 0);
  } catch { return 0; }
}
