/** Cameras tried before they are saved, and afterwards. Who may save a camera may try it; every trial is written down. */
import { z } from 'zod';
import { cameraTest, cameraTestRequest, trialAnswer, type TrialOrder } from '#contract/cameraTest.ts';
import { Fault } from '#contract/faults.ts';
import type { Session } from '../access/session.ts';
import { audit } from '../audit/append.ts';
import { route, type Route } from '../http/route.ts';
import { askNode } from './askNode.ts';
import { readCamera } from './cameraRows.ts';
import { checkAddress, hostOf } from './address.ts';
import { judgeTest } from './judgeTest.ts';
import { nodeForNew } from './placement.ts';
import type { CameraParts } from './routes.ts';

/** The node answers within 13 s. */
const PATIENCE = 15_000;
/** One person's trials at once: each opens connections inside the network. */
const AT_ONCE = 2;

export function cameraTestRoutes({ database, nodes, seal, now, cameraNetworks, uplinkOf }: Pick<CameraParts, 'database' | 'nodes' | 'seal' | 'now' | 'cameraNetworks'> & { uplinkOf: (unit: string) => Promise<number | null> }): Route[] {
  const running = new Map<string, number>();
  const run = async (session: Session, node: string, unit: string, subject: string, order: TrialOrder) => {
    const mine = running.get(session.username) ?? 0;
    if (mine >= AT_ONCE) throw new Fault('camera_tests_busy', null, { retryAfter: 10 });
    running.set(session.username, mine + 1);
    try {
      const state = nodes.of(node);
      if (!state) throw new Fault('node_away', null, { retryAfter: 3 });
      await audit(database, { actor: session.username, action: 'camera.test', unit, subject, detail: { host: hostOf(order.url) } }, now());
      const answer = trialAnswer.parse(await (await askNode(state, '/trial', { body: order, patience: PATIENCE })).json());
      const findings = judgeTest(answer, order.subUrl !== null, await uplinkOf(unit));
      return { at: now().toISOString(), ok: !findings.some((one) => one.severity === 'error'), ...answer, findings };
    } finally {
      const left = (running.get(session.username) ?? 1) - 1;
      if (left > 0) running.set(session.username, left); else running.delete(session.username);
    }
  };
  return [
    route({
      method: 'post', path: '/cameras/test', cost: 10, tag: 'Cameras', summary: 'Tries a camera that need not be saved: picture, codec, rates, key frames, and what is wrong with it, within 15 s', access: ['admin'], scope: { kind: 'unit', from: 'body.unit' }, body: cameraTestRequest, answer: cameraTest,
      async handle({ session, body }) {
        await checkAddress(body.url, cameraNetworks);
        await checkAddress(body.subUrl, cameraNetworks);
        return await run(session, await nodeForNew(database, body.unit, now()), body.unit, 'new', { url: body.url, subUrl: body.subUrl ?? null, username: body.username || null, password: body.password || null, transport: body.transport });
      },
    }),
    route({
      method: 'post', path: '/cameras/:id/test', tag: 'Cameras', summary: 'Tries a saved camera at its own address with its own password', access: ['admin'], scope: { kind: 'camera', from: 'params.id' }, params: z.object({ id: z.string().max(60) }), answer: cameraTest,
      async handle({ session, params }) {
        const camera = await readCamera(database, params.id);
        if (!camera) throw new Fault('not_found');
        if (camera.url === null) throw new Fault('camera_not_real');
        return await run(session, camera.node, camera.unit, camera.id, { url: camera.url, subUrl: camera.sub_url, username: camera.username, password: camera.password_sealed ? seal.open(camera.password_sealed) : null, transport: camera.transport });
      },
    }),
  ];
}
