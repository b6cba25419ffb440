/**
 * Cameras of our own for faults and figures: one RTSP server on 127.0.0.1 that plays one H.264 clip in a loop to whoever
 * asks, over the connection that asked (RTP interleaved, RFC 2326 §10.12, RFC 6184). Each path is a camera of its own.
 * It can be pulled, hang, and be half open as a real one; for a camera that is not ours see rtspCamera.ts.
 */
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ClipCameras {
  readonly port: number;
  url(name: string): string;
  /** Connections that were accepted so far, and those that are open now. */
  readonly accepted: number;
  open(): number;
  /** Away: nobody is let in, and those who are in are thrown out. Back on the same port. */
  pull(): Promise<void>;
  plugIn(): Promise<void>;
  /** Connections stay open and nothing comes any more; those who come are accepted and not answered. */
  hang(on: boolean): void;
  /** One picture, as the units of H.264 that it is made of; fifteen a second. */
  push(units: readonly Buffer[]): void;
  stop(): Promise<void>;
}

const MOST_PAYLOAD = 1400;
const RATE = 15;
const CLOCK = 90_000;

/** `basic`: «user:password» that everybody has to send. */
/** `clip`: a file that is played in a loop; or only how the pictures are coded, when they are pushed as they are made. */
export async function startClipCameras(clip: string | { sps: Buffer; pps: Buffer }, port = 0, { basic }: { basic?: string } = {}): Promise<ClipCameras> {
  const { frames, sps, pps } = typeof clip === 'string' ? readClip(clip) : { ...clip, frames: [] };
  const sockets = new Map<Socket, { playing: boolean; sequence: number; ssrc: number; stamp: number }>();
  let server: Server | null = null;
  let bound = port;
  let accepted = 0;
  let hanging = false;
  let turn = 0;

  function answer(socket: Socket, text: string): void {
    const [first = '', ...rest] = text.split('\r\n');
    const [method = '', url = ''] = first.split(' ');
    const header = (name: string): string => rest.find((one) => one.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim() ?? '';
    const reply = (headers: string[], body = ''): void => { socket.write(['RTSP/1.0 200 OK', `CSeq: ${header('cseq')}`, 'Session: 12345678;timeout=60', ...headers, '', body].join('\r\n')); };
    const state = sockets.get(socket);
    if (basic !== undefined && method !== 'OPTIONS' && header('authorization') !== `Basic ${Buffer.from(basic).toString('base64')}`) {
      socket.write(['RTSP/1.0 401 Unauthorized', `CSeq: ${header('cseq')}`, 'WWW-Authenticate: Basic realm="clip"', '', ''].join('\r\n'));
    } else if (method === 'DESCRIBE') {
      const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=clip', 'c=IN IP4 0.0.0.0', 't=0 0', 'm=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000',
        `a=fmtp:96 packetization-mode=1;profile-level-id=${sps.toString('hex', 1, 4)};sprop-parameter-sets=${sps.toString('base64')},${pps.toString('base64')}`, 'a=control:track1', ''].join('\r\n');
      reply([`Content-Base: ${url}/`, 'Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(sdp)}`], sdp);
    } else if (method === 'SETUP') reply(['Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
    else if (method === 'PLAY') { reply(['Range: npt=0-', `RTP-Info: url=${url}/track1;seq=1;rtptime=${CLOCK / RATE}`]); if (state) state.playing = true; }
    else if (method === 'TEARDOWN') { reply([]); socket.end(); }
    else reply(['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']);
  }

  function accept(socket: Socket): void {
    accepted += 1;
    sockets.set(socket, { playing: false, sequence: 0, ssrc: accepted, stamp: 0 });
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy()).on('close', () => { sockets.delete(socket); });
    let pending = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      if (hanging) return;
      pending = Buffer.concat([pending, data]);
      for (;;) {
        // Receiver reports come as interleaved frames; nobody reads them here.
        if (pending[0] === 0x24) {
          if (pending.length < 4 || pending.length < 4 + pending.readUInt16BE(2)) return;
          pending = pending.subarray(4 + pending.readUInt16BE(2));
          continue;
        }
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) return;
        answer(socket, pending.toString('latin1', 0, end));
        pending = pending.subarray(end + 4);
      }
    });
  }

  /** A camera's clock does not slow down with this machine: what is due is sent, also when the timer came late. */
  const began = performance.now();
  const timer = frames.length === 0 ? undefined : setInterval(() => { for (const due = Math.floor((performance.now() - began) * RATE / 1000); turn < due;) sendFrame(); }, 1000 / RATE);
  function sendFrame(): void {
    const frame = frames[turn % frames.length] ?? [];
    turn += 1;
    send(frame, turn % frames.length === 1);
  }
  function send(frame: readonly Buffer[], isFirst: boolean): void {
    if (hanging) return;
    for (const [socket, state] of sockets) {
      // Whoever comes is shown a key frame first.
      if (!state.playing || (state.stamp === 0 && !isFirst && !isKey(frame))) continue;
      state.stamp = (state.stamp + CLOCK / RATE) >>> 0;
      // One that does not read is a full line: what does not fit is lost, as on the network.
      if (socket.writableLength > 4_000_000) continue;
      socket.cork();
      for (const [index, payload] of frame.entries()) {
        const head = Buffer.alloc(16);
        head[0] = 0x24;
        head.writeUInt16BE(payload.length + 12, 2);
        head[4] = 0x80;
        head[5] = 96 | (index === frame.length - 1 ? 0x80 : 0);
        head.writeUInt16BE(state.sequence = (state.sequence + 1) & 0xffff, 6);
        head.writeUInt32BE(state.stamp, 8);
        head.writeUInt32BE(state.ssrc, 12);
        socket.write(head);
        socket.write(payload);
      }
      socket.uncork();
    }
  }

  const listen = async (): Promise<void> => {
    const fresh = createServer(accept);
    await new Promise<void>((resolve, reject) => { fresh.once('error', reject); fresh.listen(bound, '127.0.0.1', resolve); });
    bound = (fresh.address() as AddressInfo).port;
    server = fresh;
  };
  const close = async (): Promise<void> => {
    const ending = server;
    server = null;
    for (const socket of sockets.keys()) socket.destroy();
    if (ending) await new Promise<void>((resolve) => { ending.close(() => resolve()); });
  };
  await listen();
  return {
    get port() { return bound; },
    get accepted() { return accepted; },
    url: (name) => `rtsp://127.0.0.1:${bound}/${name}`,
    open: () => sockets.size,
    push(units) { send(units.flatMap(payloads), false); },
    pull: close, plugIn: listen,
    hang(on) { hanging = on; },
    async stop() { clearInterval(timer); await close(); },
  };
}

