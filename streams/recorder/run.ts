/**
 * The segments of one life of one ffmpeg: when each began and ended, and their way into the journal. ffmpeg names files by
 * the wall clock and would open one of its own anew when that is set back by an hour: so what is finished gets a name that
 * ffmpeg never makes (`a1b2c3` becomes `a1b2c3z`).
 */
import { access, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { FinishedSegment, Progress } from '../ffmpeg/progress.ts';
import { judgeFile, segmentFiles } from './sweep.ts';
import { StreamClock } from './streamClock.ts';
import type { NewEntry } from './journal.ts';

export interface RunPlace { camera: string; directory: string; suffix: string; isKnown: (file: string) => boolean; journal: (entry: NewEntry) => Promise<void>; now: () => number; /** Of a file that was opened anew before it was journaled. */ onReopened: (file: string) => void }
export interface RecordingRun {
  readonly suffix: string;
  /** True when the camera's own time has leapt: this run is of no use any more. */
  onProgress(progress: Progress): boolean;
  onSegment(segment: FinishedSegment): void;
  /** When the file that is being written began, as far as known. */
  growingFromMs(): number | null;
  /** After the process is gone: everything it left is journaled or removed. */
  finish(): Promise<void>;
}

/** The muxer names a file a moment before it has closed it. */
const SETTLE_MS = 1000;
/** Two files of one run touch; a smaller difference than this is the clock's estimate moving. */
const SEAM_MS = 500;

export const finishedName = (file: string): string => file.replace(/\.mp4$/, 'z.mp4');

export function beginRun(place: RunPlace): RecordingRun {
  const clock = new StreamClock();
  let lastEnd: { mediaMs: number; wallMs: number } | null = null;
  const settling = new Map<string, { timer: NodeJS.Timeout; done: Promise<void>; now: () => void }>();
  const inHand = new Set<string>();

  /** Nothing was recorded in the future: where the camera's time leapt, the file itself tells when it was written. */
  const believed = (wallMs: number | null): number | null => (wallMs !== null && wallMs > (clock.wallMs(performance.now()) ?? place.now()) + SEAM_MS ? null : wallMs);

  function instantOf(mediaMs: number): number | null {
    const zero = clock.zeroMs();
    if (zero === null) return null;
    if (lastEnd !== null && Math.abs(lastEnd.mediaMs - mediaMs) < 50 && Math.abs(zero + mediaMs - lastEnd.wallMs) < SEAM_MS) return lastEnd.wallMs;
    return zero + mediaMs;
  }

  async function journal(file: string, fromMs: number | null): Promise<void> {
    if (place.isKnown(file)) return;
    const entry = await judgeFile(place.camera, place.directory, file, place.now(), fromMs);
    if (entry !== null) await place.journal(entry);
  }

  async function close(file: string, fromMs: number | null): Promise<void> {
    const there = (name: string): Promise<boolean> => access(join(place.directory, name)).then(() => true, () => false);
    let from = file;
    if (!await there(file) && place.isKnown(finishedName(file))) {
      // The clock was set back by a second or two at the turn of a minute: ffmpeg began the same file again, under what had its last name by then.
      from = finishedName(file);
      place.onReopened(from);
      await place.journal({ type: 'deleted', camera: place.camera, file: from, at: new Date(place.now()).toISOString(), reason: 'torn' });
    }
    let to = finishedName(from);
    while (await there(to)) to = finishedName(to);
    await rename(join(place.directory, from), join(place.directory, to));
    inHand.delete(file);
    await journal(to, fromMs);
  }

  return {
    suffix: place.suffix,
    onProgress: (progress) => progress.outMs !== null && progress.outMs > 0 && clock.add(place.now(), performance.now(), progress.outMs),
    onSegment({ file, startMs, endMs }) {
      if (!file.endsWith(`-${place.suffix}.mp4`) || inHand.has(file)) return;
      inHand.add(file);
      const fromMs = believed(instantOf(startMs));
      lastEnd = fromMs === null ? null : { mediaMs: endMs, wallMs: fromMs + (endMs - startMs) };
      let now = (): void => undefined;
      const waited = new Promise<void>((resolve) => { now = resolve; });
      const timer = setTimeout(now, SETTLE_MS);
      const done = waited.then(() => close(file, fromMs)).finally(() => { settling.delete(file); });
      done.catch(() => undefined);
      settling.set(file, { timer, done, now });
    },
    growingFromMs: () => believed(lastEnd?.wallMs ?? clock.zeroMs()),
    async finish() {
      const open = [...settling.values()];
      for (const one of open) { clearTimeout(one.timer); one.now(); }
      await Promise.allSettled(open.map((one) => one.done));
      // Also what has its last name and is in no journal: a disk that was full for a moment did not take the line.
      const mine = new RegExp(`-${place.suffix}z*\\.mp4$`);
      const left = (await segmentFiles(place.directory)).filter((file) => mine.test(file) && !place.isKnown(file));
      const unnamed = left.find((file) => file.endsWith(`-${place.suffix}.mp4`));
      for (const file of left) await journal(file, file === unnamed && !inHand.has(file) ? believed(lastEnd?.wallMs ?? null) : null);
    },
  };
}

