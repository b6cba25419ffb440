/** A camera that says whatever a test wants, one answer a request. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Asked { method: string; uri: string; headers: Map<string, string> }
export interface FakeRtsp { port: number; asked: Asked[]; stop(): Promise<void> }

export const SDP = ['v=0', 'o=- 1 1 IN IP4 10.9.9.9', 's=cam', 'c=IN IP4 10.9.9.9', 't=0 0', 'a=control:*', 'm=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=control:trackID=1', ''].join('\r\n');

/** `answer` gives the status line and headers without CSeq, optionally with a body; null says nothing. */
export async function startFakeRtsp(answer: (asked: Asked, socket: Socket) => { start: string; headers?: string[]; body?: string } | null): Promise<FakeRtsp> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const [first = '', ...lines] = text.slice(0, end).split('\r\n');
        text = text.slice(end + 4);
        const [method = '', uri = ''] = first.split(' ');
        const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
        const one = { method, uri, headers };
        asked.push(one);
        const reply = answer(one, socket);
        if (reply === null) continue;
        const body = reply.body ?? '';
        socket.write([reply.start, `CSeq: ${headers.get('cseq') ?? ''}`, ...(reply.headers ?? []), ...(body === '' ? [] : [`Content-Length: ${body.length}`]), '', ''].join('\r\n') + body);
      }
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port, asked,
    async stop() { for (const socket of sockets) socket.destroy(); await new Promise<void>((resolve) => { server.close(() => resolve()); }); },
  };
}
