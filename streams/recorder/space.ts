/**
 * How full the recording disk is. ffmpeg crashes on a full disk, so it must never meet one: recording stops while there
 * is still room, and begins again when there is more.
 */
import { statfs } from 'node:fs/promises';

export interface DiskSpace { freeBytes: number; totalBytes: number }
export interface SpaceLimits { freeShare: number; freeBytes: number; enoughBytes: number }
/** Five per cent or 1 GB, whichever is more; of a large disk 20 GB are enough, more would be withheld from its owner. */
export const SPACE_LIMITS: SpaceLimits = { freeShare: 0.05, freeBytes: 1e9, enoughBytes: 20e9 };

export async function readSpace(directory: string): Promise<DiskSpace | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch { return null; }
}

export const floorOf = (space: DiskSpace, limits: SpaceLimits): number => Math.max(limits.freeBytes, Math.min(space.totalBytes * limits.freeShare, limits.enoughBytes));

/** With a tenth more needed to begin again than to stop, so that it does not swing. */
export function judgeSpace(space: DiskSpace, before: 'enough' | 'full', limits: SpaceLimits = SPACE_LIMITS): 'enough' | 'full' {
  return space.freeBytes < floorOf(space, limits) * (before === 'full' ? 1.1 : 1) ? 'full' : 'enough';
}
