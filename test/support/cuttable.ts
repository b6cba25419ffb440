/** A line between two processes on 127.0.0.1 that a test can cut and mend. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Line { url: string; cut(on: boolean): void; stop(): Promise<void> }

export async function startLine(target: string): Promise<Line> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) { near.destroy(); return; }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => { sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const cutAll = (): void => { for (const one of sockets) one.destroy(); };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(on) { isCut = on; if (on) cutAll(); },
    async stop() { cutAll(); await new Promise<void>((resolve) => { server.close(() => resolve()); }); },
  };
}
