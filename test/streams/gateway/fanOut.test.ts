import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createFanOut, type FanOut } from '#streams/gateway/fanOut.ts';
import { Viewer } from '#streams/gateway/viewer.ts';

const HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
function flv(kind: 'setup' | 'key' | 'inter', timestamp: number): Buffer {
  const bytes = Buffer.alloc(11 + 20 + 4);
  bytes[0] = 9;
  bytes.writeUIntBE(20, 1, 3);
  bytes.writeUIntBE(timestamp & 0xffffff, 4, 3);
  bytes[7] = timestamp >>> 24;
  bytes[11] = kind === 'inter' ? 0x27 : 0x17;
  bytes[12] = kind === 'setup' ? 0 : 1;
  bytes.writeUInt32BE(31, 31);
  return bytes;
}
const wait = async (until: () => boolean, ms = 5000): Promise<void> => { for (let left = ms; !until() && left > 0; left -= 20) await new Promise((resolve) => { setTimeout(resolve, 20); }); expect(until()).toBe(true); };

let server: Server | null = null;
let fanOut: FanOut | null = null;
afterEach(() => { fanOut?.stop(); server?.closeAllConnections(); server?.close(); });

async function relay() {
  const open: ServerResponse[] = [];
  server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer x') { response.writeHead(401).end(); return; }
    response.writeHead(200);
    response.write(HEADER);
    response.write(flv('setup', 0));
    open.push(response);
  });
  await new Promise<void>((resolve) => { server?.listen(0, '127.0.0.1', resolve); });
  const door = { port: (server.address() as AddressInfo).port, authorization: 'Bearer x' };
  fanOut = createFanOut({ door: () => door, log: pino({ level: 'silent' }), now: () => performance.now() });
  return { open, fanOut };
}
function watch() {
  const written: Buffer[] = [];
  const viewer = new Viewer(String(Math.random()), 'cam', { write: (bytes) => { written.push(bytes); }, pending: () => 0, close: () => undefined }, () => performance.now());
  return { viewer, pictures: () => written.filter((one) => one.length === 35 && one[12] === 1).map((one) => ({ key: one[11] === 0x17, time: one.readUIntBE(4, 3) })) };
}

describe('the fan-out', () => {
  it('takes a stream once, and gives a new viewer the running group of pictures at once', async () => {
    const { open, fanOut: out } = await relay();
    const [first, second] = [watch(), watch()];
    out.add('s', first.viewer);
    await wait(() => open.length === 1);
    open[0]?.write(Buffer.concat([flv('key', 5000), flv('inter', 5040), flv('key', 5080), flv('inter', 5120)]));
    await wait(() => first.pictures().length === 4);
    out.add('s', second.viewer);
    expect(open.length).toBe(1);
    expect(second.pictures()).toEqual([{ key: true, time: 0 }, { key: false, time: 40 }]);
  });

  it('keeps its viewers when the relay dies, with time going on', async () => {
    const { open, fanOut: out } = await relay();
    const { viewer, pictures } = watch();
    out.add('s', viewer);
    await wait(() => open.length === 1);
    open[0]?.write(Buffer.concat([flv('key', 900_000), flv('inter', 900_040)]));
    await wait(() => pictures().length === 2);
    open[0]?.destroy();
    await wait(() => open.length === 2);
    open[1]?.write(Buffer.concat([flv('inter', 10), flv('key', 50), flv('inter', 90)]));
    await wait(() => pictures().length === 4);
    const all = pictures().map((one) => one.time);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(pictures()[2]?.key).toBe(true);
    expect(viewer.over).toBe(false);
  });

  it('smooths over leaps of time and the end of 32 bits', async () => {
    const { open, fanOut: out } = await relay();
    const { viewer, pictures } = watch();
    out.add('s', viewer);
    await wait(() => open.length === 1);
    open[0]?.write(Buffer.concat([flv('key', 0xffffffd0), flv('inter', 0xfffffff8), flv('key', 20), flv('inter', 60)]));
    await wait(() => pictures().length === 4);
    const all = pictures().map((one) => one.time);
    expect(all[0]).toBe(0);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all[3]).toBeLessThan(1000);
  });

  it('lets a revoked viewer go and keeps the others', async () => {
    const { fanOut: out } = await relay();
    const [first, second] = [watch(), watch()];
    out.add('s', first.viewer);
    out.add('s', second.viewer);
    out.close((one) => one.ticket === first.viewer.ticket, 'revoked');
    expect([first.viewer.over, second.viewer.over, out.viewers().length]).toEqual([true, false, 1]);
  });
});
