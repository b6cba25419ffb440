/** Pictures as data: what moves in the zones of a camera, and the view that an administrator confirms. */
import { z } from 'zod';
import { cameraRow } from '#contract/camera.ts';
import { instant } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { cameraActivity, nodeMinutes, nodeMinutesAnswer, type PictureOrders } from '#contract/picture.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { cameraRowOf, readCamera } from './cameraRows.ts';
import { keepMinutes, readMinutes } from './minutes.ts';
import type { Nodes } from './nodes.ts';
import { readNode } from './readNode.ts';

export interface PictureParts { database: Database; units: Units; nodes: Nodes; now: () => Date; orders: PictureOrders; changed: () => void }

const LONGEST = 48 * 3_600_000;
const id = z.object({ id: z.string().max(60) });

export function pictureRoutes({ database, units, nodes, now, orders, changed }: PictureParts): Route[] {
  return [
    route({
      method: 'get', path: '/cameras/:id/activity', tag: 'Cameras', summary: 'What moved in the zones of a camera, by minutes that were looked at: shares, no people', access: 'session', scope: { kind: 'camera', from: 'params.id' },
      params: id, query: z.object({ from: instant, to: instant }), answer: cameraActivity,
      async handle({ params, query }) {
        const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
        if (!(from < to) || to - from > LONGEST) throw new Fault('bad_period', 'from must lie before to, at most 48 hours apart');
        const record = await readCamera(database, params.id);
        if (!record) throw new Fault('not_found');
        return { camera: params.id, from: query.from, to: query.to, zones: record.zones, everyMinutes: orders.everyMinutes, minutes: await readMinutes(database, params.id, new Date(from), new Date(to)) };
      },
    }),
    route({
      method: 'post', path: '/cameras/:id/confirm-view', tag: 'Cameras', summary: 'Says that the camera shows what it should: the next good picture becomes the reference', access: ['admin'], scope: { kind: 'camera', from: 'params.id' }, params: id, answer: cameraRow,
      async handle({ params, session }) {
        await database.transaction(async (connection) => {
          const done = await connection.query<{ unit: string }>('UPDATE cameras SET view_confirmed_at = $2 WHERE id = $1 RETURNING unit', [params.id, now()]);
          const unit = done.rows[0]?.unit;
          if (unit === undefined) throw new Fault('not_found');
          await appendAudit(connection, { actor: session.username, action: 'camera.confirm_view', unit, subject: params.id }, now());
        });
        changed();
        const record = await readCamera(database, params.id);
        if (!record) throw new Fault('not_found');
        return cameraRowOf(record, nodes, units, true);
      },
    }),
    route({
      method: 'post', path: '/node/minutes', tag: 'Media node', summary: 'What moved in the pictures of a media node, in order', access: 'node', scope: { kind: 'none' }, rawBody: { limit: '1mb' }, body: nodeMinutes, answer: nodeMinutesAnswer,
      async handle({ body, request }) {
        const told = readNode(nodeMinutes, body);
        await nodes.admit(told.node, request.headers.authorization);
        return { upTo: await keepMinutes(database, told.node, told.minutes) };
      },
    }),
  ];
}
