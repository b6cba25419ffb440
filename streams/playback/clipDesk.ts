/** The clips that are being cut at this node: one after the other, so that recording keeps the disk and the processor. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { NodeClip } from '#contract/node.ts';
import { Fault } from '#contract/faults.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import type { Recorder } from '../recorder/recorder.ts';
import { floorOf, readSpace, type SpaceLimits } from '../recorder/space.ts';
import { cutClip, type ClipRange } from './clip.ts';

export interface ClipDesk {
  /** Begins, or does nothing where it has begun already. */
  start(id: string, range: ClipRange): void;
  state(id: string, camera: string): NodeClip | null;
  /** The path of a file of a clip that is ready. */
  file(id: string, camera: string, name: string): string | null;
  drop(id: string): Promise<void>;
  stop(): Promise<void>;
}
export interface ClipDeskParts { binary: FfmpegBinary; recorder: Recorder; directory: string; limits: SpaceLimits; log: Logger; now: () => number }

const MOST = 100;
/** What nobody came for is removed. */
const KEPT_MS = 6 * 3_600_000;

export async function openClipDesk({ binary, recorder, directory, limits, log, now }: ClipDeskParts): Promise<ClipDesk> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const clips = new Map<string, { id: string; camera: string; folder: string; at: number; state: NodeClip; abort: AbortController }>();
  let turn: Promise<void> = Promise.resolve();
  const hasRoom = async (bytes: number): Promise<boolean> => {
    const space = await readSpace(directory);
    return space !== null && space.freeBytes - bytes > floorOf(space, limits);
  };
  async function drop(id: string): Promise<void> {
    for (const [key, clip] of clips) {
      if (clip.id !== id) continue;
      clip.abort.abort();
      clips.delete(key);
      await rm(clip.folder, { recursive: true, force: true });
    }
  }

  return {
    start(id, range) {
      const key = `${id}/${range.camera}`;
      if (clips.has(key) && clips.get(key)?.state.state !== 'failed') return;
      for (const old of clips.values()) if (now() - old.at > KEPT_MS) void drop(old.id);
      if (clips.size >= MOST) throw new Fault('unavailable', 'too many clips at once', { retryAfter: 30 });
      const abort = new AbortController();
      const clip = { id, camera: range.camera, folder: join(directory, id, range.camera), at: now(), state: { state: 'waiting', progress: 0, cause: null, files: [], segments: [] } as NodeClip, abort };
      clips.set(key, clip);
      turn = turn.then(async () => {
        if (abort.signal.aborted) return;
        try {
          await mkdir(clip.folder, { recursive: true, mode: 0o700 });
          clip.state = await cutClip({ binary, recorder, folder: clip.folder, hasRoom, now, signal: abort.signal, progress: (state, progress) => { clip.state = { ...clip.state, state, progress }; } }, range);
        } catch (error) {
          clip.state = { ...clip.state, state: 'failed', cause: 'cut_failed' };
          if (!abort.signal.aborted) log.error({ event: 'clip_failed', camera: range.camera, err: error });
        }
        if (abort.signal.aborted) await rm(clip.folder, { recursive: true, force: true });
      });
    },
    state: (id, camera) => clips.get(`${id}/${camera}`)?.state ?? null,
    file(id, camera, name) {
      const clip = clips.get(`${id}/${camera}`);
      return clip?.state.state === 'ready' && clip.state.files.some((one) => one.name === name) ? join(clip.folder, name) : null;
    },
    drop,
    async stop() {
      for (const clip of clips.values()) clip.abort.abort();
      await turn;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
