/** Live pictures to viewers: ticket, camera, then a place in the fan-out, over plain HTTP or a WebSocket. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Logger } from 'pino';
import { Fault } from '#contract/faults.ts';
import type { Camera, Quality } from '../node/camera.ts';
import type { FanOut } from './fanOut.ts';
import type { TicketDesk } from './ticket.ts';
import { Viewer, type Sink, type ViewerEnd } from './viewer.ts';

export interface LiveParts {
  log: Logger;
  tickets: TicketDesk; fanOut: FanOut;
  find: (camera: string) => Camera | null;
  isRevoked: (ticket: string) => boolean;
  onWatch: () => void;
  mayTranscode: () => boolean;
}
export interface Live {
  overHttp(request: IncomingMessage, response: ServerResponse, path: LivePath): void;
  /** Throws before anything was answered. */
  overSocket(request: IncomingMessage, socket: Duplex, head: Buffer, path: LivePath): void;
  stop(): void;
}
export interface LivePath { camera: string; quality: Quality; ticket: string }

export function readLivePath(url: string): LivePath | null {
  const match = /^\/live\/([a-z0-9][a-z0-9-]{0,39})\/(main|sub)\?(.*)$/.exec(url);
  if (!match) return null;
  return { camera: match[1] ?? '', quality: match[2] as Quality, ticket: new URLSearchParams(match[3]).get('ticket') ?? '' };
}

/** Codes of our own (4000–4999), so that the page can tell why its picture ended. */
const CLOSE_CODES: Record<ViewerEnd, number> = { slow: 4408, revoked: 4403, camera_away: 4503, stopping: 1001, gone: 4503, lease_over: 4410 };
const CLOSE_GRACE_MS = 500;
const LONGEST_LEASE_MS = 12 * 3_600_000;

export function openLive({ log, tickets, fanOut, find, isRevoked, onWatch, mayTranscode }: LiveParts): Live {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false, clientTracking: false });

  function admit({ camera: id, quality, ticket }: LivePath): { stream: string; ticketId: string; ends: number | null } {
    // The ticket first: without one, nobody learns which cameras there are.
    const verdict = tickets.check(ticket, id, quality);
    if (!verdict.ok || isRevoked(verdict.ticket.id)) throw new Fault('ticket_invalid');
    const camera = find(id);
    if (camera === null) throw new Fault('not_found');
    if (!camera.watchable) throw new Fault('camera_away', null, { retryAfter: 3 });
    const unmasked = verdict.ticket.unmasked === true;
    if (camera.needsTranscoding(quality, unmasked) && !mayTranscode()) throw new Fault('transcode_limit', null, { retryAfter: 20 });
    return { stream: camera.streamFor(quality, unmasked), ticketId: verdict.ticket.id, ends: verdict.ticket.ends ?? null };
  }

  function join({ stream, ticketId, ends }: ReturnType<typeof admit>, camera: string, sink: Sink): Viewer {
    const viewer: Viewer = new Viewer(ticketId, camera, {
      ...sink,
      close(reason) { if (reason === 'slow') log.info({ event: 'viewer_slow', camera, ticket: ticketId, behindMs: Math.round(viewer.behindMs), skipped: viewer.skipped, pending: sink.pending() }); sink.close(reason); },
    }, () => performance.now());
    fanOut.add(stream, viewer);
    // A clock that is set does not make a lease longer or shorter: it is counted from now.
    if (ends !== null) setTimeout(() => { viewer.close('lease_over'); fanOut.remove(stream, viewer); }, Math.max(0, Math.min(ends - Date.now(), LONGEST_LEASE_MS))).unref();
    onWatch();
    return viewer;
  }

  return {
    overHttp(request, response, path) {
      const admitted = admit(path);
      const { stream } = admitted;
      response.writeHead(200, { 'content-type': 'video/x-flv', 'cache-control': 'no-store' });
      request.socket.setNoDelay(true);
      const viewer = join(admitted, path.camera, {
        write: (piece) => { response.write(piece.flv); },
        pending: () => response.writableLength,
        close: (reason) => { if (reason === 'slow' || reason === 'revoked') response.destroy(); else response.end(); },
      });
      response.once('close', () => { viewer.close('gone'); fanOut.remove(stream, viewer); });
    },
    overSocket(request, socket, head, path) {
      const admitted = admit(path);
      const { stream } = admitted;
      sockets.handleUpgrade(request, socket, head, (connection: WebSocket) => {
        const viewer = join(admitted, path.camera, {
          // One message made for all viewers goes past `send`, which would make a head of its own for each. Nothing of ours is
          // ever compressed or cut into fragments, so that messages written so and those of `ws` itself stay whole in a row.
          write: (piece) => { if (connection.readyState === connection.OPEN) socket.write(piece.message); },
          pending: () => socket.writableLength,
          close(reason) {
            connection.close(CLOSE_CODES[reason], reason);
            // A closing handshake waits behind all that was not read: it gets a moment, not for ever.
            setTimeout(() => connection.terminate(), reason === 'slow' || reason === 'revoked' ? 50 : CLOSE_GRACE_MS).unref();
          },
        });
        connection.on('error', () => connection.terminate());
        connection.once('close', () => { viewer.close('gone'); fanOut.remove(stream, viewer); });
      });
    },
    stop() { sockets.close(); },
  };
}
