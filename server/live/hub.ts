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
  close(): Promise<void>;
}

interface Channel { key: string; cut: Cut; seq: number; sent: Partial<LiveState>; kept: Patch[]; lastAt: number; idleSince: number | null }
interface SocketData { session: Session; channel: Channel | null }
type LiveSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** Patches kept for a screen that comes back: two minutes of a busy centre. */
const KEPT = 500;
const HEARTBEAT = 1_900;
const FORGET_CHANNEL = 10 * 60_000;
const MAX_UNITS = 50;

export interface HubParts {
  server: HttpServer; sessions: Sessions; log: Logger; now: () => Date; zone: string;
  units: Pick<Units, 'rows' | 'tree'>; allows: (origin: string | undefined, host: string | undefined) => boolean;
  state: () => LiveState; isSimulated: () => boolean;
  /** Makes sure that the totals of these units are in the state, before a snapshot of them is taken. */
  prepareTotals: (units: readonly string[]) => Promise<void>;
}

export function openHub({ server, sessions, log, now, zone, units, allows, state, isSimulated, prepareTotals }: HubParts): Hub {
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>(server, {
    path: '/live', serveClient: false, maxHttpBufferSize: 16_384, destroyUpgrade: false, pingInterval: 10_000, pingTimeout: 8_000,
    allowRequest: (request, callback) => { callback(null, allows(request.headers.origin, request.headers.host)); },
  });
  const channels = new Map<string, Channel>();
  /** What a session watched last, so that a bare `resume` after a break is understood. */
  const lastWatch = new Map<string, { units: string[]; topics: Topic[] }>();

  io.use((socket, next) => {
    sessions.fromCookie(socket.handshake.headers.cookie).then((session) => {
      if (!session) { next(Object.assign(new Error('unauthenticated'), { data: problem(new Fault('unauthenticated')) })); return; }
      socket.data = { session, channel: null };
      next();
    }, (error: unknown) => { next(Object.assign(new Error('unavailable'), { data: problem(error) })); });
  });

  io.on('connection', (socket: LiveSocket) => {
    const guarded = (work: () => Promise<{ seq: number }>, acknowledge: unknown) => {
      work().then((answer) => { if (typeof acknowledge === 'function') (acknowledge as (a: unknown) => void)(answer); }, (error: unknown) => {
        const body = problem(error);
        if (body.code === 'internal') log.error({ event: 'live_failed', requestId: body.requestId, err: error });
        socket.emit('problem', body);
        if (typeof acknowledge === 'function') (acknowledge as (a: unknown) => void)(body);
      });
    };
    socket.on('watch', (message, acknowledge) => { guarded(() => watch(socket, message), acknowledge); });
    socket.on('resume', (message, acknowledge) => { guarded(() => resume(socket, message), acknowledge); });
    socket.on('disconnect', () => { leave(socket); });
  });

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
    leave(socket);
    const { session } = socket.data;
    const key = JSON.stringify([session.unit, wanted.units, wanted.topics]);
    let channel = channels.get(key);
    if (!channel) {
      const cut: Cut = { scope: session.scope, units: wanted.units, topics: wanted.topics, under: underOf(wanted.units) };
      channel = { key, cut, seq: now().getTime(), sent: cutOut(state(), cut), kept: [], lastAt: now().getTime(), idleSince: null };
      channels.set(key, channel);
    }
    channel.idleSince = null;
    socket.data.channel = channel;
    lastWatch.set(session.id, wanted);
    if (lastWatch.size > 5_000) lastWatch.delete(lastWatch.keys().next().value ?? '');
    return channel;
  }

  function underOf(roots: readonly string[]): ReadonlySet<string> {
    return new Set(roots.flatMap((root) => [root, ...units.tree.under(root)]));
  }

  function leave(socket: LiveSocket): void {
    const { channel } = socket.data;
    if (!channel) return;
    void socket.leave(channel.key);
    socket.data.channel = null;
    if ((io.sockets.adapter.rooms.get(channel.key)?.size ?? 0) === 0) channel.idleSince = now().getTime();
  }

  async function watch(socket: LiveSocket, message: unknown): Promise<{ seq: number }> {
    const wanted = readWatch(socket.data.session, message);
    await prepareTotals(wanted.topics.includes('kpis') ? wanted.units : []);
    const channel = join(socket, wanted);
    flush(channel, state(), now());
    socket.emit('snapshot', snapshotOf(channel));
    await socket.join(channel.key);
    return { seq: channel.seq };
  }

  async function resume(socket: LiveSocket, message: { seq: number; units?: string[]; topics?: Topic[] }): Promise<{ seq: number }> {
    const { session } = socket.data;
    const wanted = message?.units !== undefined || message?.topics !== undefined ? readWatch(session, message)
      : socket.data.channel ? { units: [...socket.data.channel.cut.units], topics: [...socket.data.channel.cut.topics] } : lastWatch.get(session.id) ?? readWatch(session, {});
    await prepareTotals(wanted.topics.includes('kpis') ? wanted.units : []);
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
    const next = cutOut(whole, channel.cut);
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
  return {
    publish(whole, asOf) {
      if (units.tree !== tree) {
        // Another tree from today on: scopes and cuts are of yesterday. Screens come back by themselves and get new ones.
        tree = units.tree;
        channels.clear();
        for (const socket of io.sockets.sockets.values()) socket.conn.close();
      }
      for (const channel of [...channels.values()]) {
        if (channel.idleSince !== null && asOf.getTime() - channel.idleSince > FORGET_CHANNEL) { channels.delete(channel.key); continue; }
        flush(channel, whole, asOf);
      }
    },
    watchedTotals() {
      const all = new Set<string>();
      for (const channel of channels.values()) if (channel.idleSince === null && channel.cut.topics.includes('kpis')) for (const unit of channel.cut.units) all.add(unit);
      return all;
    },
    connectedSessions: () => [...new Set([...io.sockets.sockets.values()].map((socket) => socket.data.session.id))],
    disconnectExcept(living) { for (const socket of io.sockets.sockets.values()) if (!living.has(socket.data.session.id)) { socket.emit('problem', problem(new Fault('unauthenticated'))); socket.disconnect(true); } },
    connections: () => io.sockets.sockets.size,
    async close() { await io.close(); },
  };
}

function problem(error: unknown): SocketProblem {
  const fault = error instanceof Fault ? error : new Fault('internal');
  return problemOf(fault.code, fault.code === 'internal' ? null : fault.message, 'vi', randomUUID(), '/live');
}
