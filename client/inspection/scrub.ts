/**
 * Pictures of a recording while a hand moves over its line. One is fetched at a time, always the newest wish, so that what
 * lies between is left out and not waited for; what came is kept, so that going back is at once.
 */
import { onUnmounted, shallowRef, watch } from 'vue';

export interface Shown { at: number; url: string | null }
const KEPT = 240;

/** `pathOf`: of the picture at an instant; it changes with the camera too. Null as `at`: no picture is wanted. */
export function useScrub(at: () => number | null, pathOf: (at: number) => string) {
  const kept = new Map<string, string | null>();
  const shown = shallowRef<Shown | null>(null);
  let busy = false;
  let over = false;
  async function show(): Promise<void> {
    const wanted = at();
    if (wanted === null) { shown.value = null; return; }
    const path = pathOf(wanted);
    const known = kept.get(path);
    if (known !== undefined) { shown.value = { at: wanted, url: known }; return; }
    if (busy) return;
    busy = true;
    // Null: there is no picture at this time. Undefined: it did not come, and may be asked for again.
    const url = await fetch(`/api/v1${path}`).then(async (answer) => (answer.ok ? URL.createObjectURL(await answer.blob()) : answer.status === 404 ? null : undefined), () => undefined);
    busy = false;
    if (over) { if (url) URL.revokeObjectURL(url); return; }
    if (url !== undefined) keep(path, url);
    const now = at();
    if (now === null) { shown.value = null; return; }
    if (pathOf(now) === path) { shown.value = url === undefined ? null : { at: wanted, url }; return; }
    // The hand has moved on: this is the film meanwhile, if it is still of the same camera.
    if (url && pathOf(wanted) === path) shown.value = { at: wanted, url };
    await show();
  }
  function keep(path: string, url: string | null): void {
    kept.set(path, url);
    for (const [oldest, old] of kept) { if (kept.size <= KEPT) break; kept.delete(oldest); if (old !== null) URL.revokeObjectURL(old); }
  }
  watch(() => { const wanted = at(); return wanted === null ? null : pathOf(wanted); }, () => { void show(); });
  onUnmounted(() => { over = true; for (const url of kept.values()) if (url !== null) URL.revokeObjectURL(url); });
  return shown;
}
