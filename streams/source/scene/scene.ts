/** A clip's worth of a place: what stands still is drawn once, people are drawn into it frame after frame, in a loop. */
import { Canvas, Layer, type Box } from './canvas.ts';
import { counterScenery } from './counter.ts';
import { entranceScenery } from './entrance.ts';
import { waitingScenery } from './waiting.ts';

export type SceneName = 'counter' | 'waiting' | 'entrance';
/** Part of the clips' file names: raised when the drawing changes. */
export const SCENE_VERSION = 1;
export const LOOP_SECONDS = 48;

/** Drawn for 640 × 360. */
export interface Scenery {
  background(canvas: Canvas): void;
  /** What stands between those behind and those in front. */
  between(canvas: Canvas): void;
  behind(canvas: Canvas, time: number): void;
  front(canvas: Canvas, time: number): void;
  /** Where `behind` may draw. */
  behindBoxes: Box[];
  /** Writing on signs, centred; set by the encoder. */
  signs: { text: string; x: number; y: number; size: number; colour: string }[];
}
export interface Scene { readonly frames: number; readonly signs: Scenery['signs']; draw(frame: number): Uint8ClampedArray }

const SCENERIES = { counter: counterScenery, waiting: waitingScenery, entrance: entranceScenery };

export function openScene(name: SceneName, variant: number, { width, height, rate }: { width: number; height: number; rate: number }): Scene {
  const scenery = SCENERIES[name](variant, LOOP_SECONDS);
  const background = new Canvas(width, height);
  scenery.background(background);
  const between = new Layer(width, height, seededAgain(name, variant).between);
  const still = new Canvas(width, height);
  still.data.set(background.data);
  between.over(still.data, { x: 0, y: 0, width, height });
  const canvas = new Canvas(width, height);

  return {
    frames: LOOP_SECONDS * rate, signs: scenery.signs,
    draw(frame) {
      const time = frame / rate;
      canvas.data.set(still.data);
      for (const box of scenery.behindBoxes) {
        for (let y = box.y; y < box.y + box.height; y += 1) {
          const at = (y * width + box.x) * 3;
          canvas.data.set(background.data.subarray(at, at + box.width * 3), at);
        }
        canvas.clip(box);
        scenery.behind(canvas, time);
        between.over(canvas.data, box);
      }
      canvas.clip(null);
      scenery.front(canvas, time);
      return canvas.data;
    },
  };
}

/** The layer is drawn twice, on black and on white, so whatever chance decides in it has to fall the same way. */
function seededAgain(name: SceneName, variant: number): { between: (canvas: Canvas) => void } {
  return { between: (canvas) => { const fresh = SCENERIES[name](variant, LOOP_SECONDS); fresh.between(canvas); } };
}
