/**
 * One viewer with a bound: what it does not read in time is not kept for it. A slow viewer loses pictures up to the next
 * key frame; one that stays behind is let go, so that its browser asks again when its line is better.
 */
import { atTime, FLV_HEADER_VIDEO_ONLY, pieceFor, type FlvTag, type Piece, type SharedTag } from './flv.ts';

export interface Sink {
  /** What is given belongs to all viewers. */
  write(piece: Piece): void;
  /** Bytes accepted but not yet handed to the system. */
  pending(): number;
  close(reason: ViewerEnd): void;
}
export type ViewerEnd = 'slow' | 'revoked' | 'camera_away' | 'stopping' | 'gone' | 'lease_over';

export interface ViewerLimits { boundBytes: number; resumeBytes: number; behindMs: number; lateMs: number }
export const VIEWER_LIMITS: ViewerLimits = { boundBytes: 2 * 1024 * 1024, resumeBytes: 64 * 1024, behindMs: 10_000, lateMs: 5000 };

export class Viewer {
  readonly ticket: string;
  readonly camera: string;
  readonly #sink: Sink;
  readonly #limits: ViewerLimits;
  readonly #now: () => number;
  #state: 'waiting' | 'flowing' | 'skipping' | 'over' = 'waiting';
  /** What its times count from: the epoch of its first picture. */
  #epoch: number | null = null;
  /** Since when it has not caught up. */
  #behindSince: number | null = null;
  skipped = 0;

  constructor(ticket: string, camera: string, sink: Sink, now: () => number, limits: ViewerLimits = VIEWER_LIMITS) {
    this.ticket = ticket;
    this.camera = camera;
    this.#sink = sink;
    this.#now = now;
    this.#limits = limits;
    sink.write(FLV_HEADER_VIDEO_ONLY);
  }

  /** For how long it has not caught up. */
  get behindMs(): number { return this.#behindSince === null ? 0 : this.#now() - this.#behindSince; }

  get over(): boolean { return this.#state === 'over'; }

  /** Stream set-up (metadata, decoder configuration): always before pictures that need it. */
  prepare(tags: FlvTag[]): void {
    if (this.#state === 'over') return;
    for (const tag of tags) this.#sink.write(atTime(tag, 0));
  }
  /** The set-up changed under a running picture. */
  reconfigure(tag: FlvTag): void {
    if (this.#state === 'over') return;
    this.#sink.write(atTime(tag, this.#epoch === null ? 0 : Math.max(0, tag.timestamp - this.#epoch)));
    this.#state = this.#state === 'flowing' ? 'waiting' : this.#state;
  }

  picture(tag: SharedTag): void {
    if (this.#state === 'over') return;
    this.#judge();
    if (this.over) return;
    if (this.#state !== 'flowing') {
      if (tag.kind !== 'key' || this.#state === 'skipping') { this.skipped += 1; return; }
      this.#state = 'flowing';
    }
    this.#epoch ??= tag.epoch;
    this.#sink.write(pieceFor(tag, this.#epoch));
  }

  #judge(): void {
    const pending = this.#sink.pending();
    const now = this.#now();
    if (pending <= this.#limits.resumeBytes) {
      this.#behindSince = null;
      if (this.#state === 'skipping') this.#state = 'waiting';
      return;
    }
    this.#behindSince ??= now;
    const behindMs = now - this.#behindSince;
    if (behindMs > this.#limits.behindMs) { this.close('slow'); return; }
    if (pending > this.#limits.boundBytes || behindMs > this.#limits.lateMs) this.#state = 'skipping';
  }

  close(reason: ViewerEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#sink.close(reason);
  }
}
