/** The segments of one life of one ffmpeg: when each began and ended, and their way into the journal. */
import type { FinishedSegment, Progress } from '../ffmpeg/progress.ts';
import { judgeFile, segmentFiles } from './sweep.ts';
import { StreamClock } from './streamClock.ts';
import type { NewEntry } from './journal.ts';

export interface RunPlace { camera: string; directory: string; suffix: string; isKnown: (file: string) => boolean; journal: (entry: NewEntry) => Promise<void>; now: () => number }
export interface RecordingRun {
  readonly suffix: string;
  onProgress(progress: Progress): void;
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

export function beginRun(place: RunPlace): RecordingRun {
  const clock = new StreamClock();
  let lastEnd: { mediaMs: number; wallMs: number } | null = null;
  const settling = new Map<string, { timer: NodeJS.Timeout; done: Promise<void>; now: () => void }>();
  const inHand = new Set<string>();

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

  return {
    suffix: place.suffix,
    onProgress(progress) { if (progress.outMs !== null && progress.outMs > 0) clock.add(place.now(), progress.outMs); },
    onSegment({ file, startMs, endMs }) {
      if (!file.endsWith(`-${place.suffix}.mp4`) || inHand.has(file)) return;
      inHand.add(file);
      const fromMs = instantOf(startMs);
      if (fromMs !== null) lastEnd = { mediaMs: endMs, wallMs: fromMs + (endMs - startMs) };
      let now = (): void => undefined;
      const waited = new Promise<void>((resolve) => { now = resolve; });
      const timer = setTimeout(now, SETTLE_MS);
      const done = waited.then(() => journal(file, fromMs)).finally(() => { settling.delete(file); });
      done.catch(() => undefined);
      settling.set(file, { timer, done, now });
    },
    growingFromMs: () => lastEnd?.wallMs ?? clock.zeroMs(),
    async finish() {
      const open = [...settling.values()];
      for (const one of open) { clearTimeout(one.timer); one.now(); }
      await Promise.allSettled(open.map((one) => one.done));
      const left = (await segmentFiles(place.directory)).filter((file) => file.endsWith(`-${place.suffix}.mp4`) && !place.isKnown(file));
      for (const [index, file] of left.entries()) await journal(file, index === 0 && !inHand.has(file) ? lastEnd?.wallMs ?? null : null);
    },
  };
}

