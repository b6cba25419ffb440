/**
 * Privacy masks as filters of ffmpeg. A shape is covered by black boxes, band by band: never less than the shape, at its
 * slanted edges a little more. A rectangle is one box.
 */
import type { MaskShapes } from '#contract/picture.ts';

/** In shares of the picture. */
export interface Box { left: number; top: number; right: number; bottom: number }

const BANDS = 24;

/** Boxes that cover a shape. Between two bands nothing is left open: each reaches from the end of the one before. */
export function coverOf(shape: MaskShapes[number]): Box[] {
  const [top, bottom] = [Math.min(...shape.map(([, y]) => y)), Math.max(...shape.map(([, y]) => y))];
  const boxes: Box[] = [];
  for (let band = 0; band < BANDS; band += 1) {
    const [from, to] = [top + (bottom - top) * band / BANDS, band === BANDS - 1 ? bottom : top + (bottom - top) * (band + 1) / BANDS];
    const across = shape.flatMap(([x, y], i) => { const [nextX, nextY] = shape[(i + 1) % shape.length] ?? [x, y]; return withinBand(x, y, nextX, nextY, from, to); });
    if (across.length === 0) continue;
    const box = { left: Math.min(...across), right: Math.max(...across), top: from, bottom: to };
    const last = boxes.at(-1);
    if (last !== undefined && last.left === box.left && last.right === box.right) last.bottom = to; else boxes.push(box);
  }
  return boxes;
}

/** Where an edge runs within the band, from left to right; nothing where it does not touch it. */
function withinBand(x: number, y: number, nextX: number, nextY: number, from: number, to: number): number[] {
  if (Math.max(y, nextY) < from || Math.min(y, nextY) > to) return [];
  if (y === nextY) return [x, nextX];
  const at = (level: number): number => x + (nextX - x) * (Math.min(Math.max(level, Math.min(y, nextY)), Math.max(y, nextY)) - y) / (nextY - y);
  return [at(from), at(to)];
}

/** A chain of filters for the whole picture, of any size; one or two pixels more on each side, for rounding and for halved colour. */
export function maskFilter(shapes: MaskShapes): string {
  const share = (value: number): string => value.toFixed(5);
  return shapes.flatMap(coverOf).map(({ left, top, right, bottom }) =>
    `drawbox=x=floor(iw*${share(left)})-2:y=floor(ih*${share(top)})-2:w=ceil(iw*${share(right - left)})+5:h=ceil(ih*${share(bottom - top)})+5:color=black:t=fill`).join(',');
}

/** The filters of an output, with the masks before everything that makes the picture smaller. */
export const masked = (shapes: MaskShapes, rest: string): string => (shapes.length === 0 ? rest : `${maskFilter(shapes)},${rest}`);
