/**
 * Several screens as one large wall. The scene is laid out once, on a canvas as large as all visible parts and the frames
 * between them; each screen shows its cut of it. What lies under the frames is drawn and not seen: a line goes on straight.
 */
export interface WallGrid {
  rows: number; columns: number;
  /** Between two visible parts, both frames together; in per cent of the visible width (x) and height (y), or in mm. */
  bezel: { x: number; y: number; unit: 'percent' | 'mm' };
  /** The visible part of one screen in mm; null: 16:9, and bezels in per cent. */
  visible: { width: number; height: number } | null;
}
export interface Cut { x: number; y: number; width: number; height: number }
export interface Canvas { width: number; height: number }

/** One screen is so many points high on the canvas; the browser enlarges it to the screen that it has. */
export const PART_HEIGHT = 1080;

const share = ({ bezel, visible }: WallGrid) => (bezel.unit === 'percent' ? { x: bezel.x / 100, y: bezel.y / 100 } : { x: visible ? bezel.x / visible.width : 0, y: visible ? bezel.y / visible.height : 0 });
function measures(grid: WallGrid) {
  const width = grid.visible ? Math.round((PART_HEIGHT * grid.visible.width) / grid.visible.height) : 1920;
  const { x, y } = share(grid);
  // Whole points: all screens lay out the very same canvas.
  return { width, height: PART_HEIGHT, gapX: Math.round(width * x), gapY: Math.round(PART_HEIGHT * y) };
}

export function canvasOf(grid: WallGrid): Canvas {
  const { width, height, gapX, gapY } = measures(grid);
  return { width: grid.columns * width + (grid.columns - 1) * gapX, height: grid.rows * height + (grid.rows - 1) * gapY };
}
/** Rows and columns count from 0, from the top left. */
export function cutOf(grid: WallGrid, row: number, column: number): Cut {
  const { width, height, gapX, gapY } = measures(grid);
  return { x: column * (width + gapX), y: row * (height + gapY), width, height };
}

/** Changes of a wall are announced so many ms before they happen, so that every screen has heard of them. */
export const LEAD = 1_500;
/** A pop-up whose time is over stays while the next one waits for the centre's word; so many ms at most, should none come. */
export const GRACE = 4_000;

interface Orders<S, P extends { until: string; show: S }> { pinned: S | null; popup: P | null }
/** What is given at that moment of the centre's clock (`msOf` reads an instant): what stood before, until the announced instant. */
export function givenAt<S, P extends { until: string; show: S }>(row: Orders<S, P> & { before: (Orders<S, P> & { until: string }) | null; waiting: number; wall: unknown }, now: number, msOf: (at: string) => number): Orders<S, P> {
  const of: Orders<S, P> = row.before !== null && now < msOf(row.before.until) ? row.before : row;
  const ends = of.popup === null ? 0 : msOf(of.popup.until) + (row.wall !== null && (row.waiting > 0 || of !== row) ? GRACE : 0);
  return { pinned: of.pinned, popup: ends > now ? of.popup : null };
}

/** One question about the time: sent and answered by our clock, and what the centre's clock said between; ms. */
export interface ClockSample { sent: number; heard: number; said: number }
/** The centre's clock minus ours, by the quickest answer: it cannot be wrong by more than half its way. Null: none yet. */
export function offsetOf(samples: readonly ClockSample[]): { offset: number; within: number } | null {
  const best = [...samples].sort((a, b) => (a.heard - a.sent) - (b.heard - b.sent))[0];
  return best === undefined ? null : { offset: best.said - (best.sent + best.heard) / 2, within: (best.heard - best.sent) / 2 };
}
