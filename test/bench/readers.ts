/** Many viewers in one process that only count what comes: our WebSocket-FLV, and RTMP as nginx plays it. */
import { connect, type Socket } from 'node:net';
import { answerWith } from './helper.ts';

const sockets = new Map<string, { socket: Socket; bytes: number }[]>();

answerWith(async (question) => {
  const { side, port, targets } = question as { side: string; port: number; targets: string[] };
  if (question.do === 'watch') {
    const kept = sockets.get(side) ?? [];
    sockets.set(side, kept);
    for (const target of targets) kept.push(await (side === 'ours' ? watchFlv(port, target) : watchRtmp(port, target)));
    return kept.length;
  }
  if (question.do === 'bytes') return (sockets.get(side) ?? []).map((one) => (one.socket.destroyed ? -1 : one.bytes));
  if (question.do === 'leave') { for (const one of sockets.get(side) ?? []) one.socket.destroy(); sockets.delete(side); return null; }
  throw new Error('unknown question');
});

async function opened(port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => { const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => { socket.off('error', reject); resolve(socket); }); socket.once('error', reject); });
}
async function exactly(socket: Socket, length: number): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    let got: Buffer = Buffer.alloc(0);
    const refused = (): void => { reject(new Error('refused')); };
    const take = (data: Buffer): void => {
      got = Buffer.concat([got, data]);
      if (got.length < length) return;
      socket.pause();
      socket.off('data', take).off('close', refused);
      if (got.length > length) socket.unshift(got.subarray(length));
      resolve(got.subarray(0, length));
    };
    socket.on('data', take).on('close', refused).resume();
  });
}
function counted(socket: Socket): { socket: Socket; bytes: number } {
  const one = { socket, bytes: 0 };
  socket.on('error', () => socket.destroy()).on('data', (data: Buffer) => { one.bytes += data.length; }).resume();
  return one;
}

async function watchFlv(port: number, path: string): Promise<{ socket: Socket; bytes: number }> {
  const socket = await opened(port);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  const answer = await exactly(socket, 12);
  if (answer.toString('latin1') !== 'HTTP/1.1 101') throw new Error(`refused: ${answer.toString('latin1')}`);
  return counted(socket);
}

/** Adobe's RTMP 1.0, no more than to be let in and play: what comes is not read but counted. */
async function watchRtmp(port: number, name: string): Promise<{ socket: Socket; bytes: number }> {
  const socket = await opened(port);
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]));
  const answer = await exactly(socket, 1 + 2 * 1536);
  socket.write(answer.subarray(1, 1537));
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([2, value.length >> 8, value.length & 255]), Buffer.from(value)]);
  const bare = (value: string): Buffer => text(value).subarray(1);
  const number = (value: number): Buffer => { const bytes = Buffer.alloc(9); bytes.writeDoubleBE(value, 1); return bytes; };
  const command = (stream: number, ...parts: Buffer[]): void => {
    const body = Buffer.concat(parts);
    // The chunks of a message are 128 bytes long until somebody says otherwise.
    const pieces: Buffer[] = [Buffer.from([3, 0, 0, 0, 0, body.length >> 8, body.length & 255, 20, stream, 0, 0, 0])];
    for (let at = 0; at < body.length; at += 128) pieces.push(...(at > 0 ? [Buffer.from([0xc3])] : []), body.subarray(at, at + 128));
    socket.write(Buffer.concat(pieces));
  };
  const none = Buffer.from([5]);
  command(0, text('connect'), number(1), Buffer.from([3]), bare('app'), text('live'), bare('tcUrl'), text(`rtmp://127.0.0.1:${port}/live`), Buffer.from([0, 0, 9]));
  command(0, text('createStream'), number(2), none);
  // nginx numbers a connection's first stream 1.
  command(1, text('play'), number(3), none, text(name));
  return counted(socket);
}
