/**
 * The desk that needs to be looked at most: for «Một đơn vị» without a unit. Chosen once it is known, and kept while the scene
 * stands; on a wall (`follow`) it goes by the figures alone, which all screens have: one that starts later shows the same desk.
 */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue';
import type { Province } from '../desk/province.ts';
import type { Live } from '../live/connection.ts';

export function mostNeedy(live: Live, province: Province, root: string, wanted: Ref<boolean>, follow: Ref<boolean> = ref(false)): ComputedRef<string> {
  const chosen = ref<string | null>(null);
  watch([wanted, live.loaded, () => (follow.value ? live.asOf.value : province.desks.value.size)], () => {
    if (!wanted.value) { chosen.value = null; return; }
    if ((chosen.value !== null && !follow.value) || !live.loaded.value || province.units.value.size < 2) return;
    const waiting = (unit: string) => live.queue.value[unit]?.waiting ?? 0;
    const desks = [...province.desks.value.values()].filter((desk) => desk.unit !== root);
    const cameras = new Set(province.cameras.value.map((camera) => camera.unit));
    desks.sort((a, b) => b.overdue - a.overdue || Number(cameras.has(b.unit)) - Number(cameras.has(a.unit)) || waiting(b.unit) - waiting(a.unit) || (a.unit < b.unit ? -1 : 1));
    chosen.value = desks[0]?.unit ?? null;
  }, { immediate: true });
  return computed(() => (wanted.value ? chosen.value ?? root : root));
}
