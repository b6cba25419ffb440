/** What is on, judged anew at each whole second of the centre's clock: all screens change at the same instant. */
import { computed, onScopeDispose, ref, type ComputedRef } from 'vue';
import { shownNow, type Orders } from './shown.ts';

/** A scene that comes within this is fetched before it is on. */
const AHEAD = 12_000;

export function useShown(orders: ComputedRef<Orders>, clock: () => number) {
  const at = ref(clock());
  let timer: ReturnType<typeof setTimeout> | null = null;
  function step(): void {
    at.value = clock();
    // A little after the second: a timer that is early by a hair would see the second before.
    timer = setTimeout(step, 1_004 - (at.value % 1_000));
  }
  step();
  onScopeDispose(() => { if (timer) clearTimeout(timer); });
  return { shown: computed(() => shownNow(orders.value, at.value)), soon: computed(() => shownNow(orders.value, at.value + AHEAD)) };
}
