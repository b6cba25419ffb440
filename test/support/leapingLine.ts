/** A line to an RTSP camera that moves the time of its pictures ahead (RTP over the connection that asked, RFC 2326 §10.12): as a recorder does whose encoder begins anew. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface LeapingLine { port: number; /** Each of the next pictures is later by so much more than the one before. */ leap(seconds: number, pictures: number): void; /** How many still are to leap. */ left(): number; stop(): Promise<void> }
const CLOCK = 90_000;

export async function startLeapingLine(target: number): Promise<LeapingLine> {
  const sockets = new Set<Socket>();
  let [ticks, each, left] = [0, 0, 0];
  const shift = (packet: Buffer, at: number): void => { packet.writeUInt32BE((packet.readUInt32BE(at) + ticks) % 2 ** 32, at); };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]] as const) { sockets.add(one); one.on('error', () => undefined).on('close', () => { sockets.delete(one); other.destroy(); }); }
    near.pipe(far);
    let pending = Buffer.alloc(0);
    far.on('data', (data: Buffer) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length > 4) {
        // Answers are handed on as they come; a dollar sign begins a packet.
        const end = pending[0] === 0x24 ? 4 + pending.readUInt16BE(2) : pending.indexOf(0x24) < 0 ? pending.length : pending.indexOf(0x24);
        if (pending.length < end) return;
        const piece = Buffer.from(pending.subarray(0, end));
        if (piece[0] === 0x24 && piece.length >= 16) { if ((piece[1] ?? 0) % 2 === 0) { shift(piece, 8); if (((piece[5] ?? 0) & 0x80) !== 0 && left > 0) { left -= 1; ticks = (ticks + each) % 2 ** 32; } } else if (piece.length >= 24 && piece[5] === 200) shift(piece, 20); }
        near.write(piece);
        pending = pending.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    leap(seconds, pictures) { each = seconds * CLOCK; left = pictures; },
    left: () => left,
    async stop() { for (const one of sockets) one.destroy(); await new Promise<void>((resolve) => { server.close(() => resolve()); }); },
  };
}
