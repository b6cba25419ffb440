/** One ffmpeg of one camera, over all its lives: where its picture comes from and where it goes. */
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { MaskShapes } from '#contract/picture.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { startLife, type CameraReason, type Life, type LifeEnd } from '../ffmpeg/life.ts';
import { cameraInput, copyOutputs, encodedOutputs, loopInput, MASKED_SIZE, maskedEncode, TRANSCODE, type Sinks } from '../ffmpeg/orders.ts';
import { createSupervisor, type Supervisor } from '../ffmpeg/supervisor.ts';
import type { Progress } from '../ffmpeg/progress.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { RecordingRun } from '../recorder/run.ts';
import { masked, maskFilter } from '../picture/mask.ts';
import { openCamera, type CameraAccess } from '../source/picture.ts';
import type { Passage, RtspProxy } from '../source/rtspProxy.ts';
import type { SimulatedOrder, SimulatedPicture } from '../source/simulated.ts';

/** A camera whose time leaps on and on is not begun anew each time. */
const LEAPS_APART_MS = 10_000;

export type Source = { kind: 'camera'; access: CameraAccess } | { kind: 'simulated'; order: SimulatedOrder };

/** Everything a pipeline needs of its node. */
export interface Plant {
  binary: FfmpegBinary; proxy: RtspProxy; recorder: Recorder; simulated: SimulatedPicture; log: Logger;
  /** Where an ffmpeg runs that records nothing; as deep as the folder of a camera, since simulated pictures take their texts from beside it. */
  spare: string;
  publishUrl: (stream: string) => string;
  networks: () => readonly string[];
  zoneOffsetSeconds: () => number;
  random: () => number;
  /** What a camera's sender reports say the time is, in milliseconds. */
  onClock?: (camera: string, ms: number) => void;
}
export interface PipelineOrders {
  camera: string; source: Source; stream: string;
  /** Asked at each life: it may have changed since. */
  record: () => boolean;
  /** `copy` as it comes, `transcode` for browsers, `none` when no browser could play it. */
  live: () => 'copy' | 'transcode' | 'none';
  /** Covered in what is transcoded. */
  masks?: MaskShapes;
}
export interface PipelineListeners {
  onFrames: (progress: Progress) => void;
  onCodec: (codec: string | null) => void;
  onEnd: (end: LifeEnd) => void;
}
export interface Pipeline extends Pick<Supervisor, 'start' | 'renew' | 'pid' | 'stop'> {
  /** True while the running life writes segments. */
  recording(): boolean;
  receivedBytes(): number | null;
}

export function createPipeline(plant: Plant, orders: PipelineOrders, listeners: PipelineListeners): Pipeline {
  const { binary, recorder, log } = plant;
  const { camera, source } = orders;
  let passage: Passage | null = null;
  let run: RecordingRun | null = null;
  let moving = false;
  let verdict: CameraReason | null = null;
  let lastReason: CameraReason | null = null;
  let leaptAt = -Infinity;

  async function begin(): Promise<Life | { impossible: CameraReason }> {
    verdict = null;
    moving = false;
    const live = orders.live();
    // A disk that fails at this very moment costs the recording, not the live picture.
    run = orders.record() ? await recorder.begin(camera).catch((error: unknown) => { log.error({ event: 'recording_not_begun', camera, err: error }); return null; }) : null;
    if (run === null) await mkdir(plant.spare, { recursive: true, mode: 0o700 });
    const sinks: Sinks = { relayUrl: live === 'none' ? null : plant.publishUrl(orders.stream), segments: run };
    if (sinks.relayUrl === null && run === null) return { impossible: 'unsupported' };
    const order = source.kind === 'simulated' ? await simulatedOrder(source.order, sinks) : await cameraOrder(source.access, sinks, live === 'transcode');
    if ('impossible' in order) return order;
    const life = startLife(binary, { ...order, cwd: run === null ? plant.spare : recorder.directory(camera) }, {
      onProgress(progress) {
        if (run?.onProgress(progress) === true && source.kind === 'camera' && performance.now() - leaptAt > LEAPS_APART_MS) {
          leaptAt = performance.now();
          log.warn({ event: 'camera_time_leapt', camera });
          supervisor.renew();
        }
        if (progress.frames === 0) return;
        if (!moving) { moving = true; log.info({ event: 'frames_flow', camera, stream: orders.stream }); }
        supervisor.healthy();
        listeners.onFrames(progress);
      },
      onSegment: (segment) => run?.onSegment(segment),
    });
    return life;
  }

  async function simulatedOrder(order: SimulatedOrder, sinks: Sinks) {
    const [clip, encode] = [await plant.simulated.clip(order), await plant.simulated.encoding(orders.masks === undefined ? camera : orders.stream, order, plant.zoneOffsetSeconds())];
    const covered = orders.masks === undefined ? encode : encode.map((option, i) => (encode[i - 1] === '-vf' ? `${option},${maskFilter(orders.masks ?? [])}` : option));
    return { input: loopInput(binary, clip), outputs: encodedOutputs(covered, sinks) };
  }

  async function cameraOrder(access: CameraAccess, sinks: Sinks, transcode: boolean) {
    const opened = await openCamera(plant.proxy, access, plant.networks(), (happening) => {
      if (happening.type === 'described') { listeners.onCodec(happening.codec); return; }
      if (happening.type === 'clock') { plant.onClock?.(camera, happening.ms); return; }
      if (happening.type === 'carried') return;
      // The door knows why; ffmpeg only sees its input end. Its own end follows.
      verdict ??= happening.reason;
      if (happening.reason === 'no_packets') supervisor.fail('no_packets');
    });
    if (!opened.ok) return { impossible: opened.reason };
    passage = opened.passage;
    return { input: cameraInput(binary, passage.url, access.transport), outputs: transcode ? encodedOutputs(orders.masks === undefined ? TRANSCODE : maskedEncode(masked(orders.masks, MASKED_SIZE)), sinks) : copyOutputs(sinks) };
  }

  const supervisor: Supervisor = createSupervisor({
    begin,
    async onEnd(end) {
      passage?.close();
      passage = null;
      const judged = { ...end, reason: verdict ?? end.reason };
      // A camera that stays away is said once, not at each try.
      if (!end.wanted) log[judged.reason === lastReason && end.frames === 0 ? 'debug' : 'warn']({ event: 'life_ended', camera, stream: orders.stream, reason: judged.reason, exitCode: end.exitCode, frames: end.frames, complaints: end.complaints.slice(-2) });
      lastReason = end.wanted ? null : judged.reason;
      listeners.onEnd(judged);
      const finished = run;
      run = null;
      if (finished !== null) await recorder.end(camera, finished);
      return judged.reason;
    },
  }, plant.random);

  return {
    start: () => supervisor.start(),
    renew: () => supervisor.renew(),
    stop: () => supervisor.stop(),
    get pid() { return supervisor.pid; },
    recording: () => run !== null && moving,
    receivedBytes: () => passage?.bytes() ?? null,
  };
}
