/** The scene that is to be shown: fetched, kept for when the centre is away, fetched again when its version changes. */
import { computed, type ComputedRef } from 'vue';
import type { SceneAnswer, SceneMark, Show, Tile } from '#contract/scene.ts';
import type { Live } from '../live/connection.ts';
import { useAsked } from './kept.ts';

/** What is drawn: a scene of the centre, or one that a screen makes up for a camera or an alert. */
export interface Drawn { id: string; version: number; name: string; names: { vi: string; en: string } | null; tiles: Tile[] }

const MARK = (live: Live, id: string) => (live.scenes.value[`scene:${id}`] as SceneMark | undefined)?.version ?? 0;
/** `id` null: nothing to fetch. Asked again each ten minutes besides, for scenes of files. */
export function useScene(live: Live, id: ComputedRef<string | null>) {
  const version = computed(() => (id.value === null ? 0 : MARK(live, id.value)));
  const { body, asked } = useAsked<SceneAnswer>(() => (id.value === null ? null : `/scenes/${encodeURIComponent(id.value)}${version.value > 0 ? `?version=${version.value}` : ''}`), 600);
  // While a new version comes, the one before stays.
  let last: Drawn | null = null;
  const scene = computed((): Drawn | null => { if (body.value && body.value.id === id.value) last = body.value; return last?.id === id.value ? last : null; });
  return { scene, trouble: computed(() => asked.value.trouble) };
}

const made = (id: string, tiles: Tile[]): Drawn => ({ id, version: 0, name: '', names: null, tiles });
/** The scene of what a screen is given; the id of a scene where one is to be fetched. */
export function drawnFor(show: Show, unitOfAlert: string | null): { fetch: string; unit: string | null } | { drawn: Drawn; unit: string | null } {
  if ('scene' in show) return { fetch: show.scene, unit: show.unit ?? null };
  if ('unit' in show) return { fetch: 'don-vi', unit: show.unit };
  if ('camera' in show) return { unit: null, drawn: made(`camera:${show.camera}`, [{ id: 'camera', kind: 'cameras', at: { x: 0, y: 0, w: 12, h: 8 }, settings: { count: 1, cameras: [show.camera] } }]) };
  return {
    unit: unitOfAlert,
    drawn: made(`alert:${show.alert}`, [
      { id: 'cameras', kind: 'cameras', at: { x: 0, y: 2, w: 8, h: 6 }, wide: { x: 0, y: 0, w: 7, h: 8 }, settings: { count: 4 } },
      { id: 'alert', kind: 'alert', at: { x: 0, y: 0, w: 12, h: 2 }, wide: { x: 7, y: 0, w: 5, h: 2 }, settings: { alert: show.alert } },
      { id: 'desk', kind: 'desk', at: { x: 8, y: 2, w: 4, h: 3 }, wide: { x: 7, y: 2, w: 5, h: 3 }, settings: {} },
      { id: 'forecast', kind: 'forecast', at: { x: 8, y: 5, w: 4, h: 3 }, wide: { x: 7, y: 5, w: 5, h: 3 }, settings: {} },
    ]),
  };
}
