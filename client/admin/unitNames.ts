/** Names of the units of today beside their codes. */
import { computed } from 'vue';
import type { UnitRow } from '#contract/figures.ts';
import { useAnswer } from '../api/loading.ts';

export function useUnitNames() {
  const { body } = useAnswer<{ units: UnitRow[] }>(() => '/units');
  const names = computed(() => new Map((body.value?.units ?? []).map((unit) => [unit.code, unit.name])));
  /** The code itself where it has no name today. */
  const nameOf = (code: string) => names.value.get(code) ?? code;
  /** `Thành phố Biên Hòa (731)` */
  const named = (code: string) => (names.value.has(code) ? `${nameOf(code)} (${code})` : code);
  return { units: computed(() => body.value?.units ?? []), nameOf, named };
}
