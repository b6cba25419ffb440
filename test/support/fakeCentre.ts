/** The centre's side of a media node, as small as the contract allows: orders out, reports and journal in. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeMinute } from '#contract/picture.ts';
import type { CameraAssignment, JournalEntry, NodeCamera, NodeOrders, NodeReport, TicketPayload } from '#contract/node.ts';

export interface FakeCentre {
  url: string; secret: string; orders: NodeOrders; journal: JournalEntry[]; minutes: NodeMinute[]; report: NodeReport | null;
  camera(id: string): NodeCamera | null;
  ticket(camera: string, quality: 'main' | 'sub', change?: Partial<TicketPayload>): string;
  /** While away, every request is cut. */
  away(on: boolean): void;
  stop(): Promise<void>;
}

export const assignment = (id: string, change: Partial<CameraAssignment> = {}): CameraAssignment =>
  ({ id, url: null, subUrl: null, username: null, password: null, transport: 'tcp', enabled: true, record: true, hours: null, keep: null, simulated: null, masks: null, ...change });

export function signTicket(key: string, payload: TicketPayload): string {
  const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${body}.${createHmac('sha256', Buffer.from(key, 'base64url')).update(body).digest('base64url')}`;
}

export async function startFakeCentre(port = 0): Promise<FakeCentre> {
  const secret = randomBytes(24).toString('base64url');
  let isAway = false;
  const server = createServer((request, response) => { void handle(request, response).catch(() => response.destroy()); });
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isAway) { request.socket.destroy(); return; }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    if (request.headers.authorization !== `Bearer ${secret}`) { response.writeHead(401).end(); return; }
    const body = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { entries: JournalEntry[]; minutes: NodeMinute[] };
    let answer: object;
    if (request.url === '/api/v1/node/report') {
      centre.report = body as unknown as NodeReport;
      answer = centre.orders;
    } else if (request.url === '/api/v1/node/minutes') {
      centre.minutes.push(...body.minutes);
      answer = { upTo: body.minutes.at(-1)?.seq ?? 0 };
    } else {
      for (const entry of body.entries) if (entry.seq > (centre.journal.at(-1)?.seq ?? 0)) centre.journal.push(entry);
      centre.orders.journalUpTo = centre.journal.at(-1)?.seq ?? 0;
      answer = { upTo: centre.orders.journalUpTo };
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  const centre: FakeCentre = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret, journal: [], minutes: [], report: null,
    orders: { cameras: [], cameraNetworks: ['127.0.0.0/8'], ticketKey: randomBytes(32).toString('base64url'), revoked: [], retentionDays: 7, kept: {}, hours: {}, holds: [], transcodings: 2, zone: 'Asia/Ho_Chi_Minh', journalUpTo: 0 },
    camera: (id) => centre.report?.cameras.find((one) => one.id === id) ?? null,
    ticket: (camera, quality, change = {}) => signTicket(centre.orders.ticketKey, { id: randomUUID(), camera, quality, session: 'test', notBefore: Date.now(), expires: Date.now() + 60_000, ...change }),
    away(on) { isAway = on; if (on) server.closeAllConnections(); },
    async stop() { const closed = new Promise<void>((resolve) => { server.close(() => resolve()); }); server.closeAllConnections(); await closed; },
  };
  return centre;
}
