/** Privacy masks of a camera: drawn by its administrators, each version kept with who, when and why. */
import { z } from 'zod';
import { masksHistory, masksRequest } from '#contract/camera.ts';
import { Fault } from '#contract/faults.ts';
import type { MaskShapes } from '#contract/picture.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';

const camera = { kind: 'camera', from: 'params.id' } as const;
const id = z.object({ id: z.string().max(60) });

export function maskRoutes({ database, now, changed }: { database: Database; now: () => Date; changed: () => void }): Route[] {
  const show = async (connection: Queryable, wanted: string) => {
    const held = (await connection.query<{ masks: MaskShapes | null; mask_version: number }>('SELECT masks, mask_version FROM cameras WHERE id = $1', [wanted])).rows[0];
    if (!held) throw new Fault('not_found');
    const rows = await connection.query<{ version: number; shapes: MaskShapes; at: Date; by_whom: string; note: string }>('SELECT version, shapes, at, by_whom, note FROM camera_masks WHERE camera = $1 ORDER BY version DESC LIMIT 50', [wanted]);
    return { version: held.mask_version, shapes: held.masks ?? [], history: rows.rows.map((row) => ({ version: row.version, shapes: row.shapes, at: row.at.toISOString(), by: row.by_whom, note: row.note })) };
  };
  return [
    route({
      method: 'get', path: '/cameras/:id/masks', tag: 'Cameras', summary: 'The privacy masks of a camera and their last fifty versions', access: ['admin', 'inspector'], scope: camera, params: id, answer: masksHistory,
      async handle({ params }) { return await show(database, params.id); },
    }),
    route({
      method: 'put', path: '/cameras/:id/masks', tag: 'Cameras', summary: 'Draws the privacy masks anew; none at all ends them. They hold for what was recorded before too', access: ['admin'], scope: camera, params: id, body: masksRequest, answer: masksHistory,
      async handle({ session, params, body }) {
        const shown = await database.transaction(async (connection) => {
          const held = (await connection.query<{ unit: string; mask_version: number }>('SELECT unit, mask_version FROM cameras WHERE id = $1 FOR UPDATE', [params.id])).rows[0];
          if (!held) throw new Fault('not_found');
          if (held.mask_version !== body.version) throw new Fault('changed_meanwhile', null, { version: held.mask_version });
          const [version, shapes] = [held.mask_version + 1, JSON.stringify(body.shapes)];
          await connection.query('UPDATE cameras SET masks = $2, mask_version = $3 WHERE id = $1', [params.id, body.shapes.length === 0 ? null : shapes, version]);
          await connection.query('INSERT INTO camera_masks (camera, version, shapes, note, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6)', [params.id, version, shapes, body.note, now(), session.username]);
          await appendAudit(connection, { actor: session.username, action: 'camera.masks', unit: held.unit, subject: params.id, detail: { version, shapes: body.shapes, note: body.note } }, now());
          return await show(connection, params.id);
        });
        changed();
        return shown;
      },
    }),
  ];
}
