/** A fresh small picture of a camera, out of what is recorded anyway: never a connection of its own to the camera. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { CONNECTED_STATES } from '#contract/vocabulary.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import { askNode } from './askNode.ts';
import { readCamera } from './cameraRows.ts';
import { masksOf, underMasks } from './masks.ts';
import type { Nodes } from './nodes.ts';

export function snapshotRoutes({ database, nodes }: { database: Database; nodes: Nodes }): Route[] {
  return [
    route({
      method: 'get', path: '/cameras/:id/snapshot', tag: 'Cameras', summary: 'The newest picture of a camera (JPEG, made anew every 10 s at most); Picture-At says of when it is. A camera that is away has none; masks of the camera stay on', access: ['operator', 'leader', 'inspector', 'admin'], scope: { kind: 'camera', from: 'params.id' },
      params: z.object({ id: z.string().max(60) }), answer: null,
      async handle({ params, response }) {
        const camera = await readCamera(database, params.id);
        if (!camera) throw new Fault('not_found');
        const node = nodes.of(camera.node);
        if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
        const answer = await askNode(node, underMasks(masksOf(camera), `/snapshot/${encodeURIComponent(params.id)}`)).catch((error: unknown) => {
          // The node looks at its recordings: one that is there and not recorded is not away.
          const said = nodes.cameraState(camera.node, camera.id);
          throw error instanceof Fault && error.code === 'camera_away' && said && CONNECTED_STATES.includes(said.state) && !said.recording ? new Fault('no_recording') : error;
        });
        response.type('image/jpeg').setHeader('Picture-At', answer.headers.get('picture-at') ?? '');
        response.setHeader('Cache-Control', 'private, max-age=10');
        response.send(Buffer.from(await answer.arrayBuffer()));
      },
    }),
  ];
}
