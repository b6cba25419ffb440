/** Two neighbouring UDP ports for one track of one camera: pictures on the even one, reports on the odd one. Only its address is heard. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { randomInt } from 'node:crypto';

export interface UdpTrack {
  readonly port: number;
  /** What the camera named as its own port; 0 when it named none. */
  answered(serverPort: number): void;
  /** A report of the player, to the camera's odd port. */
  report(packet: Buffer): void;
  close(): void;
}

/** The ports that a firewall has to let through. */
export const UDP_PORTS = { from: 40_000, to: 48_998 };
const TRIES = 30;
const RECEIVE_BUFFER = 2 * 1024 * 1024;

/** `onPacket(0 | 1, …)`: a picture packet or a report. Rejects when no pair of ports is free. */
export async function openUdpTrack(camera: string, onPacket: (offset: 0 | 1, packet: Buffer) => void): Promise<UdpTrack> {
  const family = isIPv6(camera) ? 'udp6' : 'udp4';
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(UDP_PORTS.from / 2, UDP_PORTS.to / 2 + 1) * 2;
    const pictures = await bind(family, port);
    if (pictures === null) continue;
    const reports = await bind(family, port + 1);
    if (reports === null) { pictures.close(); continue; }
    try { pictures.setRecvBufferSize(RECEIVE_BUFFER); } catch { /* the system's own size then */ }
    let serverPort = 0;
    let open = true;
    for (const [offset, socket] of [pictures, reports].entries()) {
      socket.on('error', () => undefined);
      socket.on('message', (packet, sender) => { if (open && sender.address.replace(/%.*$/, '') === camera && packet.length <= 0xffff) onPacket(offset as 0 | 1, packet); });
    }
    return {
      port,
      answered(named) { serverPort = named > 0 && named < 65_535 ? named : 0; },
      report(packet) { if (open && serverPort > 0) reports.send(packet, serverPort + 1, camera); },
      close() { if (open) { open = false; pictures.close(); reports.close(); } },
    };
  }
  throw new Error('no two neighbouring UDP ports are free');
}

async function bind(family: 'udp4' | 'udp6', port: number): Promise<Socket | null> {
  const socket = createSocket({ type: family, ipv6Only: family === 'udp6' });
  return await new Promise((resolve) => {
    socket.once('error', () => { socket.close(); resolve(null); });
    socket.bind({ port, exclusive: true }, () => { socket.removeAllListeners('error'); resolve(socket); });
  });
}
