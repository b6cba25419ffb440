/**
 * The relay's own process: node-media-server, RTMP on loopback for this node's ffmpegs, and one door for the gateway
 * that hands a stream out as FLV. It is told its ports and its secret over IPC, and ends when its parent does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import NodeMediaServer from 'node-media-server';
import Context from 'node-media-server/src/core/context.js';
import relayLog from 'node-media-server/src/core/logger.js';
import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import { admitPublisher, contain, refusePlayer, sameText, type RelayBroadcast, type RelaySession } from './guard.ts';

export interface RelayOrders { type: 'start'; secret: string; rtmpPort: number }
export type RelayWord =
  | { type: 'ready'; doorPort: number }
  | { type: 'traffic'; streams: Record<string, number>; residentBytes: number };

/** What one reader may leave unread before it is cut off; the gateway reads at once or is gone. */
const READER_BOUND = 8 * 1024 * 1024;
const TRAFFIC_MS = 2000;

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
  relay.on('prePublish', (session: RelaySession) => admitPublisher(session, secret));
  relay.on('prePlay', refusePlayer);
  relay.on('donePublish', (session: RelaySession) => {
    for (const reader of [...session.broadcast?.subscribers.values() ?? []]) reader.close?.();
  });

  const rtmp = relay.rtmpServer.tcpServer as Server;
  rtmp.removeAllListeners('connection');
  rtmp.on('connection', (socket: Socket) => contain(socket, relay.rtmpServer.handleRequest));
  // Only this listener of the package: its store, history, notification and HTTP parts stay unborn.
  relay.rtmpServer.run();

  const door = createServer((request, response) => handOut(request, response, secret));
  door.listen(0, '127.0.0.1', () => say({ type: 'ready', doorPort: (door.address() as AddressInfo).port }));
  setInterval(report, TRAFFIC_MS);
}

function handOut(request: IncomingMessage, response: ServerResponse, secret: string): void {
  const name = /^\/([A-Za-z0-9_-]{1,80})$/.exec(request.url ?? '')?.[1];
  if (!sameText(request.headers.authorization ?? '', `Bearer ${secret}`)) { response.writeHead(401).end(); return; }
  const broadcast = name === undefined ? undefined : broadcasts.get(`/${secret}/${name}`);
  if (broadcast === undefined || broadcast.getPublishStatus() !== 'publishing') { response.writeHead(404).end(); return; }
  response.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' });
  const reader = {
    id: `door-${performance.now()}-${Math.random()}`, ip: '', protocol: 'flv', streamPath: broadcast.streamPath, endTime: 0, outBytes: 0,
    sendBuffer(bytes: Buffer) {
      if (response.writableLength > READER_BOUND) { response.destroy(); return; }
      response.write(bytes);
    },
    close() { response.end(); },
  };
  response.once('close', () => broadcast.donePlay(reader));
  broadcast.postPlay(reader);
}

function report(): void {
  const streams: Record<string, number> = {};
  for (const broadcast of broadcasts.values()) {
    const name = broadcast.streamPath.split('/')[2];
    if (name !== undefined && broadcast.publisher !== null) streams[name] = broadcast.publisher.inBytes;
  }
  say({ type: 'traffic', streams, residentBytes: process.memoryUsage.rss() });
}
