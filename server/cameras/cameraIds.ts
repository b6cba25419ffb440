/**
 * Whose an id of a camera is. Recordings are found by it and stay until they expire, also when the camera is gone: another
 * unit that got the same id, or the camera itself, would see them. So an id belongs to one unit.
 */
import { Fault } from '#contract/faults.ts';
import type { Queryable } from '../database/pool.ts';
import type { CameraRecord } from './nodes.ts';

/** In a name space of the unit's own: whether another unit has the id that was asked for cannot be learned from it. */
export function ownId(unit: string, asked: string): string {
  const prefix = `${unit.toLowerCase().replace(/[^a-z0-9]/g, '-')}-`;
  return asked.startsWith(prefix) ? asked : `${prefix}${asked}`.slice(0, 60);
}

export async function keepId(connection: Queryable, id: string, unit: string): Promise<void> {
  await connection.query('INSERT INTO camera_ids (id, unit) VALUES ($1, $2) ON CONFLICT DO NOTHING', [id, unit]);
  const kept = (await connection.query<{ unit: string }>('SELECT unit FROM camera_ids WHERE id = $1 FOR UPDATE', [id])).rows[0];
  if (kept?.unit !== unit) throw new Fault('conflict', 'a camera with this id exists or existed');
}

/** A camera that is switched off and never recorded may go to another unit under its id. */
export async function moveId(connection: Queryable, camera: CameraRecord, unit: string, isRecording: boolean): Promise<void> {
  const used = await connection.query("SELECT FROM segments WHERE camera = $1 UNION ALL SELECT FROM camera_states WHERE camera = $1 AND state = 'online' LIMIT 1", [camera.id]);
  if (camera.enabled || isRecording || (used.rowCount ?? 0) > 0) throw new Fault('camera_unit_fixed');
  await connection.query('INSERT INTO camera_ids (id, unit) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET unit = excluded.unit', [camera.id, unit]);
}
