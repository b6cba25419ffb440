/**
 * What is deleted, and when: recordings past their days or beyond their camera's size, and, when the disk runs short, the
 * oldest of all; never what is held. Nothing else deletes. A pass takes a bounded number, so that a clock that leaps does
 * not empty the disk before somebody sees it.
 */
import type { Logger } from 'pino';
import type { Recorder } from './recorder.ts';
import { floorOf, judgeSpace, readSpace, type DiskSpace, type SpaceLimits } from './space.ts';

export interface Keep { days: number; bytes: number | null }
export interface Retention {
  space(): DiskSpace | null;
  state(): 'enough' | 'full';
  /** Below so much free space the oldest is deleted before its days are over. */
  floorBytes(): number | null;
  /** One pass now, beside those of the clock. */
  pass(): Promise<void>;
  stop(): void;
}

const PASS_MS = 5000;
const EXPIRED_EVERY = 12;
const EXPIRED_PER_CAMERA = 20;
const SHORT_PER_PASS = 100;
/** What was recorded before this was recorded by a clock that had not been set: its age is not known, and it goes when room is short. */
const FIRST_DATE_MS = Date.UTC(2020, 0, 1);
/** Deleting begins before recording has to stop. */
const EARLIER = 1.2;

export interface RetentionParts {
  recorder: Recorder; root: string; limits: SpaceLimits; now: () => number; log: Logger;
  /** Null: not known, so nothing is past its days. */
  keepOf: (camera: string) => Keep | null;
  /** Whether the clock may say what is past its days. */
  mayExpire?: () => boolean;
  /** Whether the disk is the one of this node, as of now. */
  isReady?: () => Promise<boolean>;
  onChange: (state: 'enough' | 'full') => void;
}

export function startRetention({ recorder, root, limits, keepOf, mayExpire = () => true, isReady = async () => true, now, log, onChange }: RetentionParts): Retention {
  let space: DiskSpace | null = null;
  let state: 'enough' | 'full' = 'enough';
  let passes = 0;
  let busy = false;
  const soon = { freeShare: limits.freeShare * EARLIER, freeBytes: limits.freeBytes * EARLIER, enoughBytes: limits.enoughBytes * EARLIER };

  async function pass(): Promise<void> {
    // Of a disk that is not there each file would look deleted.
    if (!await isReady()) return;
    space = await readSpace(root);
    if (space !== null) {
      const before = state;
      state = judgeSpace(space, before, limits);
      if (state !== before) { log.warn({ event: state === 'full' ? 'disk_full' : 'disk_room_again', freeBytes: space.freeBytes }); onChange(state); }
      if (judgeSpace(space, state, soon) === 'full') await deleteOldest();
    }
    if (passes++ % EXPIRED_EVERY === 0) await deletePast();
  }

  async function deleteOldest(): Promise<void> {
    for (let count = 0; count < SHORT_PER_PASS; count += 1) {
      const oldest = recorder.catalogue.cameras()
        .flatMap((camera) => { const segment = recorder.catalogue.oldest(camera, (one) => !recorder.isHeld(camera, one)); return segment === null ? [] : [{ camera, segment }]; })
        .toSorted((a, b) => a.segment.fromMs - b.segment.fromMs)[0];
      if (oldest === undefined) return;
      await recorder.remove(oldest.camera, oldest.segment, 'space');
      const left = await readSpace(root);
      if (left !== null && judgeSpace(left, 'full', limits) === 'enough') return;
    }
  }

  async function deletePast(): Promise<void> {
    for (const camera of recorder.catalogue.cameras()) {
      const keep = keepOf(camera);
      if (keep === null) continue;
      const limit = mayExpire() ? now() - keep.days * 86_400_000 : -Infinity;
      const segments = recorder.catalogue.between(camera, -Infinity, Infinity);
      // What is held takes no room of the camera's size: it would push out what is recorded now.
      const held = segments.reduce((sum, one) => sum + (recorder.isHeld(camera, one) ? one.bytes : 0), 0);
      let beyond = keep.bytes === null ? 0 : recorder.catalogue.bytes(camera) - held - keep.bytes;
      let count = 0;
      for (const segment of segments) {
        const undated = segment.toMs < FIRST_DATE_MS;
        const reason = segment.toMs < limit && !undated ? 'expired' : beyond > 0 ? 'quota' : null;
        if (count >= EXPIRED_PER_CAMERA || (reason === null && !undated)) break;
        if (reason === null || recorder.isHeld(camera, segment)) continue;
        if (await recorder.remove(camera, segment, reason)) { beyond -= segment.bytes; count += 1; }
      }
    }
  }

  const tick = (): void => {
    if (busy) return;
    busy = true;
    pass().catch((error: unknown) => log.error({ event: 'retention_failed', err: error })).finally(() => { busy = false; });
  };
  tick();
  const timer = setInterval(tick, PASS_MS);
  return { space: () => space, state: () => state, floorBytes: () => space === null ? null : floorOf(space, soon), pass, stop: () => clearInterval(timer) };
}
