/**
 * What keeps node-media-server alive and to itself. Seen in it: one malformed message ends its process; a refused play
 * is kept for ever; a name stays taken for 30 s after its publisher left. So: faults are contained in the connection
 * that caused them, only paths with this node's secret may publish, and nobody plays over RTMP.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

class Refused extends Error {}

/** The parts of node-media-server's session that are used here; the package has no types for version 4. */
export interface RelaySession {
  id: string; ip: string; protocol: string; streamApp: string; streamName: string; isPublisher: boolean; inBytes: number;
  broadcast?: RelayBroadcast;
}
export interface RelayPacket { codec_type: number; size: number; dts: number; data: Buffer }
export interface RelayBroadcast {
  streamPath: string;
  publishGraceMs: number;
  publisher: RelaySession | null;
  flvVideoHeader: Buffer | null;
  subscribers: Map<string, { close?: () => void }>;
  getPublishStatus(): 'publishing' | 'reconnecting' | 'idle';
  postPlay(session: object): string | null;
  donePlay(session: object): void;
}

/** A publisher that is half open holds its name: the next one is let in within ten seconds. */
const IDLE_MS = 9000;

export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** For `prePublish`: throwing here ends the connection, and nothing was registered yet. */
export function admitPublisher(session: RelaySession, secret: string): void {
  if (!sameText(session.streamApp, secret)) throw new Refused('publish');
  // A publisher that comes back must not find its name taken, nor its timestamps shifted by the package.
  if (session.broadcast) session.broadcast.publishGraceMs = 1;
}

export function refusePlayer(): never { throw new Refused('play'); }

/** Hands a connection to the package with every listener of its data fenced in. */
export function contain(socket: Socket, handOver: (socket: Socket) => void): void {
  handOver(socket);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  for (const event of ['data', 'close'] as const) {
    const listeners = socket.listeners(event) as ((argument: unknown) => void)[];
    for (const listener of listeners) {
      socket.off(event, listener);
      socket.on(event, (argument: unknown) => {
        try { listener(argument); } catch { socket.destroy(); }
      });
    }
  }
}
