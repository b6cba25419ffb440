/** A screen's cut of a wall: one canvas for all of them, moved so that its part fills the window. */
import { canvasOf, cutOf } from '#analytics/wall/together.ts';
import { computed, onMounted, onUnmounted, ref, type ComputedRef } from 'vue';
import type { ScreenRow } from '#contract/scene.ts';

/** Null: the screen shows the whole. `wide`: three screens in a row have a composition of their own. */
export function useCut(self: string, wall: ComputedRef<ScreenRow | null>) {
  const size = ref({ width: window.innerWidth, height: window.innerHeight });
  const measure = () => { size.value = { width: window.innerWidth, height: window.innerHeight }; };
  onMounted(() => { window.addEventListener('resize', measure); });
  onUnmounted(() => { window.removeEventListener('resize', measure); });
  return computed(() => {
    const grid = wall.value?.wall;
    const place = grid?.places.find((one) => one.screen === self);
    if (!grid || !place) return null;
    const canvas = canvasOf(grid);
    const cut = cutOf(grid, place.row, place.column);
    const unit = `${Math.min(canvas.width, canvas.height * 1.7778) / 100}px`;
    return {
      wide: canvas.width / canvas.height >= 2.5,
      style: { width: `${canvas.width}px`, height: `${canvas.height}px`, '--u': unit, '--unit': unit, transformOrigin: '0 0', transform: `scale(${size.value.width / cut.width}, ${size.value.height / cut.height}) translate(${-cut.x}px, ${-cut.y}px)` },
    };
  });
}
