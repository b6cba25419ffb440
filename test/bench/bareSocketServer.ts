/** The baseline of P7: node's HTTP server and socket.io, and nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { answerWith } from './helper.ts';

let payload: unknown = null;

answerWith(async (question) => {
  if (question.do === 'payload') { payload = question.payload; return null; }
  const window = Number(question.window);
  let timer: NodeJS.Timeout | null = null;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const events = JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown[];
      timer ??= setTimeout(() => { timer = null; io.emit('patch', payload); }, window);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ accepted: events.length }));
    });
  });
  const io = new Server(server, { path: '/live', serveClient: false });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
});
