/** A tile tells its box how old what it shows is. */
import { inject, onUnmounted, watch, type InjectionKey, type Ref } from 'vue';
import type { Asked } from './kept.ts';

export const AGE: InjectionKey<Ref<Asked | null>> = Symbol('age');
export function useAge(asked: Readonly<Ref<Asked>>): void {
  const box = inject(AGE, null);
  if (!box) return;
  watch(asked, (next) => { box.value = next; }, { immediate: true });
  onUnmounted(() => { box.value = null; });
}
/** What is asked for every so often is old when three answers are missing. */
export const oldOf = (asked: Asked | null, now: number): number | null => (asked?.at == null || now - asked.at < asked.every * 3_000 ? null : Math.round((now - asked.at) / 1000));
