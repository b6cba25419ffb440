/** How the gateway answers: problem documents for every failure, files by range. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { Fault, problemOf } from '#contract/faults.ts';
import { readRange } from '../playback/range.ts';

export function faultOf(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('internal', null, {}, error);
}

export function problemText(request: IncomingMessage, fault: Fault, requestId: string): string {
  const language = /^\s*en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'vi';
  const { retryAfter: _retryAfter, ...data } = fault.data;
  return JSON.stringify(problemOf(fault.code, fault.code === 'internal' ? null : fault.message, language, requestId, (request.url ?? '/').split('?')[0] ?? '/', data));
}

export function sendProblem(request: IncomingMessage, response: ServerResponse, error: unknown, log: Logger): void {
  const fault = faultOf(error);
  const requestId = randomUUID();
  if (fault.code === 'internal') log.error({ event: 'gateway_failed', requestId, err: fault.cause ?? fault });
  if (response.headersSent) { response.destroy(); return; }
  if (typeof fault.data.retryAfter === 'number') response.setHeader('retry-after', String(fault.data.retryAfter));
  response.writeHead(fault.status, { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': requestId });
  response.end(problemText(request, fault, requestId));
}

const PIECE = 256 * 1024;
/** A file that may be growing: what is there now is what is served. */
export async function sendFile(request: IncomingMessage, response: ServerResponse, path: string, type: string): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (info === null || !info.isFile()) throw new Fault('no_recording');
  const range = readRange(request.headers.range, info.size);
  if (range.kind === 'unsatisfiable') { response.writeHead(416, { 'content-range': `bytes */${info.size}` }).end(); return; }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: info.size - 1 };
  response.writeHead(range.kind === 'part' ? 206 : 200, {
    'content-type': type, 'accept-ranges': 'bytes', 'cache-control': 'private, no-store', 'content-length': end - start + 1,
    ...(range.kind === 'part' ? { 'content-range': `bytes ${start}-${end}/${info.size}` } : {}),
  });
  if (request.method === 'HEAD' || info.size === 0) { response.end(); return; }
  await pipeline(createReadStream(path, { start, end, highWaterMark: PIECE }), response).catch(() => response.destroy());
}

export function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