const isKey = (frame: readonly Buffer[]): boolean => frame.some((payload) => { const type = (payload[0] ?? 0) & 31; return type === 5 || (type === 28 && ((payload[1] ?? 0) & 31) === 5); });

/** The units of an Annex B stream, without their start codes. */
export function unitsOf(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = bytes.indexOf('\0\0\x01', 0, 'latin1'); at >= 0;) {
    const next = bytes.indexOf('\0\0\x01', at + 3, 'latin1');
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) end -= 1;
    units.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return units;
}

/** Frames of an Annex B file with one slice each, as RTP payloads. */
function readClip(path: string): { frames: Buffer[][]; sps: Buffer; pps: Buffer } {
  const units = unitsOf(readFileSync(path));
  const frames: Buffer[][] = [];
  let frame: Buffer[] = [];
  for (const unit of units) {
    const type = (unit[0] ?? 0) & 31;
    frame.push(...payloads(unit));
    if (type === 1 || type === 5) { frames.push(frame); frame = []; }
  }
  const find = (type: number): Buffer => units.find((unit) => ((unit[0] ?? 0) & 31) === type) ?? Buffer.alloc(4);
  return { frames, sps: find(7), pps: find(8) };
}

/** FU-A where a unit is too long for one packet. */
function payloads(unit: Buffer): Buffer[] {
  if (unit.length <= MOST_PAYLOAD) return [unit];
  const [head = 0] = unit;
  const pieces: Buffer[] = [];
  for (let at = 1; at < unit.length; at += MOST_PAYLOAD) {
    const flags = (at === 1 ? 0x80 : 0) | (at + MOST_PAYLOAD >= unit.length ? 0x40 : 0);
    pieces.push(Buffer.concat([Buffer.from([(head & 0xe0) | 28, flags | (head & 31)]), unit.subarray(at, at + MOST_PAYLOAD)]));
  }
  return pieces;
}
