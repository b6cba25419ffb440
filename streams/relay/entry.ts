/**
 * The relay's own process: node-media-server, RTMP on loopback for this node's ffmpegs, and one door for the gateway
 * that hands a stream out as FLV. It is told its ports and its secret over IPC, and ends when its parent does.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import NodeMediaServer from 'node-media-server';
import Context from 'node-media-server/src/core/context.js';
import relayLog from 'node-media-server/src/core/logger.js';
import Flv from 'node-media-server/src/protocol/flv.js';
import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import { ADMITTED, LONGEST_ASK } from './door.ts';
import { admitPublisher, contain, refusePlayer, sameText, type RelayBroadcast, type RelayPacket, type RelaySession } from './guard.ts';

export interface RelayOrders { type: 'start'; secret: string; rtmpPort: number }
export type RelayWord =
  | { type: 'ready'; doorPort: number }
  | { type: 'traffic'; streams: Record<string, number>; residentBytes: number };

/** What one reader may leave unread before it is cut off; the gateway reads at once or is gone. */
const READER_BOUND = 8 * 1024 * 1024;
const ASK_MS = 5000;
const TRAFFIC_MS = 2000;
/** No frame waits longer than this. */
const TURN_MS = 20;

const say = (word: RelayWord): void => { process.send?.(word); };
const broadcasts = Context.broadcasts as Map<string, RelayBroadcast>;

process.once('message', (orders: RelayOrders) => { void start(orders); });
// Without a parent there is nobody to relay for; this is also how the process ends when the node is killed.
process.once('disconnect', () => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));

async function start({ secret, rtmpPort }: RelayOrders): Promise<void> {
  const relay = new NodeMediaServer({ bind: '127.0.0.1', rtmp: { port: rtmpPort }, record: { auto: false }, webadmin: { enable: false } });
  relayLog.level = 'error';
  relayLog.log = () => undefined;
  // Nobody plays over RTMP here: without the RTMP copy of each packet the relay saves a quarter of its work.
  const nothing = Buffer.alloc(0);
  Rtmp.createMessage = () => nothing;
  Flv.createMessage = flvTag;
  relay.on('prePublish', (session: RelaySession) => admitPublisher(session, secret));
  relay.on('prePlay', refusePlayer);
  relay.on('donePublish', (session: RelaySession) => {
    for (const reader of [...session.broadcast?.subscribers.values() ?? []]) reader.close?.();
  });

  const rtmp = relay.rtmpServer.tcpServer as Server;
  rtmp.removeAllListeners('connection');
  rtmp.on('connection', (socket: Socket) => {
    const own = { rest: nothing };
    contain(socket, relay.rtmpServer.handleRequest);
    socket.prependListener('data', () => { memory = own; });
    socket.on('data', takeTurn);
  });
  // Only this listener of the package: its store, history, notification and HTTP parts stay unborn.
  relay.rtmpServer.run();

  const door = createServer({ noDelay: true }, (line) => {
    line.on('error', () => line.destroy()).setTimeout(ASK_MS, () => line.destroy());
    line.once('data', (ask: Buffer) => handOut(ask, line, secret));
  });
  door.listen(0, '127.0.0.1', () => say({ type: 'ready', doorPort: (door.address() as AddressInfo).port }));
  setInterval(report, TRAFFIC_MS);
}

/** The line comes in one piece from the same machine, or not from the gateway. */
function handOut(ask: Buffer, line: Socket, secret: string): void {
  const [, given = '', name = ''] = /^(\S+) ([A-Za-z0-9_-]{1,80})\n$/.exec(ask.length > LONGEST_ASK ? '' : ask.toString('latin1')) ?? [];
  const broadcast = sameText(given, secret) ? broadcasts.get(`/${secret}/${name}`) : undefined;
  if (broadcast === undefined || broadcast.getPublishStatus() !== 'publishing') { line.destroy(); return; }
  line.setTimeout(0);
  line.write(Buffer.from([ADMITTED]));
  const reader = {
    id: `door-${performance.now()}-${Math.random()}`, ip: '', protocol: 'flv', streamPath: broadcast.streamPath, endTime: 0, outBytes: 0,
    sendBuffer(bytes: Buffer) {
      if (line.writableLength > READER_BOUND) { line.destroy(); return; }
      if (!held.has(line)) { line.cork(); held.add(line); }
      line.write(bytes);
      takeTurn();
    },
    close() { line.end(); },
  };
  line.once('close', () => { held.delete(line); broadcast.donePlay(reader); });
  broadcast.postPlay(reader);
}

/**
 * As the package makes it, but in common pieces of memory: one of its own for each frame is most of what is collected here.
 * Common to one stream: the package keeps each up to its next key frame, and with it all that lies in the same pieces.
 */
const SLAB = 128 * 1024;
/** Of the stream whose bytes are being read. */
let memory: { rest: Buffer } = { rest: Buffer.alloc(0) };
function flvTag({ codec_type: type, size, dts, data }: RelayPacket): Buffer {
  const length = 11 + size + 4;
  if (memory.rest.length < length) memory.rest = Buffer.allocUnsafeSlow(Math.max(SLAB, length));
  const tag = memory.rest.subarray(0, length);
  memory.rest = memory.rest.subarray(length);
  tag.writeUInt8(type, 0);
  tag.writeUIntBE(size, 1, 3);
  tag.writeUIntBE(dts & 0xffffff, 4, 3);
  tag.writeUInt8(dts >>> 24, 7);
  tag.fill(0, 8, 11);
  data.copy(tag, 11, 0, size);
  tag.writeUInt32BE(11 + size, 11 + size);
  return tag;
}

const held = new Set<Socket>();
let turnBegan: number | null = null;
const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Frames are passed on in turns: what comes for any stream within TURN_MS is read at once and written at once, so that
 * hundreds of small packets a second wake this process and the gateway fifty times. Between turns its one thread sleeps:
 * the kernel keeps what comes. A turn that took its time, with many streams, is followed by the next at once.
 */
function takeTurn(): void {
  if (turnBegan !== null) return;
  turnBegan = performance.now();
  setImmediate(() => {
    for (const line of held) line.uncork();
    held.clear();
    const left = TURN_MS - (performance.now() - (turnBegan ?? 0));
    turnBegan = null;
    if (left > 1) Atomics.wait(never, 0, 0, left);
  });
}

function report(): void {
  const streams: Record<string, number> = {};
  for (const broadcast of broadcasts.values()) {
    const name = broadcast.streamPath.split('/')[2];
    if (name !== undefined && broadcast.publisher !== null) streams[name] = broadcast.publisher.inBytes;
  }
  say({ type: 'traffic', streams, residentBytes: process.memoryUsage.rss() });
}
