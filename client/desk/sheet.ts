/** Which sheet lies over a page: a desk, or what is behind a figure. It stands in the address, so that it can be sent on. */
import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { EXPLAINABLE, type Deadlines, type Explainable, type TreeOfList } from '#contract/vocabulary.ts';
import { today } from '../design/format.ts';

export interface Behind { name: Explainable; unit: string; from: string; to: string; /** Where units have a life: that of the page. */ tree?: TreeOfList; deadlines?: Deadlines }
const one = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function useSheet() {
  const route = useRoute();
  const router = useRouter();
  const keys = ['desk', 'figure', 'of', 'since', 'until', 'live'] as const;
  const without = () => Object.fromEntries(Object.entries(route.query).filter(([key]) => !(keys as readonly string[]).includes(key)));
  const put = (query: Record<string, string>) => { void router.push({ query: { ...without(), ...query } }); };
  const deadlines = computed((): Deadlines => (route.query.deadlines === 'reported' ? 'reported' : 'corrected'));
  return {
    deadlines,
    desk: computed(() => one(route.query.desk)),
    camera: computed(() => one(route.query.live)),
    behind: computed((): Behind | null => {
      const name = EXPLAINABLE.find((known) => known === route.query.figure);
      const unit = one(route.query.of);
      return name && unit ? { name, unit, from: one(route.query.since) ?? today(), to: one(route.query.until) ?? today(), ...(route.query.tree === 'now' ? { tree: 'now' as const } : {}), ...(deadlines.value === 'reported' ? { deadlines: 'reported' as const } : {}) } : null;
    }),
    openDesk: (unit: string) => { put({ desk: unit }); },
    openCamera: (camera: string) => { put({ live: camera }); },
    /** A figure over days of the centre's zone; today where nothing is given. */
    openFigure: (name: Explainable, unit: string, from = today(), to = today()) => { put({ figure: name, of: unit, since: from, until: to }); },
    close: () => { void router.push({ query: without() }); },
  };
}
