/** The live connection: it comes back by itself, asks for what it missed, and says how old its picture is. */
import { io } from 'socket.io-client';
import { computed, onUnmounted, ref, shallowRef } from 'vue';
import type { Patch, Snapshot } from '#contract/live.ts';
import type { UnitRow } from '#contract/figures.ts';
import type { Topic } from '#contract/vocabulary.ts';
import { applyPatch, fromSnapshot, NOTHING, type Held } from './topic.ts';

/** The heart-beat comes every two seconds; a picture older than this is marked as old. */
export const OLD_AFTER = 6_000;

export function useLive(units: string[], topics: Topic[]) {
  const held = shallowRef<Held | null>(null);
  const known = shallowRef<UnitRow[]>([]);
  const simulated = ref(false);
  const connected = ref(false);
  const signedOut = ref(false);
  const lastHeard = ref(0);
  const now = ref(Date.now());
  const socket = io({ path: '/live', transports: ['websocket'], reconnectionDelay: 500, reconnectionDelayMax: 3_000, randomizationFactor: 0.5 });
  const resume = () => { if (held.value) socket.emit('resume', { seq: held.value.seq, units, topics }); else socket.emit('watch', { units, topics }); };
  socket.on('connect', () => { connected.value = true; resume(); });
  socket.on('disconnect', (reason) => { connected.value = false; if (reason === 'io server disconnect') socket.connect(); });
  socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
    connected.value = false;
    if (error.data?.code === 'unauthenticated') signedOut.value = true;
    // A refusal by the server is not tried again by the library: the centre may be starting.
    if (!socket.active) setTimeout(() => socket.connect(), 3_000);
  });
  socket.on('snapshot', (message: Snapshot) => { held.value = fromSnapshot(message); known.value = message.units; simulated.value = message.simulated; lastHeard.value = Date.now(); });
  socket.on('patch', (patch: Patch) => {
    if (!held.value) return;
    const next = applyPatch(held.value, patch);
    if (next === null) { resume(); return; }
    held.value = next;
    lastHeard.value = Date.now();
  });
  const timer = setInterval(() => { now.value = Date.now(); }, 500);
  onUnmounted(() => { clearInterval(timer); socket.disconnect(); });
  return {
    state: computed(() => held.value?.state ?? NOTHING), units: known, simulated, connected, signedOut, now,
    loaded: computed(() => held.value !== null), asOf: computed(() => held.value?.asOf ?? null),
    /** Seconds since the centre was last heard of, null while fresh. */
    oldSeconds: computed(() => (lastHeard.value > 0 && now.value - lastHeard.value > OLD_AFTER ? Math.round((now.value - lastHeard.value) / 1000) : null)),
  };
}
