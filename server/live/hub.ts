/**
 * Live push. Everything live is a set of named rows per topic, held once for the whole centre (`state.ts`); a watch is
 * the part of it that a scope, units and topics cut out. Watches that are equal share one channel: one sequence, one
 * serialised patch for all its screens. So work grows with scopes, not with screens.
 */
import type { Server as HttpServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { Server, type Socket } from 'socket.io';
import type { Logger } from 'pino';
import { Fault, problemOf } from '#contract/faults.ts';
import type { ClientToServer, LiveState, Patch, ServerToClient, Snapshot, SocketProblem } from '#contract/live.ts';
import { TOPICS, type Topic } from '#contract/vocabulary.ts';
import type { Session, Sessions } from '../access/session.ts';
import type { Units } from '../units/tree.ts';
import { changesBetween, cutOut, type Cut } from './cut.ts';

export interface Hub {
  /** Sends to every channel what changed since it was last sent. Called at most every COALESCE ms. */
  publish(state: LiveState, asOf: Date): void;
  /** Units that somebody watches as a whole: their totals must be kept fresh. */
  watchedTotals(): ReadonlySet<string>;
  connectedSessions(): string[];
  disconnectExcept(living: ReadonlySet<string>): void;
  connections(): number;
  /** How many different watches are kept. */
  channels(): number;
  close(): Promise<void>;
}

/** `idle`: nobody is in it any more; since when, who left last, and how long it waits for a screen that comes back. */
interface Channel { key: string; cut: Cut; seq: number; sent: Partial<LiveState>; kept: Patch[]; lastAt: number; idle: { since: number; by: string; for: number } | null }
/** `asked`: how many questions are left, and when that was reckoned. `turn`: a socket's questions are answered one after another. */
interface SocketData { session: Session; channel: Channel | null; asked: { left: number; at: number }; turn: Promise<unknown> }
type LiveSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** Patches kept for a screen that comes back: two minutes of a busy centre. */
const KEPT = 500;
const HEARTBEAT = 1_900;
/** A screen whose connection broke may come back; one that watches something else now does not. */
const FORGET_BROKEN = 10 * 60_000;
const FORGET_LEFT = 5_000;
const MAX_UNITS = 50;
/** Questions of one socket: this many at once, then one each so many milliseconds. A screen asks once, and again after a break. */
const QUESTIONS = 10;
const QUESTION_EVERY = 2_000;
/** Different watches of one account at the same time, on all its screens, and how many broken ones are remembered. */
const MAX_CHANNELS = 30;
const MAX_BROKEN = 5;
/** What waits to be sent: a screen that does not read is cut off, also when all of them together hold too much. */
const MAX_BACKLOG = 16 * 1024 * 1024;
const MAX_BACKLOG_OF_ALL = 256 * 1024 * 1024;

export interface HubParts {
  server: HttpServer; sessions: Sessions; /** The right of a paired screen, by its cookie. */ screenOf: (cookie: string | undefined) => Promise<Session | null>; log: Logger; now: () => Date; zone: string;
  units: Pick<Units, 'rows' | 'tree'>; allows: (origin: string | undefined, host: string | undefined) => boolean;
  state: () => LiveState; /** The ids of the alerts, the most urgent first. */ urgency: () => readonly string[]; isSimulated: () => boolean;
  /** Makes sure that the totals of these units are in the state, before a snapshot of them is taken. */
  prepareTotals: (units: readonly string[]) => Promise<void>;
}

export function openHub({ server, sessions, screenOf, log, now, zone, units, allows, state, urgency, isSimulated, prepareTotals }: HubParts): Hub {
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>(server, {
    path: '/live', serveClient: false, maxHttpBufferSize: 16_384, destroyUpgrade: false, pingInterval: 10_000, pingTimeout: 8_000,
    allowRequest: (request, callback) => { callback(null, allows(request.headers.origin, request.headers.host)); },
  });
  const channels = new Map<string, Channel>();
  /** What a session watched last, so that a bare `resume` after a break is understood. */
  const lastWatch = new Map<string, { units: string[]; topics: Topic[] }>();

  io.use((socket, next) => {
    const { cookie } = socket.handshake.headers;
    const asScreen = (socket.handshake.auth as { screen?: unknown } | undefined)?.screen === true;
    (asScreen ? screenOf(cookie) : sessions.fromCookie(cookie).then((session) => session ?? screenOf(cookie))).then((session) => {
      if (!session) { next(Object.assign(new Error('unauthenticated'), { data: problem(new Fault('unauthenticated')) })); return; }
      socket.data = { session, channel: null, asked: { left: QUESTIONS, at: performance.now() }, turn: Promise.resolve() };
      next();
    }, (error: unknown) => { next(Object.assign(new Error('unavailable'), { data: problem(error) })); });
  });

  io.on('connection', (socket: LiveSocket) => {
    const guarded = (work: () => Promise<{ seq: number } | null>, acknowledge: unknown) => {
      const answered = mayAsk(socket) ? socket.data.turn.then(work) : null;
      if (answered) socket.data.turn = answered.catch(() => undefined);
      (answered ?? Promise.reject(new Fault('rate_limited', 'too many questions on one connection'))).then((answer) => { if (typeof acknowledge === 'function') (acknowledge as (a: unknown) => void)(answer); }, (error: unknown) => {
        const body = problem(error);
        if (body.code === 'internal') log.error({ event: 'live_failed', requestId: body.requestId, err: error });
        socket.emit('problem', body);
        if (typeof acknowledge === 'function') (acknowledge as (a: unknown) => void)(body);
      });
    };
    socket.on('watch', (message, acknowledge) => { guarded(() => watch(socket, message), acknowledge); });
    socket.on('resume', (message, acknowledge) => { guarded(() => resume(socket, message), acknowledge); });
    socket.on('time', (acknowledge: unknown) => { if (typeof acknowledge === 'function' && mayAsk(socket)) (acknowledge as (a: number) => void)(now().getTime()); });
    socket.on('disconnect', () => { leave(socket, FORGET_BROKEN); });
  });

  function mayAsk(socket: LiveSocket): boolean {
    const { asked } = socket.data;
    const at = performance.now();
    asked.left = Math.min(QUESTIONS, asked.left + (at - asked.at) / QUESTION_EVERY);
    asked.at = at;
    if (asked.left < 1) return false;
    asked.left -= 1;
    return true;
  }

  function readWatch(session: Session, message: unknown): { units: string[]; topics: Topic[] } {
    const given = message as { units?: unknown; topics?: unknown } | null | undefined;
    const wanted = given?.units === undefined ? [session.unit] : given.units;
    const topics = given?.topics === undefined ? [...TOPICS] : given.topics;
    if (!Array.isArray(wanted) || wanted.length === 0 || wanted.length > MAX_UNITS || !wanted.every((unit) => typeof unit === 'string')) throw new Fault('invalid_request', `units: 1 to ${MAX_UNITS} unit codes`);
    if (!Array.isArray(topics) || !topics.every((topic) => (TOPICS as readonly unknown[]).includes(topic))) throw new Fault('invalid_request', `topics: some of ${TOPICS.join(', ')}`);
    // What is outside the scope does not exist.
    for (const unit of wanted as string[]) if (!session.scope.has(unit)) throw new Fault('not_found', `unit ${unit.slice(0, 40)}`);
    return { units: [...new Set(wanted as string[])].sort(), topics: TOPICS.filter((topic) => (topics as Topic[]).includes(topic)) };
  }

  function join(socket: LiveSocket, wanted: { units: string[]; topics: Topic[] }): Channel {
    const { session } = socket.data;
    const key = JSON.stringify([session.unit, wanted.units, wanted.topics]);
    const watched = new Set([...io.sockets.sockets.values()].flatMap((one) => (one !== socket && one.data.session.username === session.username && one.data.channel ? [one.data.channel.key] : [])));
    if (!watched.has(key) && watched.size >= MAX_CHANNELS) throw new Fault('rate_limited', `an account watches at most ${MAX_CHANNELS} different things at a time`);
    leave(socket, FORGET_LEFT);
    let channel = channels.get(key);
    if (!channel) {
      const cut: Cut = { scope: session.scope, units: wanted.units, topics: wanted.topics, under: underOf(wanted.units) };
      channel = { key, cut, seq: now().getTime(), sent: cutOut(state(), cut, urgency()), kept: [], lastAt: now().getTime(), idle: null };
      channels.set(key, channel);
    }
    channel.idle = null;
    socket.data.channel = channel;
    lastWatch.set(session.id, wanted);
    if (lastWatch.size > 5_000) lastWatch.delete(lastWatch.keys().next().value ?? '');
    return channel;
  }

  function underOf(roots: readonly string[]): ReadonlySet<string> {
    return new Set(roots.flatMap((root) => [root, ...units.tree.under(root)]));
  }

  function leave(socket: LiveSocket, waits: number): void {
    const { channel, session } = socket.data;
    if (!channel) return;
    void socket.leave(channel.key);
    socket.data.channel = null;
    if ((io.sockets.adapter.rooms.get(channel.key)?.size ?? 0) > 0) return;
    channel.idle = { since: now().getTime(), by: session.username, for: waits };
    const left = [...channels.values()].filter((one) => one.idle?.by === session.username).sort((a, b) => (b.idle?.since ?? 0) - (a.idle?.since ?? 0));
    for (const one of left.slice(MAX_BROKEN)) channels.delete(one.key);
  }

  async function watch(socket: LiveSocket, message: unknown): Promise<{ seq: number } | null> {
    const wanted = readWatch(socket.data.session, message);
    await prepareTotals(wanted.topics.includes('kpis') ? wanted.units : []);
    // Who left meanwhile would never leave again.
    if (!socket.connected) return null;
    const channel = join(socket, wanted);
    flush(channel, state(), now());
    socket.emit('snapshot', snapshotOf(channel));
    await socket.join(channel.key);
    return { seq: channel.seq };
  }

  async function resume(socket: LiveSocket, message: { seq: number; units?: string[]; topics?: Topic[] }): Promise<{ seq: number } | null> {
    const { session } = socket.data;
    const wanted = message?.units !== undefined || message?.topics !== undefined ? readWatch(session, message)
      : socket.data.channel ? { units: [...socket.data.channel.cut.units], topics: [...socket.data.channel.cut.topics] } : lastWatch.get(session.id) ?? readWatch(session, {});
    await prepareTotals(wanted.topics.includes('kpis') ? wanted.units : []);
    if (!socket.connected) return null;
    const channel = join(socket, wanted);
    const from = Number(message?.seq);
    const first = channel.kept[0]?.seq ?? channel.seq + 1;
    if (Number.isInteger(from) && from <= channel.seq && from >= first - 1) for (const patch of channel.kept) { if (patch.seq > from) socket.emit('patch', patch); }
    else socket.emit('snapshot', snapshotOf(channel));
    await socket.join(channel.key);
    return { seq: channel.seq };
  }

  function snapshotOf(channel: Channel): Snapshot {
    return {
      seq: channel.seq, asOf: now().toISOString(), zone, simulated: isSimulated(), topics: [...channel.cut.topics],
      units: units.rows.filter((unit) => channel.cut.under.has(unit.code) && channel.cut.scope.has(unit.code)), state: channel.sent,
    };
  }

  /** One patch when something changed, or when the last is two seconds old. */
  function flush(channel: Channel, whole: LiveState, asOf: Date): void {
    const next = cutOut(whole, channel.cut, urgency());
    const { set, remove, empty } = changesBetween(channel.sent, next);
    if (empty && asOf.getTime() - channel.lastAt < HEARTBEAT) return;
    channel.seq += 1;
    channel.sent = next;
    channel.lastAt = asOf.getTime();
    const patch: Patch = { seq: channel.seq, asOf: asOf.toISOString(), set, remove };
    channel.kept.push(patch);
    if (channel.kept.length > KEPT) channel.kept.shift();
    io.to(channel.key).emit('patch', patch);
  }

  let tree = units.tree;

  /** The memory of a screen that does not read is the centre's. */
  function cutSlow(): void {
    const waiting = [...io.sockets.sockets.values()].map((socket) => ({ socket, bytes: backlogOf(socket) })).filter((one) => one.bytes > 0).sort((a, b) => b.bytes - a.bytes);
    let sum = waiting.reduce((all, one) => all + one.bytes, 0);
    for (const { socket, bytes } of waiting) {
      if (bytes <= MAX_BACKLOG && sum <= MAX_BACKLOG_OF_ALL) break;
      log.warn({ event: 'slow_screen_cut', bytes, username: socket.data.session.username });
      socket.disconnect(true);
      sum -= bytes;
    }
  }

  return {
    publish(whole, asOf) {
      if (units.tree !== tree) {
        // Another tree from today on: scopes and cuts are of yesterday. Screens come back by themselves and get new ones.
        tree = units.tree;
        channels.clear();
        for (const socket of io.sockets.sockets.values()) socket.conn.close();
      }
      for (const channel of [...channels.values()]) {
        if (channel.idle !== null && asOf.getTime() - channel.idle.since > channel.idle.for) { channels.delete(channel.key); continue; }
        flush(channel, whole, asOf);
      }
      cutSlow();
    },
    watchedTotals() {
      const all = new Set<string>();
      for (const channel of channels.values()) if (channel.idle === null && channel.cut.topics.includes('kpis')) for (const unit of channel.cut.units) all.add(unit);
      return all;
    },
    connectedSessions: () => [...new Set([...io.sockets.sockets.values()].map((socket) => socket.data.session.id))],
    disconnectExcept(living) { for (const socket of io.sockets.sockets.values()) if (!living.has(socket.data.session.id)) { socket.emit('problem', problem(new Fault('unauthenticated'))); socket.disconnect(true); } },
    connections: () => io.sockets.sockets.size,
    channels: () => channels.size,
    async close() { await io.close(); },
  };
}

function problem(error: unknown): SocketProblem {
  const fault = error instanceof Fault ? error : new Fault('internal');
  return problemOf(fault.code, fault.code === 'internal' ? null : fault.message, 'vi', randomUUID(), '/live');
}

/** Bytes that the library and the connection under it hold for this socket. */
function backlogOf(socket: LiveSocket): number {
  const { writeBuffer, transport } = socket.conn as unknown as { writeBuffer: { data?: unknown }[]; transport: { socket?: { bufferedAmount?: number } } };
  return writeBuffer.reduce((sum, packet) => sum + (typeof packet.data === 'string' ? packet.data.length : 0), transport.socket?.bufferedAmount ?? 0);
}
