/** A road to a database that can be closed or blocked, as a network does it. The database itself goes on. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { openTestServer } from './database.ts';

export interface UnsteadyDatabase { url: string; close(): Promise<void>; freeze(): void; open(): Promise<void>; end(): Promise<void> }

export async function startUnsteadyDatabase(): Promise<UnsteadyDatabase> {
  const databases = await openTestServer();
  const database = await databases.create();
  const target = new URL(database.url);
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  const server = createServer((here) => {
    const there = connect(Number(target.port), target.hostname);
    const pair: [Socket, Socket] = [here, there];
    pairs.add(pair);
    const over = () => { pairs.delete(pair); here.destroy(); there.destroy(); };
    for (const socket of pair) socket.on('error', over).on('close', over);
    if (!frozen) here.pipe(there).pipe(here);
  });
  const listen = (port: number) => new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', () => { resolve(); }); });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(database.url);
  url.port = String(port);
  const cut = () => { for (const pair of pairs) for (const socket of pair) socket.destroy(); };
  return {
    url: url.href,
    /** Refuses: nothing listens any more. */
    async close() { const closed = new Promise((resolve) => { server.close(resolve); }); cut(); await closed; },
    /** Nothing comes through any more, and nothing says so. */
    freeze() { frozen = true; for (const [here, there] of pairs) { here.unpipe(there); there.unpipe(here); } },
    async open() { frozen = false; cut(); if (!server.listening) await listen(port); },
    async end() { cut(); server.close(); await database.drop(); await databases.stop(); },
  };
}
