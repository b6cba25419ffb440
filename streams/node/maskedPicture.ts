/** A camera's live picture with its masks burnt in: one transcoding for all who watch it, only while somebody does. */
import type { CameraMasks } from '#contract/picture.ts';
import { createPipeline, type Pipeline, type Plant, type Source } from './pipeline.ts';

export interface MaskedPicture {
  /** Carries the version of the masks: no viewer gets pictures that were kept from under earlier ones. */
  readonly stream: string;
  readonly version: number;
  readonly transcoding: boolean;
  demand(wanted: boolean, mayTranscode: () => boolean): void;
  renew(): void;
  stop(): Promise<void>;
}

const LINGER_MS = 20_000;

export function openMaskedPicture(plant: Plant, camera: string, source: Source, masks: CameraMasks): MaskedPicture {
  const stream = `${camera}_masked${masks.version}`;
  let pipeline: Pipeline | null = null;
  let wantedAt = -Infinity;
  async function stop(): Promise<void> { const running = pipeline; pipeline = null; await running?.stop(); }
  return {
    stream, version: masks.version, stop,
    get transcoding() { return pipeline !== null; },
    demand(wanted, mayTranscode) {
      const now = performance.now();
      if (wanted) wantedAt = now;
      const needed = now - wantedAt < LINGER_MS;
      if (!needed && pipeline !== null) void stop();
      if (!needed || pipeline !== null || !mayTranscode()) return;
      pipeline = createPipeline(plant, { camera, source, stream, record: () => false, live: () => 'transcode', masks: masks.shapes }, { onFrames: () => undefined, onCodec: () => undefined, onEnd: () => undefined });
      pipeline.start();
    },
    renew() { pipeline?.renew(); },
  };
}
