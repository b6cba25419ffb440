/** A small software rasteriser: smooth-edged shapes by their distance functions, onto plain RGB. */
export type Colour = readonly [number, number, number];
/** `to`: the colour at the right edge, which makes a flat shape look round. */
export interface Paint { colour: Colour; to?: Colour; alpha?: number }
export interface Box { x: number; y: number; width: number; height: number }
export type Point = readonly [number, number];

export const shade = ([r, g, b]: Colour, factor: number): Colour => [r * factor, g * factor, b * factor];
export const mix = (a: Colour, b: Colour, share: number): Colour => [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
/** Lit from the left: the usual paint of a body. */
export const lit = (colour: Colour, depth = 0.74): Paint => ({ colour: shade(colour, 1.04), to: shade(colour, depth) });

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
  #clip: Box;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(width * height * 3);
    this.#clip = { x: 0, y: 0, width, height };
  }

  clip(box: Box | null): void { this.#clip = box ?? { x: 0, y: 0, width: this.width, height: this.height }; }

  /** Vertical gradient without smooth edges: walls and floors. */
  gradient({ x, y, width, height }: Box, top: Colour, bottom: Colour): void {
    for (let row = Math.max(0, Math.round(y)); row < Math.min(this.height, Math.round(y + height)); row += 1) {
      const [r, g, b] = mix(top, bottom, (row - y) / height);
      for (let column = Math.max(0, Math.round(x)); column < Math.min(this.width, Math.round(x + width)); column += 1) {
        const at = (row * this.width + column) * 3;
        this.data[at] = r; this.data[at + 1] = g; this.data[at + 2] = b;
      }
    }
  }

  rect(x: number, y: number, width: number, height: number, paint: Paint): void { this.round(x, y, width, height, 0, paint); }

  round(x: number, y: number, width: number, height: number, radius: number, paint: Paint): void {
    const [cx, cy, hw, hh] = [x + width / 2, y + height / 2, width / 2 - radius, height / 2 - radius];
    this.#fill(x, y, x + width, y + height, paint, 1, (px, py) => {
      const dx = Math.abs(px - cx) - hw;
      const dy = Math.abs(py - cy) - hh;
      const outside = dx > 0 && dy > 0 ? Math.sqrt(dx * dx + dy * dy) : Math.max(dx, dy);
      return outside - radius;
    });
  }

  /** `feather` in pixels makes the edge soft: shadows, glows. */
  ellipse(cx: number, cy: number, rx: number, ry: number, paint: Paint, feather = 1): void {
    const scale = Math.min(rx, ry);
    // A soft edge reaches as much farther along the longer axis as that is longer.
    const [wide, tall] = feather > 1 ? [feather * (rx / scale) * 0.5, feather * (ry / scale) * 0.5] : [0, 0];
    this.#fill(cx - rx - wide, cy - ry - tall, cx + rx + wide, cy + ry + tall, paint, feather, (px, py) => {
      const dx = (px - cx) / rx;
      const dy = (py - cy) / ry;
      return (Math.sqrt(dx * dx + dy * dy) - 1) * scale;
    });
  }

  /** A limb: from one radius to another. */
  limb(x1: number, y1: number, r1: number, x2: number, y2: number, r2: number, paint: Paint): void {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = dx * dx + dy * dy || 1;
    const [left, right] = [Math.min(x1 - r1, x2 - r2), Math.max(x1 + r1, x2 + r2)];
    this.#fill(left, Math.min(y1 - r1, y2 - r2), right, Math.max(y1 + r1, y2 + r2), paint, 1, (px, py) => {
      const along = Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / length));
      const ex = px - x1 - dx * along;
      const ey = py - y1 - dy * along;
      return Math.sqrt(ex * ex + ey * ey) - (r1 + (r2 - r1) * along);
    });
  }

  /** Convex, clockwise on the screen; `grow` rounds and widens it. */
  polygon(points: readonly Point[], paint: Paint, grow = 0): void {
    const edges = points.map(([ax, ay], index) => {
      const [bx, by] = points[(index + 1) % points.length] ?? [ax, ay];
      const length = Math.hypot(bx - ax, by - ay) || 1;
      const [nx, ny] = [(by - ay) / length, -(bx - ax) / length];
      return { nx, ny, offset: nx * ax + ny * ay };
    });
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    this.#fill(Math.min(...xs) - grow, Math.min(...ys) - grow, Math.max(...xs) + grow, Math.max(...ys) + grow, paint, 1, (px, py) => {
      let far = -Infinity;
      for (const { nx, ny, offset } of edges) far = Math.max(far, nx * px + ny * py - offset);
      return far - grow;
    });
  }

  #fill(left: number, top: number, right: number, bottom: number, { colour, to, alpha = 1 }: Paint, feather: number, distance: (x: number, y: number) => number): void {
    const clip = this.#clip;
    const [x0, y0] = [Math.max(clip.x, Math.floor(left - feather)), Math.max(clip.y, Math.floor(top - feather))];
    const [x1, y1] = [Math.min(clip.x + clip.width, Math.ceil(right + feather)), Math.min(clip.y + clip.height, Math.ceil(bottom + feather))];
    const [r, g, b] = colour;
    const [dr, dg, db] = to === undefined ? [0, 0, 0] : [to[0] - r, to[1] - g, to[2] - b];
    const span = right - left || 1;
    const data = this.data;
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) {
        const cover = 0.5 - distance(x + 0.5, y + 0.5) / feather;
        if (cover <= 0) continue;
        const share = (cover < 1 ? cover : 1) * alpha;
        const across = to === undefined ? 0 : Math.max(0, Math.min(1, (x - left) / span));
        const at = (y * this.width + x) * 3;
        data[at] = (data[at] ?? 0) + (r + dr * across - (data[at] ?? 0)) * share;
        data[at + 1] = (data[at + 1] ?? 0) + (g + dg * across - (data[at + 1] ?? 0)) * share;
        data[at + 2] = (data[at + 2] ?? 0) + (b + db * across - (data[at + 2] ?? 0)) * share;
      }
    }
  }
}

/**
 * What stands between those behind and those in front (a counter with its glass, a row of seats). Drawn once on black
 * and once on white, which gives its colour and how much shows through.
 */
export class Layer {
  readonly #black: Uint8ClampedArray;
  readonly #white: Uint8ClampedArray;
  readonly #width: number;
  constructor(width: number, height: number, draw: (canvas: Canvas) => void) {
    const [black, white] = [new Canvas(width, height), new Canvas(width, height)];
    white.data.fill(255);
    draw(black);
    draw(white);
    this.#black = black.data;
    this.#white = white.data;
    this.#width = width;
  }

  over(target: Uint8ClampedArray, box: Box): void {
    for (let y = box.y; y < box.y + box.height; y += 1) {
      for (let at = (y * this.#width + box.x) * 3, end = at + box.width * 3; at < end; at += 1) {
        const dark = this.#black[at] ?? 0;
        const through = (this.#white[at] ?? 0) - dark;
        if (through < 255) target[at] = dark + (target[at] ?? 0) * through / 255;
      }
    }
  }
}

/** A small, even, repeatable source of chance. */
export function dice(seed: number): () => number {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
