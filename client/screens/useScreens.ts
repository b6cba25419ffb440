/** The screens of the live state, and names for what they show. */
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import type { SceneRow, ScreenRow, Show } from '#contract/scene.ts';
import { useAnswer } from '../api/loading.ts';
import { byName } from '../design/plain.ts';
import type { Province } from '../desk/province.ts';
import type { Live } from '../live/connection.ts';

export function useScreens(live: Live, province: Province) {
  const { t, locale } = useI18n();
  const { body, reload } = useAnswer<{ scenes: SceneRow[] }>(() => '/scenes');
  const scenes = computed(() => body.value?.scenes ?? []);
  const sceneName = (id: string) => { const one = scenes.value.find((scene) => scene.id === id); return one ? one.names?.[locale.value === 'en' ? 'en' : 'vi'] ?? one.name : t('screens.sceneGone'); };
  /** All, and without those that are parts of a wall: what something can be brought onto. */
  const all = computed(() => Object.entries(live.scenes.value).flatMap(([key, row]) => (key.startsWith('screen:') ? [row as ScreenRow] : [])).sort((a, b) => byName(a.name, b.name) || (a.id < b.id ? -1 : 1)));
  const screens = computed(() => all.value.filter((screen) => screen.partOf === null));
  function nameOf(show: Show): string {
    if ('scene' in show) return show.unit === undefined ? sceneName(show.scene) : `${sceneName(show.scene)} · ${province.nameOf(show.unit)}`;
    if ('unit' in show) return province.nameOf(show.unit);
    if ('camera' in show) { const camera = live.cameras.value[show.camera]; return camera ? `${camera.unitName} · ${camera.name}` : t('screens.cameraGone'); }
    const alert = live.alerts.value[show.alert];
    return alert ? `${t(`rule.${alert.rule}`)} · ${alert.unitName}` : t('screens.alertOver');
  }
  return { scenes, all, screens, sceneName, nameOf, reload };
}
export type ScreensHeld = ReturnType<typeof useScreens>;
