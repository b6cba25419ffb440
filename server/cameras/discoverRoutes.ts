/** Looking for cameras on the camera networks. These are the whole province's: only its own administrators look. */
import { discoverAnswer, discoverRequest, discovery } from '#contract/discovery.ts';
import { Fault } from '#contract/faults.ts';
import { audit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { askNode } from './askNode.ts';
import type { Nodes } from './nodes.ts';

export function discoverRoutes({ database, nodes, units, now }: { database: Database; nodes: Nodes; units: Units; now: () => Date }): Route[] {
  return [
    route({
      method: 'post', path: '/cameras/discover', cost: 20, tag: 'Cameras', summary: 'Looks for ONVIF cameras on the camera networks; with `device`, asks one of them for its streams', access: ['admin'], scope: { kind: 'centre' }, body: discoverRequest, answer: discovery,
      async handle({ session, body }) {
        const node = nodes.any('local');
        if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
        await audit(database, { actor: session.username, action: 'camera.discover', unit: session.unit, subject: body.device?.slice(0, 200) ?? 'networks', ...(body.from ? { detail: { from: body.from } } : {}) }, now());
        const found = discoverAnswer.parse(await (await askNode(node, '/discover', { body: { device: body.device ?? null, from: body.from ?? 0, username: body.username || null, password: body.password || null }, patience: 20_000 })).json());
        const known = (await database.query<{ id: string; name: string; unit: string; url: string }>('SELECT id, name, unit, url FROM cameras WHERE url IS NOT NULL')).rows;
        const at = (address: string) => known.filter((camera) => { try { return new URL(camera.url).hostname === address; } catch { return false; } });
        return { ...found, devices: found.devices.map((device) => ({ ...device, cameras: at(device.address).map(({ id, name, unit }) => ({ id, name, unit, unitName: units.nameOf(unit) })) })) };
      },
    }),
  ];
}
