/** The one HTTP server of a media node. Viewers come with tickets, the centre with the node's secret; nobody else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { cameraId, range } from '#contract/camera.ts';
import { Fault } from '#contract/faults.ts';
import { maskShapes, type MaskShapes } from '#contract/picture.ts';
import type { MaskedPieces } from '../playback/maskedPieces.ts';
import { writeMaskedPlaylist, writePlaylist } from '../playback/playlist.ts';
import type { Thumbnails } from '../playback/thumbnail.ts';
import type { Recorder } from '../recorder/recorder.ts';
import { SEGMENT_FILE } from '../recorder/sweep.ts';
import type { ClipDesk } from '../playback/clipDesk.ts';
import { answerClip } from './clips.ts';
import { faultOf, problemText, sendFile, sendJson, sendProblem } from './answer.ts';
import { readLivePath, type Live } from './live.ts';
import { trialOrder } from '#contract/cameraTest.ts';
import { newDiskOrder, type NewDisk } from '#contract/mediaNode.ts';
import { discoverOrder } from '#contract/discovery.ts';
import type { Discover } from '../discovery/discover.ts';
import type { Trials } from '../trial/trial.ts';

export interface Gateway { readonly port: number; stop(): Promise<void> }
export interface GatewayParts {
  host: string; port: number; secret: string; log: Logger; live: Live; recorder: Recorder; thumbnails: Thumbnails; maskedPieces: MaskedPieces; clips: ClipDesk;
  health: () => object;
  trials: Trials; discover: Discover; acceptDisk: (journalUpTo: number) => Promise<NewDisk>;
}

const LONGEST_MS = 6 * 3_600_000;

export async function serveGateway(parts: GatewayParts): Promise<Gateway> {
  const { log, live } = parts;
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    answer(request, response, parts).catch((error: unknown) => sendProblem(request, response, error, log));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    try {
      const path = readLivePath(request.url ?? '');
      if (path === null) throw new Fault('not_found');
      live.overSocket(request, socket, head, path);
    } catch (error) {
      const fault = faultOf(error);
      const body = problemText(request, fault, '');
      socket.end(`HTTP/1.1 ${fault.status} Refused\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
    }
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(parts.port, parts.host, resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      live.stop();
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: GatewayParts): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  if (request.method === 'POST' && (url.pathname === '/trial' || url.pathname === '/discover' || url.pathname === '/disk')) {
    if (!isCentre(request, parts.secret)) throw new Fault('unauthenticated');
    const body = await readJson(request);
    const [trial, search, disk] = [trialOrder.safeParse(body), discoverOrder.safeParse(body), newDiskOrder.safeParse(body)];
    if (url.pathname === '/trial' && trial.success) sendJson(response, await parts.trials(trial.data));
    else if (url.pathname === '/discover' && search.success) sendJson(response, await parts.discover(search.data));
    else if (url.pathname === '/disk' && disk.success) sendJson(response, await parts.acceptDisk(disk.data.journalUpTo));
    else throw new Fault('invalid_request');
    return;
  }
  // What lies behind this path is covered: a node that does not know it answers nothing, not something else.
  const masks = url.pathname.startsWith('/masked/') ? readMasks(url.searchParams) : null;
  if (masks !== null) url.pathname = url.pathname.slice('/masked'.length);
  const isClip = url.pathname.startsWith('/clips/') && (request.method === 'PUT' || request.method === 'DELETE');
  if (request.method !== 'GET' && request.method !== 'HEAD' && !isClip) throw new Fault('method_not_allowed');
  if (masks === null && url.pathname.startsWith('/live/')) {
    const path = readLivePath(request.url ?? '');
    if (path === null || request.method !== 'GET') throw new Fault('not_found');
    parts.live.overHttp(request, response, path);
    return;
  }
  if (!isCentre(request, parts.secret)) throw new Fault('unauthenticated');
  const [, route, camera, file, ...rest] = url.pathname.split('/');
  if (route === 'health' && camera === undefined) { sendJson(response, parts.health()); return; }
  if (route === 'clips') { await answerClip(request, response, url, parts.clips, masks); return; }
  if (rest.length > 0 || !cameraId.safeParse(camera).success) throw new Fault('not_found');
  const id = camera ?? '';
  if (route === 'playlist' && file === undefined) { await sendPlaylist(response, id, url.searchParams, parts.recorder, masks !== null); return; }
  if (route === 'thumbnail' && file === undefined) { await sendThumbnail(response, id, url.searchParams, parts, masks ?? []); return; }
  if (route === 'snapshot' && file === undefined) { await sendSnapshot(response, id, parts, masks ?? []); return; }
  if (route === 'segments' && file !== undefined && SEGMENT_FILE.test(file) && masks !== null) { await sendMasked(response, parts.recorder.pathOf(id, file), url.searchParams, parts.maskedPieces, masks); return; }
  if (route === 'segments' && file !== undefined && SEGMENT_FILE.test(file)) { await sendFile(request, response, parts.recorder.pathOf(id, file), 'video/mp4'); return; }
  throw new Fault('not_found');
}

/** Throws where they cannot be read: then nothing is shown. */
function readMasks(query: URLSearchParams): MaskShapes {
  let given: unknown;
  try { given = JSON.parse(query.get('masks') ?? ''); } catch { throw new Fault('invalid_request', 'masks'); }
  const read = maskShapes.min(1).safeParse(given);
  if (!read.success) throw new Fault('invalid_request', 'masks');
  return read.data;
}

