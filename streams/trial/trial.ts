/** Opens a camera for a few seconds, through the same door as every recording, and measures what comes. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { StreamMeasures, TrialAnswer, TrialOrder } from '#contract/cameraTest.ts';
import type { CameraReason } from '../ffmpeg/life.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { cameraInput } from '../ffmpeg/orders.ts';
import { masked } from '../picture/mask.ts';
import { openCamera } from '../source/picture.ts';
import type { RtspProxy } from '../source/rtspProxy.ts';
import { openFrameLog } from './frameLog.ts';

export interface TrialParts { binary: FfmpegBinary; proxy: RtspProxy; directory: string; networks: () => readonly string[]; now: () => number }
export type Trials = (order: TrialOrder) => Promise<TrialAnswer>;

const AT_ONCE = 2;
/** From the order to the answer; what takes longer is no camera to work with. */
const LONGEST_MS = 12_500;
/** Enough to know: three key frames, and long enough for a rate. A report of the clock comes within five seconds or so. */
const ENOUGH = { keys: 3, seconds: 5 };
const LONGEST_PICTURE = 2 * 1024 * 1024;

export function openTrials(parts: TrialParts): Trials {
  let running = 0;
  return async (order) => {
    if (running >= AT_ONCE) throw new Fault('camera_tests_busy', null, { retryAfter: 10 });
    running += 1;
    try {
      const [main, sub] = await Promise.all([order.url, order.subUrl].map(async (url) => (url === null ? null : await tryStream(parts, { ...order, url }))));
      return { main: main ?? NOTHING, sub: sub ?? null };
    } finally { running -= 1; }
  };
}

const NOTHING: StreamMeasures = { reason: 'unknown', transport: null, codec: null, width: null, height: null, frameRate: null, frameRateVaries: null, bitrateKbps: null, peakKbps: null, keyFrameSeconds: null, observedSeconds: 0, sound: null, clockAheadSeconds: null, picture: null };

async function tryStream({ binary, proxy, directory, networks, now }: TrialParts, { url, username, password, transport, masks }: Omit<TrialOrder, 'subUrl'>): Promise<StreamMeasures> {
  let clockAheadSeconds: number | null = null;
  const log = openFrameLog();
  let codec: string | null = null;
  let sound: boolean | null = null;
  let carried: 'tcp' | 'udp' | null = null;
  let reason: CameraReason | null = null;
  const opened = await openCamera(proxy, { url, username, password, transport }, networks(), (happening) => {
    if (happening.type === 'described') ({ codec, sound } = happening);
    else if (happening.type === 'clock') clockAheadSeconds = Math.round((happening.ms - now()) / 100) / 10;
    else if (happening.type === 'carried') carried = happening.by;
    else if (happening.type === 'failed') reason ??= happening.reason;
  });
  if (!opened.ok) return { ...NOTHING, reason: opened.reason };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const picture = join(directory, `trial-${randomBytes(8).toString('hex')}.jpg`);
  try {
    let done: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => { done = resolve; });
    const life = runFfmpeg(binary, {
      input: cameraInput(binary, opened.passage.url, transport),
      outputs: [
        { options: ['-map', '0:v:0', '-c', 'copy', '-flush_packets', '1', '-f', 'framecrc'], target: 'pipe:1' },
        { options: ['-map', '0:v:0', '-frames:v', '1', '-vf', masked(masks ?? [], "scale='min(960,iw)':-2"), '-pix_fmt', 'yuvj420p', '-q:v', '4', '-threads', '1', '-f', 'image2', '-update', '1', '-c:v', 'mjpeg'], target: picture },
      ],
    }, { onOutputLine(line) { log.line(line); if (log.keys() >= ENOUGH.keys && log.observed() >= ENOUGH.seconds) done(); }, onErrorLine: () => undefined });
    const timer = setTimeout(done, LONGEST_MS);
    await Promise.race([enough, life.ended]);
    clearTimeout(timer);
    await life.stop(1000);
    const jpeg = await readFile(picture).catch(() => null);
    const measured = log.told();
    const shows = log.frames() > 0;
    return {
      ...NOTHING, ...measured, codec: codec ?? measured.codec, sound, transport: carried, clockAheadSeconds,
      reason: shows ? null : reason ?? (carried === null ? 'unreachable' : 'no_packets'),
      picture: jpeg !== null && jpeg.length > 100 && jpeg.length < LONGEST_PICTURE ? jpeg.toString('base64') : null,
    };
  } finally {
    opened.passage.close();
    await rm(picture, { force: true });
  }
}
