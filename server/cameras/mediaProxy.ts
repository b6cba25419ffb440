/**
 * One port is open: live pictures go through the centre to the media node on its own address. A ticket is good for the
 * session it was given to; when that session ends, its running pictures end too.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import { Fault } from '#contract/faults.ts';
import { ticketPayload, type TicketPayload } from '#contract/node.ts';
import type { Session, Sessions } from '../access/session.ts';
import type { Nodes, NodeState } from './nodes.ts';

interface Running { ticket: string; session: string; node: string; end(): void }

export interface MediaProxy {
  http: RequestHandler;
  /** True when the upgrade was ours. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends the pictures of these sessions. */
  endExcept(living: ReadonlySet<string>): void;
  /** Ends the pictures that come from this node. */
  endOfNode(node: string): void;
  sessionsViewing(): string[];
  closeAll(): void;
}

const PATH = /^\/media\/([\w.-]{1,60})(\/live\/[\w.-]{1,60}\/(?:main|sub)\?ticket=[\w.-]{1,1000})$/;

export function mediaProxy({ nodes, sessions, screenOf, allows }: { nodes: Nodes; sessions: Sessions; screenOf: (cookie: string | undefined) => Promise<Session | null>; /** Whether a page of that origin may open a socket to this host. */ allows: (origin: string | undefined, host: string | undefined) => boolean }): MediaProxy {
  // By connection, not by ticket: a ticket may be presented again (the node refuses it) while its first picture runs.
  const running = new Set<Running>();

  async function target(request: IncomingMessage): Promise<{ node: NodeState; path: string; ticket: TicketPayload }> {
    const match = PATH.exec(request.url ?? '');
    if (!match) throw new Fault('not_found');
    const { cookie } = request.headers;
    const holders = [await sessions.fromCookie(cookie), await screenOf(cookie)].flatMap((one) => (one ? [one.id] : []));
    if (holders.length === 0) throw new Fault('unauthenticated');
    const ticket = payloadOf(match[2] ?? '');
    // The node checks the seal and the one use; the centre, that it is this session's.
    if (!ticket || !holders.includes(ticket.session)) throw new Fault('ticket_invalid');
    const node = nodes.of(match[1] ?? '');
    if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
    return { node, path: match[2] ?? '', ticket };
  }

  const keep = (ticket: TicketPayload, node: NodeState, end: () => void) => {
    const one: Running = { ticket: ticket.id, session: ticket.session, node: node.id, end };
    running.add(one);
    return () => { running.delete(one); };
  };

  return {
    http(request, response, next) {
      target(request).then(({ node, path, ticket }) => {
        const upstream = httpRequest(new URL(path, node.gateway), { headers: { accept: '*/*' } }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'application/octet-stream', 'cache-control': 'no-store' });
          answer.pipe(response);
          answer.on('error', () => response.destroy());
        });
        const drop = keep(ticket, node, () => { upstream.destroy(); response.destroy(); });
        upstream.on('error', () => { drop(); if (response.headersSent) response.destroy(); else next(new Fault('node_away', null, { retryAfter: 3 })); });
        response.on('close', () => { drop(); upstream.destroy(); });
        upstream.end();
      }, next);
    },
    upgrade(request, socket, head) {
      if (!(request.url ?? '').startsWith('/media/')) return false;
      socket.on('error', () => socket.destroy());
      if (!allows(request.headers.origin, request.headers.host)) { refuse(socket, 403); return true; }
      target(request).then(({ node, path, ticket }) => {
        const { host: _host, cookie: _cookie, ...headers } = request.headers;
        const upstream = httpRequest(new URL(path, node.gateway), { headers });
        const drop = keep(ticket, node, () => { socket.destroy(); upstream.destroy(); });
        const end = () => { drop(); socket.destroy(); upstream.destroy(); };
        upstream.on('upgrade', (answer, far, farHead) => {
          socket.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHeaders(answer)}\r\n`);
          if (farHead.length > 0) socket.write(farHead);
          if (head.length > 0) far.write(head);
          far.on('error', end).on('close', end);
          socket.on('error', end).on('close', () => { far.destroy(); end(); });
          far.pipe(socket);
          socket.pipe(far);
        });
        upstream.on('response', (answer) => { refuse(socket, answer.statusCode ?? 502); end(); });
        upstream.on('error', () => { refuse(socket, 503); end(); });
        upstream.end();
      }, (error: unknown) => { refuse(socket, error instanceof Fault ? error.status : 500); });
      return true;
    },
    endExcept(living) {
      for (const one of [...running]) {
        if (living.has(one.session)) continue;
        // The node is told as well: should it hold the picture by another way, it ends there.
        nodes.revoke(one.ticket);
        one.end();
      }
    },
    endOfNode(node) { for (const one of [...running]) if (one.node === node) one.end(); },
    sessionsViewing: () => [...new Set([...running].map((one) => one.session))],
    closeAll() { for (const one of [...running]) one.end(); },
  };
}

function payloadOf(path: string): TicketPayload | null {
  try {
    const text = Buffer.from(path.split('ticket=')[1]?.split('.')[0] ?? '', 'base64url').toString('utf8');
    return ticketPayload.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function rawHeaders(answer: IncomingMessage): string {
  let text = '';
  for (let i = 0; i < answer.rawHeaders.length; i += 2) text += `${answer.rawHeaders[i] ?? ''}: ${answer.rawHeaders[i + 1] ?? ''}\r\n`;
  return text;
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
