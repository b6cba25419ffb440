/**
 * One ffmpeg on one side, one camera on the other. ffmpeg sees an RTSP server on loopback without a password; the
 * camera sees a client with one. Only listed headers cross, in either direction, and every URL is rewritten, so that
 * nothing the camera says can lead ffmpeg elsewhere and nothing ffmpeg knows is a secret.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CAMERA_REASONS, CameraTransport } from '#contract/vocabulary.ts';
import { Authorization, chooseChallenge, parseChallenges, type Credentials } from './rtspAuth.ts';
import { readReports, type ReportReader } from './interleaved.ts';
import { header, headersOf, RtspSplitter, statusOf, writeMessage, type RtspMessage } from './rtspMessage.ts';
import { rewriteDescription } from './sdp.ts';
import { openUdpTrack, type UdpTrack } from './udpTrack.ts';

export type CameraReason = (typeof CAMERA_REASONS)[number];

export interface CameraTarget {
  url: string;
  host: string;
  /** Resolved and allowed; the only address that is ever connected to. */
  address: string;
  port: number;
  secure: boolean;
  credentials: Credentials | null;
  transport: CameraTransport;
}
export type ProxyHappening = { type: 'described'; codec: string | null; sound: boolean } | { type: 'carried'; by: 'tcp' | 'udp' } | { type: 'failed'; reason: CameraReason } | { type: 'clock'; ms: number };

export interface SessionLimits { connectMs: number; answerMs: number; silentMs: number }
export const SESSION_LIMITS: SessionLimits = { connectMs: 5000, answerMs: 8000, silentMs: 8000 };

interface Asked { clientSeq: string; method: string; uri: string; headers: [string, string][]; attempts: number; sentAt: number; channels?: string; udp?: UdpTrack }

/** Of packets that the player has not read yet. */
const PACKETS_KEPT = 4 * 1024 * 1024;
const STATUS: Partial<Record<CameraReason, string>> = {
  wrong_password: '401 Unauthorized', not_found: '404 Not Found', address_forbidden: '403 Forbidden',
  unsupported: '415 Unsupported Media Type',
};
/** What ffmpeg may say to a camera, and what a camera may say to ffmpeg, beside what is rewritten. */
const TO_CAMERA = new Map([['session', 'Session'], ['accept', 'Accept'], ['range', 'Range']]);
const TO_PLAYER = new Map([['session', 'Session'], ['public', 'Public'], ['content-type', 'Content-Type'], ['range', 'Range']]);

export class RtspSession {
  readonly #player: Socket;
  readonly #target: CameraTarget;
  readonly #local: string;
  readonly #tell: (happening: ProxyHappening) => void;
  readonly #limits: SessionLimits;
  readonly #camera: Socket;
  readonly #fromPlayer: RtspSplitter;
  readonly #asked = new Map<string, Asked>();
  readonly #watch: NodeJS.Timeout;
  #authorization: Authorization | null = null;
  #seq = 0;
  #tracks = new Map<string, string>();
  #aggregate: string;
  #state: 'connecting' | 'asking' | 'playing' | 'over' = 'connecting';
  #waiting: Buffer[] = [];
  #heardAt = performance.now();
  readonly #reports: ReportReader;
  /** By the channels under which the player knows them. */
  readonly #udp = new Map<string, UdpTrack>();
  bytes = 0;

