/**
 * One run of one ffmpeg, judged by the frames it passes on and not by being alive. Every end is an end with a reason;
 * this is the one place where exit codes and complaints of ffmpeg become reasons.
 */
import type { CAMERA_REASONS } from '#contract/vocabulary.ts';
import type { FfmpegBinary } from './binary.ts';
import { runFfmpeg, type FfmpegOrder, type FfmpegProcess } from './command.ts';
import { OutputReader, type FinishedSegment, type Progress } from './progress.ts';

export type CameraReason = (typeof CAMERA_REASONS)[number];
export interface LifeLimits { firstFrameMs: number; noFrameMs: number; graceMs: number }
export const LIFE_LIMITS: LifeLimits = { firstFrameMs: 20_000, noFrameMs: 10_000, graceMs: 3000 };

export interface LifeListeners {
  onProgress: (progress: Progress) => void;
  onSegment: (segment: FinishedSegment) => void;
}
export interface LifeEnd { reason: CameraReason; wanted: boolean; exitCode: number | null; frames: number; complaints: string[] }
export interface Life { readonly ended: Promise<LifeEnd>; readonly pid: number | null; stop(): Promise<LifeEnd>; fail(reason: CameraReason): void }

const COMPLAINTS_KEPT = 5;

export function startLife(binary: FfmpegBinary, order: FfmpegOrder, listeners: LifeListeners, limits: LifeLimits = LIFE_LIMITS): Life {
  const complaints: string[] = [];
  let frames = 0;
  let movedAt = performance.now();
  let verdict: CameraReason | null = null;
  let wanted = false;

  const output = new OutputReader((progress) => {
    if (progress.frames > frames) { frames = progress.frames; movedAt = performance.now(); }
    listeners.onProgress(progress);
  }, listeners.onSegment);
  const process: FfmpegProcess = runFfmpeg(binary, order, {
    onOutputLine: (line) => output.line(line),
    onErrorLine: (line) => { complaints.push(line.slice(0, 300)); if (complaints.length > COMPLAINTS_KEPT) complaints.shift(); },
  });

  const fail = (reason: CameraReason): void => {
    if (verdict !== null || wanted) return;
    verdict = reason;
    // One that hangs ignores SIGTERM; one that does not finishes its last fragment.
    void process.stop(limits.graceMs);
  };
  const watch = setInterval(() => {
    const quietMs = performance.now() - movedAt;
    if (quietMs > (frames === 0 ? limits.firstFrameMs : limits.noFrameMs)) fail('no_packets');
  }, 1000);

  const ended = process.ended.then((end): LifeEnd => {
    clearInterval(watch);
    return { reason: verdict ?? reasonOf(complaints), wanted, exitCode: end.exitCode, frames, complaints };
  });
  return {
    ended,
    get pid() { return process.pid; },
    fail,
    async stop() { wanted = true; await process.stop(limits.graceMs); return ended; },
  };
}

function reasonOf(complaints: string[]): CameraReason {
  const text = complaints.join('\n');
  if (/No space left on device/i.test(text)) return 'unknown';
  if (/Could not find codec parameters|Decoder \(codec none\)|Stream map '0:v:0' matches no streams/i.test(text)) return 'unsupported';
  return 'ended';
}
