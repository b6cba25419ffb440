/** Something asked of the centre: loading, there, or in trouble; a newer question ends the older one. */
import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from 'vue';
import { ask, troubleOf, type Trouble } from './request.ts';

/** `path` gives null while there is nothing to ask. */
export function useAnswer<T>(path: WatchSource<string | null>) {
  const body = shallowRef<T | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  const loading = ref(false);
  let running: AbortController | null = null;
  let asked: string | null = null;
  async function load(): Promise<void> {
    running?.abort();
    if (asked === null) { body.value = null; loading.value = false; return; }
    const mine = new AbortController();
    running = mine;
    loading.value = true;
    const answer = await ask<T>('GET', asked, undefined, mine.signal);
    if (mine.signal.aborted || answer.kind === 'aborted') return;
    loading.value = false;
    trouble.value = troubleOf(answer);
    // A failed repetition keeps what was there; the trouble is said beside it.
    if (answer.kind === 'ok') body.value = answer.body;
  }
  watch(path, (next) => { asked = next; void load(); }, { immediate: true });
  onScopeDispose(() => { running?.abort(); });
  return { body, trouble, loading, reload: load };
}
