/** Which unit a leaders' page is about, by which deadlines, and the list that lies over it: all of it stands in the address. */
import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { UnitRow } from '#contract/figures.ts';
import type { Explainable } from '#contract/vocabulary.ts';
import { useAnswer } from '../api/loading.ts';
import { useSheet, type Behind } from '../desk/sheet.ts';
import { useSession } from '../session.ts';

export function useUnitAsked() {
  const route = useRoute();
  const router = useRouter();
  const session = useSession();
  const sheet = useSheet();
  const set = (values: Record<string, string | undefined>) => { void router.replace({ query: { ...route.query, ...values } }); };
  const { body: tree } = useAnswer<{ units: UnitRow[] }>(() => '/units');
  const unit = computed({ get: () => (typeof route.query.unit === 'string' ? route.query.unit : session.who?.unit ?? ''), set: (code) => { if (code !== '') set({ unit: code }); } });
  return {
    unit, set, deadlines: sheet.deadlines,
    nameOf: (code: string) => tree.value?.units.find((one) => one.code === code)?.name ?? code,
    /** Indicators and scores are those of the units of today with all codes whose work they have: so are their lists. */
    behind: computed((): Behind | null => sheet.behind.value && { ...sheet.behind.value, tree: 'whole' }),
    openList: (name: Explainable, from: string, to: string) => { sheet.openFigure(name, unit.value, from, to); },
    closeList: sheet.close,
  };
}
export type UnitAsked = ReturnType<typeof useUnitAsked>;