  constructor(player: Socket, target: CameraTarget, local: string, tell: (happening: ProxyHappening) => void, limits: SessionLimits) {
    this.#reports = readReports((ms) => this.#tell({ type: 'clock', ms }));
    this.#player = player;
    this.#target = target;
    this.#local = local;
    this.#tell = tell;
    this.#limits = limits;
    this.#aggregate = target.url;
    const options = { host: target.address, port: target.port, noDelay: true };
    // Cameras carry certificates that no authority has signed: the channel is private, the other end is not proven.
    this.#camera = target.secure
      ? connectTls({ ...options, servername: /^[\d.:]+$/.test(target.host) ? '' : target.host, rejectUnauthorized: false })
      : connect(options);
    const fromCamera = new RtspSplitter((message) => this.#onAnswer(message), (run) => this.#onFrames(run));
    this.#fromPlayer = new RtspSplitter((message) => this.#onRequest(message), (run) => this.#onPlayerFrames(run));

    this.#camera.once(target.secure ? 'secureConnect' : 'connect', () => {
      this.#state = 'asking';
      this.#heardAt = performance.now();
      for (const one of this.#waiting.splice(0)) this.#camera.write(one);
    });
    this.#camera.on('data', (chunk) => {
      // Where pictures come by packets, an answer on this connection is no sign of them.
      if (this.#state !== 'playing' || this.#udp.size === 0) this.#heardAt = performance.now();
      this.bytes += chunk.length;
      try { fromCamera.push(chunk); } catch { this.fail('unsupported'); }
    });
    this.#camera.on('error', (error: NodeJS.ErrnoException) => this.fail(reasonOf(error, this.#state)));
    this.#camera.on('close', () => this.fail('ended'));
    player.on('error', () => this.close());
    player.on('close', () => this.close());
    player.on('drain', () => this.#camera.resume());
    this.#watch = setInterval(() => this.#check(), 500);
  }

