/**
 * What a small grey picture says, in numbers. Pure: no ffmpeg, no clock. A picture is 320×180 bytes, row after row; a
 * block is 10×10 of them. How the limits in judge.ts were found: docs/design/pictures.md.
 */
export const WIDTH = 320;
export const HEIGHT = 180;
export const PIXELS = WIDTH * HEIGHT;
const BLOCK = 10;
export const ACROSS = WIDTH / BLOCK;
export const DOWN = HEIGHT / BLOCK;
export const BLOCKS = ACROSS * DOWN;
/** A block whose grey values deviate by more than this holds an edge or a pattern. */
export const STRUCTURE = 4;

/** Grey values 0..255, PIXELS of them. */
export type Picture = Uint8Array;
type Measured = (x: number, y: number, at: number) => number;

function perBlock(measure: Measured): Float32Array {
  const sums = new Float32Array(BLOCKS);
  for (let y = 0, at = 0; y < HEIGHT; y += 1) {
    const row = Math.floor(y / BLOCK) * ACROSS;
    for (let x = 0; x < WIDTH; x += 1, at += 1) { const block = row + Math.floor(x / BLOCK); sums[block] = (sums[block] ?? 0) + measure(x, y, at); }
  }
  return sums.map((sum) => sum / (BLOCK * BLOCK));
}

const px = (picture: Picture | Float32Array, at: number): number => picture[at] ?? 0;

/** Mean and standard deviation of the grey values of each block. */
export function blocksOf(picture: Picture): { means: Float32Array; deviations: Float32Array } {
  const means = perBlock((_x, _y, at) => px(picture, at));
  const squares = perBlock((_x, _y, at) => px(picture, at) ** 2);
  return { means, deviations: squares.map((square, i) => Math.sqrt(Math.max(0, square - (means[i] ?? 0) ** 2))) };
}

/** The median of each pixel over the pictures: who walks through is gone, and so is noise. At least one picture. */
export function background(pictures: readonly Picture[]): Picture {
  const [only] = pictures;
  if (only !== undefined && pictures.length === 1) return only;
  const result = new Uint8Array(PIXELS);
  const values = new Uint8Array(pictures.length);
  for (let at = 0; at < PIXELS; at += 1) {
    for (let i = 0; i < pictures.length; i += 1) values[i] = pictures[i]?.[at] ?? 0;
    values.sort();
    result[at] = values[values.length >> 1] ?? 0;
  }
  return result;
}

/** Of each block: the mean absolute difference of two pictures. */
export function differences(a: Picture, b: Picture): Float32Array {
  return perBlock((_x, _y, at) => Math.abs(px(a, at) - px(b, at)));
}

/**
 * How sharp the edges of each block are: the energy of the Laplacian over that of the contrast, so that a picture that only
 * got darker stays as sharp. Null where there is too little contrast to say.
 */
export function sharpnessOf(picture: Picture): (number | null)[] {
  const energy = perBlock((x, y, at) => (x === 0 || y === 0 || x === WIDTH - 1 || y === HEIGHT - 1 ? 0
    : (4 * px(picture, at) - px(picture, at - 1) - px(picture, at + 1) - px(picture, at - WIDTH) - px(picture, at + WIDTH)) ** 2));
  return [...blocksOf(picture).deviations].map((deviation, i) => (deviation < STRUCTURE ? null : (energy[i] ?? 0) / deviation ** 2));
}

/** The median, over the blocks that have contrast in both, of how sharp the picture is beside the reference; null: nothing to compare. */
export function focus(reference: Picture, picture: Picture): number | null {
  const [a, b] = [sharpnessOf(reference), sharpnessOf(picture)];
  const ratios = a.flatMap((was, i) => { const is = b[i] ?? null; return was === null || is === null || was < 0.05 ? [] : [is / was]; }).sort((x, y) => x - y);
  return ratios.length < BLOCKS / 20 ? null : ratios[ratios.length >> 1] ?? null;
}

const HALF_ACROSS = WIDTH / 2;
const HALF_DOWN = HEIGHT / 2;
/** Half the size, each pixel the mean of 4×4: a camera that trembles by a pixel stays the same. */
function softened(picture: Picture): Float32Array {
  const soft = new Float32Array(HALF_ACROSS * HALF_DOWN);
  for (let y = 0; y < HALF_DOWN; y += 1) {
    for (let x = 0; x < HALF_ACROSS; x += 1) {
      let sum = 0;
      for (let dy = -1; dy < 3; dy += 1) for (let dx = -1; dx < 3; dx += 1) sum += px(picture, Math.min(HEIGHT - 1, Math.max(0, 2 * y + dy)) * WIDTH + Math.min(WIDTH - 1, Math.max(0, 2 * x + dx)));
      soft[y * HALF_ACROSS + x] = sum / 16;
    }
  }
  return soft;
}

const WINDOW = 10;
/** A window with less contrast than this has nothing by which it could be known again. */
const CONTRAST = 5;
const SAME = 0.6;

/**
 * How much of a reference is still where it was: each window of the reference that has structure is compared with the same
 * place by normalised correlation, which does not care how bright or contrasty it is. `windows`: how many have structure;
 * `same`: the share of them found again; `flat`: the share of them that now has no structure at all.
 */
export function likeness(reference: Picture, picture: Picture): { windows: number; same: number; flat: number } {
  const [a, b] = [softened(reference), softened(picture)];
  let [windows, same, flat] = [0, 0, 0];
  for (let top = 0; top + WINDOW <= HALF_DOWN; top += WINDOW) {
    for (let left = 0; left + WINDOW <= HALF_ACROSS; left += WINDOW) {
      let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + WINDOW; y += 1) {
        for (let x = left; x < left + WINDOW; x += 1) {
          const [va, vb] = [px(a, y * HALF_ACROSS + x), px(b, y * HALF_ACROSS + x)];
          sa += va; sb += vb; aa += va * va; bb += vb * vb; ab += va * vb;
        }
      }
      const n = WINDOW * WINDOW;
      const [da, db] = [Math.sqrt(Math.max(0, aa / n - (sa / n) ** 2)), Math.sqrt(Math.max(0, bb / n - (sb / n) ** 2))];
      if (da < CONTRAST) continue;
      windows += 1;
      if (db < 1.5) flat += 1;
      else if ((ab / n - (sa / n) * (sb / n)) / (da * db) >= SAME) same += 1;
    }
  }
  return { windows, same: windows === 0 ? 0 : same / windows, flat: windows === 0 ? 0 : flat / windows };
}
