/** The last orders of the centre, kept on disk so that a node that starts alone goes on where it was. Secrets sealed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeOrders, type NodeOrders } from '#contract/node.ts';
import type { Seal } from './seal.ts';

const FILE = 'assignments.json';

export async function keepOrders(directory: string, orders: NodeOrders, seal: Seal): Promise<void> {
  const kept = {
    ...orders, revoked: [], ticketKey: seal.close(orders.ticketKey),
    cameras: orders.cameras.map((camera) => ({
      ...camera, username: camera.username === null ? null : seal.close(camera.username), password: camera.password === null ? null : seal.close(camera.password),
    })),
  };
  const temporary = join(directory, `${FILE}.new`);
  await writeFile(temporary, JSON.stringify(kept, null, 1), { mode: 0o600 });
  await rename(temporary, join(directory, FILE));
}

/** Null when there are none, or they were sealed under another secret. */
export async function readOrders(directory: string, seal: Seal): Promise<NodeOrders | null> {
  try {
    const kept = nodeOrders.parse(JSON.parse(await readFile(join(directory, FILE), 'utf8')));
    const open = (text: string | null): string | null => text === null ? null : seal.open(text);
    return {
      ...kept, ticketKey: seal.open(kept.ticketKey),
      cameras: kept.cameras.map((camera) => ({ ...camera, username: open(camera.username), password: open(camera.password) })),
    };
  } catch { return null; }
}
