import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pino from 'pino';
import type { Piece } from '#streams/gateway/flv.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createFanOut, type FanOut } from '#streams/gateway/fanOut.ts';
import { Viewer } from '#streams/gateway/viewer.ts';
import { ADMITTED } from '#streams/relay/door.ts';

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
afterEach(() => { fanOut?.stop(); for (const line of lines.splice(0)) line.destroy(); server?.close(); });
const lines: Socket[] = [];

async function relay() {
  const open: Socket[] = [];
  const asked: string[] = [];
  server = createServer((line) => {
    lines.push(line);
    line.on('error', () => line.destroy()).once('data', (ask: Buffer) => {
      asked.push(ask.toString());
      if (ask.toString() !== 'x s\n') { line.destroy(); return; }
      line.write(Buffer.concat([Buffer.from([ADMITTED]), HEADER, flv('setup', 0)]));
      open.push(line);
    });
  });
  await new Promise<void>((resolve) => { server?.listen(0, '127.0.0.1', resolve); });
  const door = { port: (server.address() as AddressInfo).port, secret: 'x' };
  fanOut = createFanOut({ door: () => door, log: pino({ level: 'silent' }), now: () => performance.now() });
  return { open, asked, fanOut };
}
function watch() {
  const written: Buffer[] = [];
  const whole: Piece[] = [];
  const viewer = new Viewer(String(Math.random()), 'cam', { write: (piece) => { written.push(Buffer.from(piece.flv)); whole.push(piece); }, pending: () => 0, close: () => undefined }, () => performance.now());
  return { viewer, whole, pictures: () => written.filter((one) => one.length === 35 && one[12] === 1).map((one) => ({ key: one[11] === 0x17, time: one.readUIntBE(4, 3) })) };
}

/** The one message that these bytes are, by RFC 6455; shortest length form, unmasked. */
function unframe(bytes: Buffer): { opcode: number; payload: Buffer } {
  const short = (bytes[1] ?? 0) & 127;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  expect([(bytes[0] ?? 0) >> 4, (bytes[1] ?? 0) >> 7, length >= (head === 10 ? 65_536 : head === 4 ? 126 : 0), bytes.length]).toEqual([8, 0, true, head + length]);
  return { opcode: (bytes[0] ?? 0) & 15, payload: bytes.subarray(head) };
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
    // Times go on from the stream's first picture, for all its viewers alike, so that they share the very same bytes.
    expect(second.pictures()).toEqual([{ key: true, time: 80 }, { key: false, time: 120 }]);
    expect(second.whole.at(-1)?.message).toBe(first.whole.at(-1)?.message);
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

  it('begins to count anew after a day, and goes on counting for those who were there', async () => {
    const { open, fanOut: out } = await relay();
    const [first, second] = [watch(), watch()];
    out.add('s', first.viewer);
    await wait(() => open.length === 1);
    const day = 24 * 3_600_000;
    const step = 4000;
    // In steps that are no leaps: a picture every four seconds.
    for (let at = 0; at <= day + 2 * step; at += step) open[0]?.write(flv('key', at));
    await wait(() => first.pictures().length === day / step + 3, 20_000);
    out.add('s', second.viewer);
    expect(second.pictures()).toEqual([{ key: true, time: step }]);
    open[0]?.write(flv('inter', day + 2 * step + 40));
    await wait(() => second.pictures().length === 2);
    expect(second.pictures()[1]?.time).toBe(step + 40);
    expect(first.whole.at(-1)?.flv.readUIntBE(4, 3)).toBe((day + 2 * step + 40) % 0x1000000);
    expect(first.whole.at(-1)?.flv[7]).toBe(Math.floor((day + 2 * step + 40) / 0x1000000));
  });

  it('reads tags however they are cut, and sends messages of every length as they are', async () => {
    const { open, fanOut: out } = await relay();
    const { viewer, whole } = watch();
    out.add('s', viewer);
    await wait(() => open.length === 1);
    const long = (kind: number, size: number, timestamp: number): Buffer => {
      const bytes = Buffer.alloc(11 + size + 4, 0xab);
      bytes[0] = 9;
      bytes.writeUIntBE(size, 1, 3);
      bytes.writeUIntBE(timestamp, 4, 3);
      bytes.writeUInt32BE(kind, 7);
      bytes[11] = kind === 1 ? 0x17 : 0x27;
      bytes[12] = 1;
      bytes[7] = 0;
      bytes.writeUInt32BE(size + 11, 11 + size);
      return bytes;
    };
    const tags = [long(1, 70_000, 0), long(2, 2, 40), long(2, 300, 80), long(2, 65_520, 120), long(2, 65_521, 160)];
    const bytes = Buffer.concat(tags);
    for (let at = 0; at < bytes.length; at += 9973) { open[0]?.write(bytes.subarray(at, at + 9973)); await new Promise((resolve) => { setTimeout(resolve, 2); }); }
    const header = 2;
    await wait(() => whole.length === header + tags.length);
    for (const [index, tag] of tags.entries()) {
      const { flv: sent, message } = whole[header + index] ?? { flv: Buffer.alloc(0), message: Buffer.alloc(0) };
      expect(sent.equals(tag)).toBe(true);
      const read = unframe(message);
      expect(read.opcode).toBe(2);
      expect(read.payload.equals(tag)).toBe(true);
    }
  });

  it('asks again, and shows nothing, where the relay has no such stream', async () => {
    const { asked, fanOut: out } = await relay();
    const { viewer, pictures } = watch();
    out.add('other', viewer);
    await wait(() => asked.length >= 2);
    expect([asked[0], pictures().length, viewer.over]).toEqual(['x other\n', 0, false]);
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
