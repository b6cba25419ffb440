/**
 * The loopback door through which every ffmpeg reaches its camera: the command line shows
 * `rtsp://127.0.0.1:<port>/<token>` and nothing else. A token opens one connection to one camera, once.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { RtspSession, SESSION_LIMITS, type CameraTarget, type ProxyHappening, type SessionLimits } from './rtspSession.ts';

export interface Passage {
  url: string;
  /** Bytes that came from the camera so far. */
  bytes(): number;
  /** Ends the passage, used or not. */
  close(): void;
}
export interface RtspProxy { open(target: CameraTarget, tell: (happening: ProxyHappening) => void): Passage; stop(): Promise<void> }

interface Offer { target: CameraTarget; tell: (happening: ProxyHappening) => void; session: RtspSession | null }

export async function startRtspProxy(limits: SessionLimits = SESSION_LIMITS): Promise<RtspProxy> {
  const offers = new Map<string, Offer>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (player) => {
    sockets.add(player);
    player.on('close', () => sockets.delete(player));
    player.on('error', () => player.destroy());
    const patience = setTimeout(() => player.destroy(), 5000);
    player.once('close', () => clearTimeout(patience));
    // ffmpeg's first request is one small write; whatever does not name an unused token in it is turned away.
    player.once('data', (first: Buffer) => {
      clearTimeout(patience);
      const token = /^[A-Z_]+ rtsp:\/\/127\.0\.0\.1:\d+\/([A-Za-z0-9_-]{32})[/ ]/.exec(first.toString('latin1', 0, 200))?.[1] ?? '';
      const offer = offers.get(token);
      if (offer === undefined || offer.session !== null) { player.destroy(); return; }
      const session = new RtspSession(player, offer.target, localUrl(token), offer.tell, limits);
      offer.session = session;
      player.on('data', (chunk: Buffer) => session.fromPlayer(chunk));
      session.fromPlayer(first);
    });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  const localUrl = (token: string): string => `rtsp://127.0.0.1:${port}/${token}`;

  return {
    open(target, tell) {
      const token = randomBytes(24).toString('base64url');
      const offer: Offer = { target, tell, session: null };
      offers.set(token, offer);
      return {
        url: localUrl(token),
        bytes: () => offer.session?.bytes ?? 0,
        close() { offers.delete(token); offer.session?.close(); },
      };
    },
    async stop() {
      for (const offer of offers.values()) offer.session?.close();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => { server.close(() => resolve()); });
    },
  };
}
