/** Something that a tile asks of the centre again and again; the last answer stays, with its age, also after a reload. */
import { computed, onScopeDispose, shallowRef, watch, type WatchSource } from 'vue';
import { ask, troubleOf, type Trouble } from '../api/request.ts';
import { read, write } from '../live/kept.ts';

interface Kept<T> { at: number; body: T }
export interface Asked { at: number | null; every: number; trouble: Trouble | null }

/** `path` null: nothing to ask. Asked again every `seconds`, sooner after a failure; screens do not ask in one wave. */
export function useAsked<T>(path: WatchSource<string | null>, seconds: number) {
  const kept = shallowRef<Kept<T> | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  let current: string | null = null;
  let running: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  async function load(): Promise<void> {
    running?.abort();
    if (timer) clearTimeout(timer);
    if (current === null) return;
    const mine = (running = new AbortController());
    const asked = current;
    const answer = await ask<T>('GET', asked, undefined, mine.signal);
    if (mine.signal.aborted || answer.kind === 'aborted') return;
    trouble.value = troubleOf(answer);
    if (answer.kind === 'ok') { kept.value = { at: Date.now(), body: answer.body }; write(asked, kept.value); }
    timer = setTimeout(() => { void load(); }, (answer.kind === 'ok' ? seconds : Math.min(15, seconds)) * 1000 * (0.9 + Math.random() * 0.2));
  }
  watch(path, (next) => { current = next; kept.value = next === null ? null : read<Kept<T>>(next); trouble.value = null; void load(); }, { immediate: true });
  onScopeDispose(() => { running?.abort(); if (timer) clearTimeout(timer); });
  const asked = computed((): Asked => ({ at: kept.value?.at ?? null, every: seconds, trouble: trouble.value }));
  return { body: computed(() => kept.value?.body ?? null), asked };
}