  fromPlayer(chunk: Buffer): void {
    try { this.#fromPlayer.push(chunk); } catch { this.close(); }
  }

  /** Ends with a reason that the camera's tile shows; only the first one counts. */
  fail(reason: CameraReason): void {
    if (this.#state === 'over') return;
    this.#tell({ type: 'failed', reason });
    const last = [...this.#asked.values()].at(-1);
    if (last !== undefined) this.#player.write(writeMessage(`RTSP/1.0 ${STATUS[reason] ?? '503 Service Unavailable'}`, [['CSeq', last.clientSeq]]));
    this.close();
  }

  close(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    clearInterval(this.#watch);
    this.#camera.destroy();
    for (const track of this.#udp.values()) track.close();
    this.#player.end();
    this.#player.destroySoon();
  }

  #check(): void {
    const now = performance.now();
    const quietMs = now - this.#heardAt;
    if (this.#state === 'connecting' && quietMs > this.#limits.connectMs) { this.fail('unreachable'); return; }
    if (this.#state === 'asking') {
      const oldest = this.#asked.values().next().value;
      if (oldest !== undefined && now - oldest.sentAt > this.#limits.answerMs) this.fail('unreachable');
    }
    if (this.#state === 'playing' && quietMs > this.#limits.silentMs && !this.#camera.isPaused()) this.fail('no_packets');
  }

  #onRequest(message: RtspMessage): void {
    const match = /^([A-Z_]{3,20}) (\S+) RTSP\/1\.0$/.exec(message.start);
    if (!match) { this.close(); return; }
    const method = match[1] ?? '';
    const headers: [string, string][] = [];
    for (const { name, value } of message.headers) {
      const allowed = TO_CAMERA.get(name);
      if (allowed !== undefined) headers.push([allowed, value]);
    }
    if (method === 'SETUP') {
      const channels = /interleaved=(\d{1,3}-\d{1,3})/.exec(header(message, 'transport') ?? '')?.[1] ?? '0-1';
      const asked: Asked = { clientSeq: header(message, 'cseq') ?? '0', method, uri: this.#cameraUri(method, match[2] ?? ''), headers, attempts: 0, sentAt: 0, channels };
      if (this.#target.transport === 'udp' && !this.#target.secure) { void this.#askForPackets(asked); return; }
      headers.push(['Transport', `RTP/AVP/TCP;unicast;interleaved=${channels}`]);
      this.#ask(asked);
      return;
    }
    this.#ask({ clientSeq: header(message, 'cseq') ?? '0', method, uri: this.#cameraUri(method, match[2] ?? ''), headers, attempts: 0, sentAt: 0 });
  }

  /** The camera sends packets to two ports of ours; the player gets them in its own connection and knows nothing of it. */
  async #askForPackets(asked: Asked, session: string | null = null): Promise<void> {
    const channel = Number(asked.channels?.split('-')[0] ?? 0);
    const track = await openUdpTrack(this.#target.address, (offset, packet) => this.#onPacket(channel + offset, packet)).catch(() => null);
    if (track === null) { this.#asked.set('0', asked); this.fail('unknown'); return; }
    if (this.#state === 'over') { track.close(); return; }
    this.#udp.get(asked.channels ?? '')?.close();
    this.#udp.set(asked.channels ?? '', track);
    const others = asked.headers.filter(([name]) => name !== 'Transport' && (session === null || name !== 'Session'));
    this.#ask({ ...asked, attempts: 0, udp: track, headers: [...others, ...(session === null ? [] : [['Session', session] as [string, string]]), ['Transport', `RTP/AVP;unicast;client_port=${track.port}-${track.port + 1}`]] });
  }

  #onPacket(channel: number, packet: Buffer): void {
    this.#heardAt = performance.now();
    this.bytes += packet.length;
    if (this.#state !== 'playing') return;
    if (channel % 2 === 1) this.#reports.control(packet);
    // A player that does not keep up loses packets, as it would on the line.
    if (this.#player.writableLength > PACKETS_KEPT) return;
    const head = Buffer.from([0x24, channel, packet.length >> 8, packet.length & 0xff]);
    this.#player.write(Buffer.concat([head, packet]));
  }

  #onPlayerFrames(run: Buffer): void {
    if (this.#state !== 'playing') return;
    if (this.#udp.size === 0) { this.#camera.write(run); return; }
    for (let at = 0; at + 4 <= run.length && at + 4 + run.readUInt16BE(at + 2) <= run.length; at += 4 + run.readUInt16BE(at + 2)) {
      const channel = run[at + 1] ?? 0;
      const packet = run.subarray(at + 4, at + 4 + run.readUInt16BE(at + 2));
      if (channel % 2 === 1) for (const [channels, track] of this.#udp) if (Number(channels.split('-')[0]) === channel - 1) track.report(packet);
    }
  }

  #cameraUri(method: string, uri: string): string {
    const name = uri.slice(this.#local.length).replace(/^\/+/, '').replace(/\/+$/, '');
    if (method === 'SETUP') return this.#tracks.get(name) ?? this.#aggregate;
    return method === 'DESCRIBE' || method === 'OPTIONS' && this.#tracks.size === 0 ? this.#target.url : this.#aggregate;
  }

  #ask(asked: Asked): void {
    const seq = String(++this.#seq);
    asked.attempts += 1;
    asked.sentAt = performance.now();
    this.#asked.set(seq, asked);
    const headers: [string, string][] = [['CSeq', seq], ['User-Agent', 'toan-canh'], ...asked.headers];
    if (this.#authorization !== null) headers.push(['Authorization', this.#authorization.headerFor(asked.method, asked.uri)]);
    const bytes = writeMessage(`${asked.method} ${asked.uri} RTSP/1.0`, headers);
    if (this.#state === 'connecting') this.#waiting.push(bytes);
    else this.#camera.write(bytes);
  }

  #onAnswer(message: RtspMessage): void {
    const status = statusOf(message);
    if (status === null) { this.#onCameraRequest(message); return; }
    const seq = header(message, 'cseq') ?? '';
    const asked = this.#asked.get(seq);
    if (asked === undefined) return;
    if (status === 401 && this.#authorize(message, asked)) { this.#asked.delete(seq); this.#ask(asked); return; }
    if (status >= 300 && status < 400) { this.fail('address_forbidden'); return; }
    if (status === 401 || status === 403 || status === 407) { this.fail('wrong_password'); return; }
    if (status === 404 && asked.method !== 'OPTIONS') { this.fail('not_found'); return; }
    this.#asked.delete(seq);
    const offered = header(message, 'transport') ?? '';
    if (asked.method === 'SETUP' && asked.udp === undefined && this.#target.transport === 'auto' && !this.#target.secure && (status === 461 || status === 200 && !/^RTP\/AVP\/TCP\b/i.test(offered))) {
      void this.#askForPackets(asked, status === 200 ? header(message, 'session')?.split(';')[0] ?? null : null);
      return;
    }
    // 461: the camera does not send in the way that was asked for.
    if (status === 461) { this.#asked.set('0', asked); this.fail('unsupported'); return; }
    this.#forward(message, status, asked);
  }

  /** True when the request is worth sending again with an answer to this challenge. */
  #authorize(message: RtspMessage, asked: Asked): boolean {
    const challenges = parseChallenges(headersOf(message, 'www-authenticate'));
    const challenge = chooseChallenge(challenges);
    if (challenge === null || this.#target.credentials === null || asked.attempts >= 3) return false;
    const before = this.#authorization?.challenge.params;
    // A second refusal of the same nonce is an answer: wrong password. A new or stale nonce deserves one more try.
    if (before !== undefined && asked.attempts > 1 && challenge.params.get('stale')?.toLowerCase() !== 'true') return false;
    this.#authorization = new Authorization(challenge, this.#target.credentials);
    return true;
  }

  #forward(message: RtspMessage, status: number, asked: Asked): void {
    const headers: [string, string][] = [['CSeq', asked.clientSeq]];
    for (const { name, value } of message.headers) {
      const allowed = TO_PLAYER.get(name);
      if (allowed !== undefined) headers.push([allowed, value]);
    }
    let body: Buffer | null = message.body.length > 0 ? message.body : null;
    if (asked.method === 'DESCRIBE' && status === 200) {
      const base = header(message, 'content-base') ?? header(message, 'content-location') ?? asked.uri;
      const described = rewriteDescription(message.body.toString('utf8'), /^rtsps?:\/\/\S+$/i.test(base) ? base : asked.uri);
      this.#tracks = described.tracks;
      this.#aggregate = described.aggregate;
      this.#tell({ type: 'described', codec: described.codec, sound: described.sound });
      if (!/^m=video /m.test(described.sdp)) { this.#asked.set('0', asked); this.fail('unsupported'); return; }
      headers.push(['Content-Base', `${this.#local}/`]);
      body = Buffer.from(described.sdp, 'utf8');
    }
    if (asked.method === 'SETUP' && status === 200) {
      const answered = header(message, 'transport') ?? '';
      this.#tell({ type: 'carried', by: asked.udp === undefined ? 'tcp' : 'udp' });
      if (asked.udp !== undefined) {
        if (!/^RTP\/AVP(\/UDP)?(;|$)/i.test(answered) || /multicast/i.test(answered)) { this.#asked.set('0', asked); this.fail('unsupported'); return; }
        asked.udp.answered(Number(/server_port=(\d{1,5})/i.exec(answered)?.[1] ?? 0));
        this.#player.write(writeMessage(message.start, [...headers, ['Transport', `RTP/AVP/TCP;unicast;interleaved=${asked.channels ?? '0-1'}`]], body));
        return;
      }
      // A camera that insists on UDP would make ffmpeg wait for ever.
      if (!/^RTP\/AVP\/TCP\b/i.test(answered)) { this.#asked.set('0', asked); this.fail('unsupported'); return; }
      headers.push(['Transport', answered.split(';').filter((part) => /^(RTP\/AVP\/TCP|unicast|interleaved=[\d-]+|ssrc=[0-9a-f]+)$/i.test(part.trim())).join(';')]);
    }
    if (asked.method === 'PLAY' && status === 200) { this.#state = 'playing'; this.#heardAt = performance.now(); }
    this.#player.write(writeMessage(message.start, headers, body));
  }

  #onCameraRequest(message: RtspMessage): void {
    if (message.start.startsWith('REDIRECT ')) { this.fail('address_forbidden'); return; }
    this.#camera.write(writeMessage('RTSP/1.0 501 Not Implemented', [['CSeq', header(message, 'cseq') ?? '0']]));
  }

  #onFrames(run: Buffer): void {
    if (this.#state !== 'playing') return;
    this.#reports.run(run);
    if (!this.#player.write(run)) this.#camera.pause();
  }
}

function reasonOf(error: NodeJS.ErrnoException, state: string): CameraReason {
  if (error.code === 'ECONNREFUSED') return 'refused';
  if (state === 'connecting') return 'unreachable';
  return 'ended';
}
