/** Which masks a camera's picture has for somebody: all of them, unless that person may lift them, wants to, and has said why. */
import { Fault } from '#contract/faults.ts';
import type { CameraMasks, MaskShapes } from '#contract/picture.ts';
import type { Session } from '../access/session.ts';
import type { Queryable } from '../database/pool.ts';

export interface Maskable { masks: MaskShapes | null; mask_version: number }

export const masksOf = ({ masks, mask_version: version }: Maskable): CameraMasks | null => (masks === null || masks.length === 0 ? null : { version, shapes: masks });
export const mayLift = (session: Session): boolean => session.roles.includes('unmask');

/** Null: the whole picture. Refuses who wants it without the right or without a purpose; never falls back to either. */
export function masksFor(session: Session, camera: Maskable, unmasked: boolean): CameraMasks | null {
  const masks = masksOf(camera);
  if (masks === null || !unmasked) return masks;
  if (!mayLift(session)) throw new Fault('mask_right_required');
  if (session.purpose === null) throw new Fault('purpose_required');
  return null;
}

/**
 * Which of these cameras show by now less than was kept of them: `burnt` says with which version of its masks. Of a camera
 * that is deleted its last masks count: what was kept of it is still there.
 */
export async function isCoveredSince(database: Queryable, cameras: readonly string[], burnt: Readonly<Record<string, number>>): Promise<boolean> {
  const found = await database.query<{ camera: string; version: number; covers: boolean }>("SELECT DISTINCT ON (camera) camera, version, shapes <> '[]' AS covers FROM camera_masks WHERE camera = ANY($1) ORDER BY camera, version DESC", [cameras]);
  return found.rows.some(({ camera, version, covers }) => covers && burnt[camera] !== version);
}

/** A path of a media node, behind the masks where there are some. */
export const underMasks = (masks: CameraMasks | null, path: string): string => (masks === null ? path : `/masked${path}${path.includes('?') ? '&' : '?'}masks=${encodeURIComponent(JSON.stringify(masks.shapes))}`);
