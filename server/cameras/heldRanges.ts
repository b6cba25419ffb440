/** What a media node must not delete, as it is told with its orders. */
import type { HeldRange } from '#contract/node.ts';
import type { Queryable } from '../database/pool.ts';

export async function readOrderedHolds(database: Queryable, node: string): Promise<HeldRange[]> {
  const rows = await database.query<{ id: number; camera: string; starts: Date; ends: Date }>('SELECT id, camera, starts, ends FROM holds WHERE (node = $1 OR camera IN (SELECT camera FROM camera_nodes WHERE node = $1)) AND lifted_at IS NULL ORDER BY id', [node]);
  return rows.rows.map((row) => ({ id: String(row.id), camera: row.camera, from: row.starts.getTime(), to: row.ends.getTime() }));
}
