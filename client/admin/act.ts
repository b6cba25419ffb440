/** A change asked of the centre: busy meanwhile, its trouble shown, the list loaded again after it. */
import { ref, shallowRef } from 'vue';
import { ask, troubleOf, type Method, type Trouble } from '../api/request.ts';

export function useAct(after: () => unknown) {
  const busy = ref(false);
  const trouble = shallowRef<Trouble | null>(null);
  return {
    busy, trouble,
    /** The answer's body, or null when it was refused. */
    async act<T>(method: Method, path: string, body?: unknown): Promise<T | null> {
      busy.value = true;
      const answer = await ask<T>(method, path, body);
      busy.value = false;
      trouble.value = troubleOf(answer);
      if (answer.kind !== 'ok') return null;
      await after();
      return answer.body;
    },
  };
}
