/** A scene while it is edited: what was before can be had back, what was undone too. */
import { computed, ref, shallowRef } from 'vue';
import type { Tile } from '#contract/scene.ts';
import { moved, overlap, roomFor, type Place } from '#contract/grid.ts';
import type { TileKind } from '#contract/vocabulary.ts';

export interface Draft { name: string; tiles: Tile[] }
export type Shape = 'at' | 'wide';
const MOST = 200;
/** Settings that a new tile needs, and its usual size. */
const NEW: Record<TileKind, { w: number; h: number; settings?: object }> = {
  map: { w: 6, h: 6 }, figures: { w: 6, h: 2 }, trend: { w: 4, h: 3, settings: { measure: 'satisfiedRate' } }, ranking: { w: 3, h: 3, settings: { by: 'overdue' } }, fields: { w: 3, h: 3 }, queue: { w: 4, h: 4 }, forecast: { w: 4, h: 3 },
  overdue: { w: 5, h: 4, settings: { list: 'pendingOverdue' } }, apologies: { w: 3, h: 3 }, alerts: { w: 3, h: 3 }, cameras: { w: 6, h: 4, settings: { count: 4 } }, health: { w: 2, h: 4 }, satisfaction: { w: 3, h: 4 }, reasons: { w: 3, h: 3 }, ratings: { w: 4, h: 4 },
  desk: { w: 4, h: 2 }, text: { w: 3, h: 1, settings: { text: '…', size: 'normal' } }, clock: { w: 3, h: 2 }, alert: { w: 4, h: 2, settings: { alert: '0' } },
};
const copy = (draft: Draft): Draft => JSON.parse(JSON.stringify(draft)) as Draft;

export function useDraft() {
  const draft = shallowRef<Draft>({ name: '', tiles: [] });
  const past = shallowRef<Draft[]>([]);
  const future = shallowRef<Draft[]>([]);
  const saved = ref('');
  /** `of`: changes of the same thing in a row are one step back. */
  let last = '';
  function change(edit: (draft: Draft) => void, of = ''): void {
    const next = copy(draft.value);
    edit(next);
    if (JSON.stringify(next) === JSON.stringify(draft.value)) return;
    if (of === '' || of !== last) past.value = [...past.value, draft.value].slice(-MOST);
    last = of;
    future.value = [];
    draft.value = next;
  }
  const placeOf = (tile: Tile, shape: Shape): Place => (shape === 'wide' ? tile.wide ?? tile.at : tile.at);
  return {
    draft, change, placeOf,
    dirty: computed(() => JSON.stringify(draft.value) !== saved.value),
    canUndo: computed(() => past.value.length > 0), canRedo: computed(() => future.value.length > 0),
    load(next: Draft): void { draft.value = copy(next); past.value = []; future.value = []; saved.value = JSON.stringify(draft.value); last = ''; },
    kept(): void { saved.value = JSON.stringify(draft.value); },
    undo(): void { const before = past.value.at(-1); if (!before) return; future.value = [draft.value, ...future.value]; past.value = past.value.slice(0, -1); draft.value = before; last = ''; },
    redo(): void { const [next, ...rest] = future.value; if (!next) return; past.value = [...past.value, draft.value]; future.value = rest; draft.value = next; last = ''; },
    /** Ids of the tiles that lie over another one. */
    clashes: (shape: Shape): ReadonlySet<string> => new Set(draft.value.tiles.flatMap((a) => draft.value.tiles.flatMap((b) => (a !== b && overlap(placeOf(a, shape), placeOf(b, shape)) ? [a.id] : [])))),
    /** The id of the new tile; null when the grid is full. */
    add(kind: TileKind): string | null {
      const { w, h, settings = {} } = NEW[kind];
      const at = roomFor(draft.value.tiles.map((tile) => tile.at), { w, h });
      if (!at) return null;
      let n = 1;
      while (draft.value.tiles.some((tile) => tile.id === `${kind}-${n}`)) n += 1;
      const id = `${kind}-${n}`;
      const wide = draft.value.tiles.some((tile) => tile.wide) ? roomFor(draft.value.tiles.map((tile) => placeOf(tile, 'wide')), { w, h }) : null;
      change((next) => { next.tiles.push({ id, kind, at, ...(wide ? { wide } : {}), settings } as unknown as Tile); });
      return id;
    },
    remove(id: string): void { change((next) => { next.tiles = next.tiles.filter((tile) => tile.id !== id); }); },
    move(id: string, shape: Shape, by: { x?: number; y?: number; w?: number; h?: number }, of = ''): void {
      change((next) => {
        const tile = next.tiles.find((one) => one.id === id);
        if (!tile) return;
        const place = moved(placeOf(tile, shape), by);
        if (shape === 'at') { tile.at = place; return; }
        // The first change of a wide composition gives every tile a place of its own there.
        for (const one of next.tiles) one.wide ??= { ...one.at };
        tile.wide = place;
      }, of);
    },
    set(id: string, key: string, value: unknown): void {
      change((next) => {
        const settings = next.tiles.find((one) => one.id === id)?.settings as Record<string, unknown> | undefined;
        if (!settings) return;
        if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) Reflect.deleteProperty(settings, key); else settings[key] = value;
      }, `${id} ${key}`);
    },
  };
}
export type DraftHeld = ReturnType<typeof useDraft>;
