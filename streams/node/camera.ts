/** One camera of this node: its state with the reason, its recording pipeline, and the light one that runs while watched. */
import type { CameraAssignment, NodeCamera } from '#contract/node.ts';
import type { GapReason } from '#contract/vocabulary.ts';
import type { LifeEnd, CameraReason } from '../ffmpeg/life.ts';
import type { Progress } from '../ffmpeg/progress.ts';
import { openMaskedPicture, type MaskedPicture } from './maskedPicture.ts';
import { createPipeline, type Pipeline, type Plant, type Source } from './pipeline.ts';

export type Quality = 'main' | 'sub';
export interface CameraParts extends Plant {
  now: () => number;
  mayRecord: () => boolean;
  /** Why it may not. */
  diskGap: () => GapReason;
  /** Whether it is time to record, by the hours of that name. */
  isOpen: (hours: string | null) => boolean;
  /** Whether one more camera may be transcoded beside those that are. */
  mayTranscode: () => boolean;
  bitrateKbps: (stream: string) => number | null;
}

/** connecting → online ⇄ offline; disabled is left only by a new camera. */
type State = 'connecting' | 'online' | 'offline' | 'disabled';

/** Watching from afar on demand: a second session costs the camera and the line, and most cameras are on no wall. */
const SIDE_LINGER_MS = 20_000;
const RATE_WINDOW_MS = 5000;
/** So many ends within so long: the camera is called unstable, also while it is there, until it holds. */
const UNSTABLE = { ends: 4, withinMs: 180_000 };
const OF_THE_LINE = new Set<CameraReason>(['ended', 'refused', 'unreachable', 'no_packets', 'unknown']);

export class Camera {
  readonly id: string;
  #assignment: CameraAssignment;
  readonly #parts: CameraParts;
  readonly #main: Pipeline | null;
  #side: Pipeline | null = null;
  #sideWantedAt = -Infinity;
  #sideTranscodes = false;
  #sideGranted = true;
  #state: State;
  #reason: CameraReason | null;
  #since: number;
  #codec: string | null = null;
  #lastFrameAt: number | null = null;
  #samples: { at: number; frames: number }[] = [];
  #received: { at: number; bytes: number } = { at: 0, bytes: 0 };
  #receivedKbps: number | null = null;
  #ends: number[] = [];
  #open: boolean;
  /** Null: the camera has no masks. */
  #masked: MaskedPicture | null;

  constructor(assignment: CameraAssignment, parts: CameraParts) {
    this.id = assignment.id;
    this.#assignment = assignment;
    this.#parts = parts;
    this.#since = parts.now();
    this.#open = parts.isOpen(assignment.hours);
    const source = sourceOf(assignment);
    this.#masked = this.#mask();
    const runs = assignment.enabled && source !== null;
    this.#state = runs ? 'connecting' : assignment.enabled ? 'offline' : 'disabled';
    this.#reason = runs ? 'starting' : assignment.enabled ? 'address_forbidden' : 'disabled';
    this.#main = !runs ? null : createPipeline(parts, {
      camera: this.id, source, stream: this.#stream('main'),
      record: () => this.#assignment.record && this.#open && parts.mayRecord(),
      live: () => this.#playable() ? 'copy' : 'none',
    }, { onFrames: (progress) => this.#onFrames(progress), onCodec: (codec) => this.#onCodec(codec), onEnd: (end) => this.#onEnd(end) });
  }

