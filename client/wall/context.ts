/** What a tile knows of the wall that it is on. */
import { computed, inject, onMounted, onUnmounted, provide, ref, type ComputedRef, type InjectionKey, type Ref } from 'vue';
import type { Explainable } from '#contract/vocabulary.ts';
import type { AlertRow } from '#contract/alert.ts';
import type { CameraRow } from '#contract/camera.ts';
import { useProvince, type Province } from '../desk/province.ts';
import type { Live } from '../live/connection.ts';

export interface WallContext {
  /** Null on a paired screen: nobody touches it. */
  open: { desk(unit: string): void; figure(name: Explainable, unit: string, from?: string, to?: string): void; camera(id: string): void } | null;
}
const KEY: InjectionKey<WallContext> = Symbol('wall');
export const provideWall = (context: WallContext): void => { provide(KEY, context); };
export const useWall = (): WallContext => inject(KEY, { open: null });

/** The part of the live state that belongs to a unit and all under it. */
export function narrow(live: Live, unit: string): Live {
  const under = computed(() => {
    const found = new Set([unit]);
    // Parents stand anywhere in the list: until nothing is added.
    for (let before = -1; before !== found.size;) { before = found.size; for (const row of live.units.value) if (row.parent !== null && found.has(row.parent)) found.add(row.code); }
    return found;
  });
  const only = <T extends object>(rows: ComputedRef<Record<string, T>>, unitOf: (key: string, row: T) => string) => computed(() => Object.fromEntries(Object.entries(rows.value).filter(([key, row]) => under.value.has(unitOf(key, row)))) as Record<string, T>);
  return {
    ...live, units: computed(() => live.units.value.filter((row) => under.value.has(row.code))) as unknown as Live['units'],
    kpis: only(live.kpis, (key) => key.slice(key.indexOf(':') + 1)), queue: only(live.queue, (key) => key),
    alerts: only(live.alerts, (_, row: AlertRow) => row.unit), cameras: only(live.cameras, (_, row: CameraRow) => row.unit),
  };
}
export interface Place { live: Live; province: Province; unit: string; level: string }
export function placeOf(live: Live, root: string, unit: string): Place {
  const own = unit === root ? live : narrow(live, unit);
  const province = useProvince(own, unit);
  return { live: own, province, unit, get level() { return province.units.value.get(unit)?.level ?? 'province'; } };
}

/** How many rows of `em` lines fit into a box, and its shape; a row that would be cut is not shown. */
export function useFit(box: Ref<HTMLElement | null>, em = 1.75) {
  const height = ref(0);
  const width = ref(0);
  const font = ref(16);
  let sizes: ResizeObserver | null = null;
  onMounted(() => {
    if (!box.value) return;
    sizes = new ResizeObserver(([entry]) => { if (entry) { height.value = entry.contentRect.height; width.value = entry.contentRect.width; font.value = parseFloat(getComputedStyle(entry.target).fontSize); } });
    sizes.observe(box.value);
  });
  onUnmounted(() => { sizes?.disconnect(); sizes = null; });
  return { rows: computed(() => Math.max(0, Math.floor((height.value + 1) / (font.value * em)))), width, height, ems: computed(() => width.value / font.value) };
}

/** Columns for `n` boxes of about that shape in a box of that size. */
export function columnsFor(n: number, width: number, height: number, shape: number): number {
  let best = 1;
  let least = Infinity;
  for (let columns = 1; columns <= n; columns += 1) {
    const rows = Math.ceil(n / columns);
    const off = Math.abs(Math.log((width / columns) / (height / rows) / shape)) + (rows * columns - n) * 0.35;
    if (off < least) { least = off; best = columns; }
  }
  return best;
}
