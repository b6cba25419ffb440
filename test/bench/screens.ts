/** Many screens in one process: real socket.io clients, WebSocket only, that note when the awaited row reaches them. */
import { io, type Socket } from 'socket.io-client';
import type { Patch } from '#contract/live.ts';
import { answerWith } from './helper.ts';

type Side = 'ours' | 'baseline';
/** Milliseconds of the machine's monotonic clock, one of each screen; and the patch as the first one got it. */
export interface Arrivals { at: number[]; first: Patch | null }

interface Waiting { row: string; at: Map<Socket, number>; first: Patch | null; done: (() => void) | null }
const sockets: Record<Side, Socket[]> = { ours: [], baseline: [] };
let waiting: (Waiting & { side: Side }) | null = null;

function arrived(side: Side, socket: Socket, patch: Patch): void {
  const now = Number(process.hrtime.bigint()) / 1e6;
  if (!waiting || waiting.side !== side || waiting.at.has(socket) || patch.set.kpis?.[waiting.row] === undefined) return;
  waiting.at.set(socket, now);
  waiting.first ??= patch;
  if (waiting.at.size === sockets[side].length) waiting.done?.();
}

async function open(side: Side, url: string, cookie: string | null): Promise<void> {
  const socket: Socket = io(url, { path: '/live', transports: ['websocket'], forceNew: true, reconnection: false, ...(cookie === null ? {} : { extraHeaders: { cookie } }) });
  socket.on('patch', (patch: Patch) => { arrived(side, socket, patch); });
  await new Promise<void>((resolve, reject) => { socket.once('connect', () => { resolve(); }); socket.once('connect_error', reject); });
  // The bare server sends to all that are connected; the centre to those that watch.
  if (side === 'ours') {
    const answer = await socket.timeout(20_000).emitWithAck('watch', { units: ['75'], topics: ['kpis'] }) as { seq?: number };
    if (typeof answer.seq !== 'number') throw new Error(`watch: ${JSON.stringify(answer)}`);
  }
  sockets[side].push(socket);
}

answerWith(async (question) => {
  const side = question.side as Side;
  if (question.do === 'open') {
    // Twenty-five at a time: this is not the measure of a storm of connections.
    for (let left = Number(question.count); left > 0; left -= 25) await Promise.all(Array.from({ length: Math.min(25, left) }, () => open(side, String(question.url), question.cookie as string | null)));
    return sockets[side].length;
  }
  if (question.do === 'await') { waiting = { side, row: `desk:${String(question.desk)}`, at: new Map(), first: null, done: null }; return null; }
  const current = waiting;
  if (!current) throw new Error('nothing is awaited');
  if (current.at.size < sockets[current.side].length) await new Promise<void>((resolve) => { current.done = resolve; });
  return { at: [...current.at.values()], first: current.first } satisfies Arrivals;
});
