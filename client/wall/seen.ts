/** On a screen that is a part of a wall: what lies outside its cut is laid out, but neither asked for nor played. */
import { inject, onMounted, onUnmounted, provide, ref, type InjectionKey, type Ref } from 'vue';

const KEY: InjectionKey<Ref<boolean>> = Symbol('cut');
/** `cut`: whether this screen shows only a part. */
export const provideCut = (cut: Ref<boolean>): void => { provide(KEY, cut); };

/** Whether any of it is on this screen; always, where the screen shows the whole. */
export function useSeen(box: Ref<HTMLElement | null>): Ref<boolean> {
  const cut = inject(KEY, ref(false));
  const seen = ref(!cut.value);
  if (!cut.value) return seen;
  let watched: IntersectionObserver | null = null;
  onMounted(() => {
    if (!box.value) return;
    watched = new IntersectionObserver((entries) => { seen.value = entries.at(-1)?.isIntersecting === true; });
    watched.observe(box.value);
  });
  onUnmounted(() => { watched?.disconnect(); watched = null; });
  return seen;
}
