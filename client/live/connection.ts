/** The live connection: it comes back by itself, asks for what it missed, and says how old its picture is. */
import { io, type Socket } from 'socket.io-client';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { offsetOf, type ClockSample } from '#analytics/wall/together.ts';
import type { ClientToServer, Patch, ServerToClient, Snapshot, SocketProblem } from '#contract/live.ts';
import type { UnitRow } from '#contract/figures.ts';
import type { Topic } from '#contract/vocabulary.ts';
import { setZone } from '../design/format.ts';
import { OLD_AFTER, oldSeconds, retryDelay } from './freshness.ts';
import { readKept, writeKept } from './kept.ts';
import { applyPatch, fromSnapshot, NOTHING, type Held } from './topic.ts';

/** An unanswered `watch` or `resume` is sent again after this. */
const ANSWER_WITHIN = 4_000;
const KEEP_EVERY = 10_000;
/** The centre is asked for its time so often, and the quickest of so many answers counts. */
const TIME_EVERY = 30_000;
const TIMES = 8;

/** `keep`: under this name the last picture is kept in the browser, and shown with its age when the centre is away after a reload. */
export function useLive(watched: readonly string[], topics: Topic[], { screen = false, keep = null }: { screen?: boolean; keep?: string | null } = {}) {
  let units = [...watched];
  const held = shallowRef<Held | null>(null);
  const known = shallowRef<UnitRow[]>([]);
  const simulated = ref(false);
  const connected = ref(false);
  const signedOut = ref(false);
  const refused = shallowRef<SocketProblem | null>(null);
  const heardAt = ref<number | null>(null);
  /** The centre's clock minus ours: the wall shows the time of the centre. By the last message, until it was measured. */
  const skew = ref(0);
  let times: ClockSample[] = [];
  let timeAt = -Infinity;
  /** The page's own clock runs evenly, whatever somebody does to that of the machine. */
  const clock = () => { const measured = offsetOf(times); return measured === null ? Date.now() + skew.value : performance.now() + measured.offset; };
  function askTime(): void {
    const sent = performance.now();
    timeAt = sent;
    socket.emit('time', (said) => { times = [...times, { sent, heard: performance.now(), said }].slice(-TIMES); });
  }
  const now = ref(Date.now());
  const monotonic = ref(performance.now());
  // Reconnection is ours: the library gives up on a refusal at connecting, but a centre that starts refuses for a while.
  const socket: Socket<ServerToClient, ClientToServer> = io({ path: '/live', transports: ['websocket'], reconnection: false, timeout: 5_000, ...(screen ? { auth: { screen: true } } : {}) });
  const before = keep === null ? null : readKept(keep);
  if (before) {
    setZone(before.zone);
    held.value = { ...before.held, seq: -1 };
    known.value = before.units;
    simulated.value = before.simulated;
    heardAt.value = performance.now() - Math.max(OLD_AFTER + 1_000, Date.now() - before.at);
    monotonic.value = performance.now();
  }
  let zone = before?.zone ?? '';
  let keptAt = 0;
  function keepPicture(): void {
    if (keep === null || held.value === null || heardAt.value === null || performance.now() - keptAt < KEEP_EVERY) return;
    keptAt = performance.now();
    writeKept(keep, { at: Date.now(), zone, simulated: simulated.value, units: known.value, held: held.value });
  }
  let failures = 0;
  let askedAt: number | null = null;
  let retry: ReturnType<typeof setTimeout> | null = null;

  function request(): void {
    if (!socket.connected) return;
    askedAt = performance.now();
    if (held.value && held.value.seq >= 0) socket.emit('resume', { seq: held.value.seq, units, topics });
    else socket.emit('watch', { units, topics });
  }
  function connectAgain(): void {
    connected.value = false;
    askedAt = null;
    if (retry) clearTimeout(retry);
    retry = setTimeout(() => { socket.connect(); }, retryDelay(failures, Math.random()));
    failures += 1;
  }
  function hear(asOf: string): void {
    heardAt.value = performance.now();
    monotonic.value = heardAt.value;
    skew.value = Date.parse(asOf) - Date.now();
    failures = 0;
  }
  socket.on('connect', () => { connected.value = true; signedOut.value = false; times = []; request(); askTime(); setTimeout(askTime, 700); setTimeout(askTime, 1_900); });
  socket.on('disconnect', (reason) => { if (reason !== 'io client disconnect') connectAgain(); });
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => { signedOut.value = error.data?.code === 'unauthenticated'; connectAgain(); });
  socket.on('problem', (problem) => { refused.value = problem; if (problem.status >= 500) askedAt = performance.now(); else askedAt = null; });
  socket.on('snapshot', (message: Snapshot) => {
    askedAt = null;
    refused.value = null;
    setZone(message.zone);
    zone = message.zone;
    held.value = fromSnapshot(message);
    known.value = message.units;
    simulated.value = message.simulated;
    hear(message.asOf);
    keepPicture();
  });
  socket.on('patch', (patch: Patch) => {
    if (!held.value) return;
    const next = applyPatch(held.value, patch);
    // A gap is asked for once; what comes meanwhile is in the answer.
    if (next === null) { if (askedAt === null) request(); return; }
    askedAt = null;
    held.value = next;
    hear(patch.asOf);
    keepPicture();
  });
  const timer = setInterval(() => {
    now.value = clock();
    if (socket.connected && performance.now() - timeAt > TIME_EVERY) askTime();
    monotonic.value = performance.now();
    if (askedAt !== null && performance.now() - askedAt > ANSWER_WITHIN) request();
    // A socket that is open but silent is as good as none.
    if (socket.connected && heardAt.value !== null && performance.now() - heardAt.value > 10_000 && askedAt === null) request();
  }, 500);
  onScopeDispose(() => { clearInterval(timer); if (retry) clearTimeout(retry); socket.removeAllListeners(); socket.disconnect(); });

  const topic = <T extends Topic>(name: T) => computed(() => (held.value?.state ?? NOTHING)[name]);
  return {
    kpis: topic('kpis'), queue: topic('queue'), alerts: topic('alerts'), cameras: topic('cameras'), scenes: topic('scenes'),
    units: known, simulated, connected, signedOut, refused, now, /** The centre's clock at this instant, ms. */ clock,
    loaded: computed(() => held.value !== null), asOf: computed(() => held.value?.asOf ?? null),
    /** Seconds since the centre was last heard of, null while fresh. */
    /** Watches these units from now on; what is on the screen stays until their state is there. */
    watchUnits(next: readonly string[]): void {
      if (next.length === units.length && next.every((unit) => units.includes(unit))) return;
      units = [...next];
      if (!socket.connected) return;
      askedAt = performance.now();
      socket.emit('watch', { units, topics });
    },
    oldSeconds: computed(() => oldSeconds(heardAt.value, monotonic.value)),
  };
}
export type Live = ReturnType<typeof useLive>;