async function sendMasked(response: ServerResponse, path: string, query: URLSearchParams, pieces: MaskedPieces, masks: MaskShapes): Promise<void> {
  const [first, count] = [query.get('first'), query.get('count')].map((text) => (/^\d{1,5}$/.test(text ?? '') ? Number(text) : -1));
  if (first === undefined || count === undefined || first < 0 || count < 1 || count > 600) throw new Fault('invalid_request', 'first and count are numbers of fragments');
  const piece = await pieces(path, first, count, masks);
  response.writeHead(200, { 'content-type': 'video/mp2t', 'cache-control': 'no-store', 'content-length': piece.length });
  response.end(piece);
}

const LONGEST_BODY = 16_384;
async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LONGEST_BODY) throw new Fault('body_too_large');
    pieces.push(piece);
  }
  try { return JSON.parse(Buffer.concat(pieces).toString('utf8')); } catch { throw new Fault('malformed_json'); }
}

function isCentre(request: IncomingMessage, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${secret}`));
}

async function sendPlaylist(response: ServerResponse, camera: string, query: URLSearchParams, recorder: Recorder, isMasked: boolean): Promise<void> {
  const asked = range.safeParse({ from: query.get('from'), to: query.get('to') });
  if (!asked.success) throw new Fault('invalid_request', 'from and to must be instants with an offset');
  const [fromMs, toMs] = [Date.parse(asked.data.from), Date.parse(asked.data.to)];
  if (!(toMs > fromMs) || toMs - fromMs > LONGEST_MS) throw new Fault('invalid_request', 'from must lie before to, by six hours at most');
  const playlist = (isMasked ? writeMaskedPlaylist : writePlaylist)(await recorder.playable(camera, fromMs, toMs), fromMs, toMs);
  if (playlist === null) throw new Fault('no_recording');
  response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl', 'cache-control': 'no-store' });
  response.end(playlist);
}

async function sendThumbnail(response: ServerResponse, camera: string, query: URLSearchParams, { recorder, thumbnails }: GatewayParts, masks: MaskShapes): Promise<void> {
  const asked = range.shape.from.safeParse(query.get('at'));
  if (!asked.success) throw new Fault('invalid_request', 'at must be an instant with an offset');
  const at = Date.parse(asked.data);
  const file = (await recorder.playable(camera, at, at + 1)).find((one) => at < one.fromMs + one.index.seconds * 1000);
  if (file === undefined) throw new Fault('no_recording');
  const picture = await thumbnails(recorder.pathOf(camera, file.file), file.index, (at - file.fromMs) / 1000, masks);
  response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'private, max-age=60', 'content-length': picture.length });
  response.end(picture);
}

/** Older than this it would pass for now. */
const OLDEST_SNAPSHOT_MS = 60_000;
const SNAPSHOT_KEPT_MS = 10_000;
const snapshots = new WeakMap<Recorder, Map<string, { until: number; at: number; picture: Buffer }>>();

/** The newest key frame that is on the disk. The camera is not asked, whoever asks how often. */
async function sendSnapshot(response: ServerResponse, camera: string, { recorder, thumbnails }: GatewayParts, masks: MaskShapes): Promise<void> {
  const key = `${camera} ${JSON.stringify(masks)}`;
  const kept = snapshots.get(recorder) ?? new Map<string, { until: number; at: number; picture: Buffer }>();
  snapshots.set(recorder, kept);
  const now = Date.now();
  for (const [id, one] of kept) if (one.until <= now) kept.delete(id);
  let shot = kept.get(key);
  if (shot === undefined) {
    const file = (await recorder.playable(camera, now - OLDEST_SNAPSHOT_MS, now + 1000)).at(-1);
    const fragment = file?.index.fragments.at(-1);
    const at = file === undefined || fragment === undefined ? 0 : Math.min(now, file.fromMs + fragment.startSeconds * 1000);
    if (file === undefined || fragment === undefined || now - at > OLDEST_SNAPSHOT_MS) throw new Fault('camera_away', null, { retryAfter: 10 });
    shot = { until: now + SNAPSHOT_KEPT_MS, at, picture: await thumbnails(recorder.pathOf(camera, file.file), file.index, fragment.startSeconds, masks) };
    kept.set(key, shot);
  }
  response.writeHead(200, { 'content-type': 'image/jpeg', 'cache-control': 'private, max-age=10', 'content-length': shot.picture.length, 'picture-at': new Date(shot.at).toISOString() });
  response.end(shot.picture);
}