  start(): void { this.#note(); this.#main?.start(); }
  async stop(): Promise<void> { await Promise.all([this.#main?.stop(), this.#stopSide(), this.#masked?.stop()]); }

  /** True when the change needed no other camera in its place. */
  adopt(assignment: CameraAssignment): boolean {
    const before = this.#assignment;
    const same = (one: CameraAssignment): string => JSON.stringify([one.url, one.subUrl, one.username, one.password, one.transport, one.enabled, one.simulated]);
    if (same(before) !== same(assignment)) return false;
    this.#assignment = assignment;
    if (before.masks?.version !== assignment.masks?.version) { void this.#masked?.stop(); this.#masked = this.#mask(); }
    if (before.record !== assignment.record) this.renew();
    return true;
  }

  /** A new life with what holds now: room on the disk, networks, a stepped clock. */
  renew(): void { this.#main?.renew(); this.#side?.renew(); this.#masked?.renew(); this.#note(); }

  keepHours(): void {
    const open = this.#parts.isOpen(this.#assignment.hours);
    if (open === this.#open) return;
    this.#open = open;
    if (this.#assignment.record) this.renew();
  }

  get watchable(): boolean { return this.#state === 'online'; }
  get maskVersion(): number { return this.#assignment.masks?.version ?? 0; }
  /** `unmasked`: for whoever may lift the masks. */
  streamFor(quality: Quality, unmasked: boolean): string {
    if (this.#masked !== null && !unmasked) return this.#masked.stream;
    return quality === 'sub' && this.#assignment.subUrl !== null || !this.#playable() ? this.#stream('sub') : this.#stream('main');
  }

  /** How many transcodings run for it. */
  get transcodings(): number { return Number(this.#sideTranscoding) + Number(this.#masked?.transcoding ?? false); }
  get #sideTranscoding(): boolean { return this.#side !== null && this.#sideTranscodes && this.#sideGranted && this.#assignment.simulated === null; }
  /** Showing this would have to be transcoded, and is not yet. */
  needsTranscoding(quality: Quality, unmasked: boolean): boolean {
    if (this.#masked !== null && !unmasked) return !this.#masked.transcoding;
    return this.streamFor(quality, unmasked) === this.#stream('sub') && !this.#sideTranscoding && (this.#sideTranscodes || this.#assignment.subUrl === null);
  }

  /** Starts or ends the light pipeline with its watchers. */
  demand(wanted: ReadonlySet<string>): void {
    const now = performance.now();
    if (wanted.has(this.#stream('sub'))) this.#sideWantedAt = now;
    const needed = now - this.#sideWantedAt < SIDE_LINGER_MS && this.#state !== 'disabled';
    if (needed && this.#side === null) this.#startSide();
    if (!needed && this.#side !== null) void this.#stopSide();
    this.#masked?.demand(wanted.has(this.#masked.stream), this.#parts.mayTranscode);
    // It was one too many; now it is not.
    if (needed && this.#side !== null && !this.#sideGranted && this.#parts.mayTranscode()) { this.#sideGranted = true; this.#side.renew(); }
  }

  report(viewers: number): NodeCamera {
    const online = this.#state === 'online';
    return {
      id: this.id, state: this.#state, reason: this.#reason, since: iso(this.#since),
      bitrateKbps: online ? this.#parts.bitrateKbps(this.#stream('main')) ?? this.#receivedRate() : null,
      frameRate: online ? this.#frameRate() : null,
      lastFrameAt: this.#lastFrameAt === null ? null : iso(this.#lastFrameAt),
      recording: this.#main?.recording() ?? false, viewers, maskVersion: this.maskVersion,
    };
  }

  #stream(quality: Quality): string { return `${this.id}_${quality}`; }
  /** Browsers play H.264 in FLV; until the camera has said what it sends, that is assumed. */
  #playable(): boolean { return this.#codec === null || this.#codec === 'h264'; }

  #mask(): MaskedPicture | null {
    const { masks, enabled } = this.#assignment;
    const source = sourceOf(this.#assignment);
    return masks == null || masks.shapes.length === 0 || !enabled || source === null ? null : openMaskedPicture(this.#parts, this.id, source, masks);
  }

  #startSide(): void {
    const { url, subUrl, username, password, transport, simulated } = this.#assignment;
    const address = subUrl ?? url;
    if (address === null || simulated !== null) return;
    if (subUrl === null) this.#sideTranscodes = true;
    // Who is admitted first keeps its place for as long as its pipeline runs.
    this.#sideGranted = !this.#sideTranscodes || this.#parts.mayTranscode();
    const side = createPipeline(this.#parts, {
      camera: this.id, source: { kind: 'camera', access: { url: address, username, password, transport } }, stream: this.#stream('sub'),
      record: () => false, live: () => !this.#sideTranscodes ? 'copy' : this.#sideGranted ? 'transcode' : 'none',
    }, {
      onFrames: () => undefined, onEnd: () => undefined,
      onCodec: (codec) => { if (codec !== null && codec !== 'h264' && !this.#sideTranscodes) { this.#sideGranted = this.#parts.mayTranscode(); this.#sideTranscodes = true; side.renew(); } },
    });
    this.#side = side;
    side.start();
  }
  async #stopSide(): Promise<void> { const side = this.#side; this.#side = null; await side?.stop(); }

  #onFrames(progress: Progress): void {
    const at = this.#parts.now();
    const last = this.#samples.at(-1);
    if (last !== undefined && progress.frames <= last.frames) return;
    this.#lastFrameAt = at;
    const clock = performance.now();
    this.#samples.push({ at: clock, frames: progress.frames });
    while (clock - (this.#samples[0]?.at ?? clock) > RATE_WINDOW_MS) this.#samples.shift();
    this.#become('online', this.#isUnstable() ? 'unstable' : null);
  }

  #onCodec(codec: string | null): void {
    const before = this.#playable();
    this.#codec = codec;
    if (before !== this.#playable()) {
      this.#parts.log.info({ event: 'codec_learned', camera: this.id, codec });
      this.#main?.renew();
    }
  }

  #onEnd(end: LifeEnd): void {
    this.#samples = [];
    this.#received = { at: 0, bytes: 0 };
    if (end.wanted) return;
    const now = performance.now();
    if (this.#state === 'online') this.#ends = [...this.#ends.filter((at) => now - at < UNSTABLE.withinMs), now];
    this.#become('offline', this.#isUnstable() && OF_THE_LINE.has(end.reason) ? 'unstable' : end.reason);
  }

  #isUnstable(): boolean { const now = performance.now(); return this.#ends.filter((at) => now - at < UNSTABLE.withinMs).length >= UNSTABLE.ends; }

  /** The one place where the state changes. */
  #become(state: State, reason: CameraReason | null): void {
    if (this.#state === 'disabled') return;
    if (this.#state !== state) {
      this.#since = this.#parts.now();
      this.#parts.log.info({ event: 'camera_state', camera: this.id, from: this.#state, to: state, reason });
    }
    this.#state = state;
    this.#reason = reason;
    this.#note();
  }

  #note(): void {
    const { recorder } = this.#parts;
    if (this.#state === 'disabled') { void recorder.note(this.id, 'disabled', 'disabled'); return; }
    const gap = this.#state !== 'online' ? 'camera_away' : !this.#assignment.record ? 'disabled' : !this.#open ? 'schedule' : this.#parts.mayRecord() ? null : this.#parts.diskGap();
    void recorder.note(this.id, this.#state, gap);
  }

  #frameRate(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 900) return null;
    return Math.round((last.frames - first.frames) / (last.at - first.at) * 10_000) / 10;
  }

  #receivedRate(): number | null {
    const bytes = this.#main?.receivedBytes() ?? null;
    if (bytes === null) return null;
    const at = performance.now();
    if (this.#received.at === 0 || at - this.#received.at > 1000) {
      this.#receivedKbps = this.#received.at === 0 ? null : Math.round((bytes - this.#received.bytes) * 8 / (at - this.#received.at));
      this.#received = { at, bytes };
    }
    return this.#receivedKbps;
  }
}

function sourceOf({ url, username, password, transport, simulated }: CameraAssignment): Source | null {
  if (simulated !== null) return { kind: 'simulated', order: simulated };
  return url === null ? null : { kind: 'camera', access: { url, username, password, transport } };
}

const iso = (ms: number): string => new Date(ms).toISOString();
