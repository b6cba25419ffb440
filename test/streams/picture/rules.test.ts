/** The rules of pictures on pictures made of numbers: no ffmpeg, no clock. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activityIn as activityOf, blocksWithin, changesOf, type Zone } from '#streams/picture/activity.ts';
import { isStill, judge } from '#streams/picture/judge.ts';
import { background, BLOCKS, focus, HEIGHT, likeness, PIXELS, WIDTH, type Picture } from '#streams/picture/measures.ts';
import { steady } from '#streams/picture/steady.ts';

/** A repeatable stream of numbers in [0, 1). */
function chance(seed: number): () => number {
  let state = seed;
  return () => { state = (state * 1_664_525 + 1_013_904_223) >>> 0; return state / 2 ** 32; };
}
const paint = (value: (x: number, y: number) => number): Picture => Uint8Array.from({ length: PIXELS }, (_, at) => Math.max(0, Math.min(255, Math.round(value(at % WIDTH, Math.floor(at / WIDTH))))));
const noisy = (picture: Picture, amount: number, seed: number): Picture => { const next = chance(seed); return picture.map((value) => Math.max(0, Math.min(255, Math.round(value + (next() + next() + next() - 1.5) * amount)))); };
/** A room of rectangles, as an office is. */
function room(seed: number): Picture {
  const next = chance(seed);
  const boxes = Array.from({ length: 60 }, () => ({ x: next() * WIDTH, y: next() * HEIGHT, w: 8 + next() * 60, h: 8 + next() * 40, grey: 30 + next() * 200 }));
  return paint((x, y) => boxes.findLast((box) => x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h)?.grey ?? 120 + y / 4);
}
/** A clock that ticks, written in the upper left. */
const withClock = (picture: Picture, tick: number): Picture => picture.map((value, at) => { const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)]; return x >= 5 && x < 95 && y >= 5 && y < 15 ? ((Math.floor(x / 4) + tick * (1 + (x % 3))) % 2) * 255 : value; });
const blurred = (picture: Picture, radius: number): Picture => paint((x, y) => { let sum = 0; let count = 0; for (let dy = -radius; dy <= radius; dy += 1) for (let dx = -radius; dx <= radius; dx += 1) { const [sx, sy] = [x + dx, y + dy]; if (sx >= 0 && sy >= 0 && sx < WIDTH && sy < HEIGHT) { sum += picture[sy * WIDTH + sx] ?? 0; count += 1; } } return sum / count; });
const shifted = (picture: Picture, by: number): Picture => paint((x, y) => picture[Math.min(HEIGHT - 1, y) * WIDTH + Math.min(WIDTH - 1, x + by)] ?? 0);
const minute = (picture: Picture, noise: number, pictures = 8): Picture[] => Array.from({ length: pictures }, (_, i) => withClock(noisy(picture, noise, 1000 + i), i));

const view = room(7);
const reference = background(minute(view, 1.5));

describe('a picture', () => {
  it('that is good has no finding, by day, by night, with people before it', () => {
    expect(judge(minute(view, 1.5), null, reference)).toEqual({ finding: null, warnings: [] });
    const night = view.map((value) => 25 + value * 0.25);
    expect(judge(minute(night, 3), null, reference)).toEqual({ finding: null, warnings: [] });
    const crowd = view.map((value, at) => (Math.floor(at / WIDTH) > 100 ? (((at % WIDTH) >> 3) * 37) % 200 : value));
    expect(judge(minute(crowd, 1.5), null, reference)).toEqual({ finding: null, warnings: [] });
  });
  it('is black though noise and a clock are in it', () => {
    expect(judge(minute(paint(() => 6), 6), null, reference)?.finding).toBe('black');
    expect(judge(minute(paint(() => 0), 0), null, null)?.finding).toBe('black');
  });
  it('is covered, bright or dim, though light falls in at a side', () => {
    expect(judge(minute(paint(() => 128), 3), null, null)?.finding).toBe('covered');
    expect(judge(minute(paint((x) => 60 + x / 4), 3), null, null)?.finding).toBe('covered');
  });
  it('is covered when most of what was there has become flat', () => {
    const taped = view.map((value, at) => (at % WIDTH < 250 ? 110 : value));
    expect(judge(minute(taped, 1.5), null, reference)?.finding).toBe('covered');
  });
  it('is frozen though its clock goes on, and not when only noise lives in it', () => {
    expect(judge(minute(view, 0), null, null)?.finding).toBe('frozen');
    expect(judge(minute(view, 1), null, null)?.finding).toBe(null);
    expect(judge(minute(view.map((value) => 25 + value * 0.25), 1.2), null, null)?.finding).toBe(null);
  });
  it('says nothing of being frozen with too few pictures, and nothing at all without any', () => {
    expect(judge(minute(view, 0, 3), null, null)?.finding).toBe(null);
    expect(judge(minute(view, 0, 3), withClock(view, 9), null)?.finding).toBe('frozen');
    expect(judge([], view, reference)).toBe(null);
  });
  it('is out of focus or has moved beside its reference only', () => {
    expect(judge(minute(blurred(view, 3), 1.5), null, reference)?.warnings).toEqual(['out_of_focus']);
    expect(judge(minute(shifted(view, 40), 1.5), null, reference)?.warnings).toEqual(['moved']);
    expect(judge(minute(room(99), 1.5), null, reference)?.warnings).toEqual(['moved']);
    expect(judge(minute(blurred(view, 3), 1.5), null, null)?.warnings).toEqual([]);
    expect(judge(minute(shifted(view, 1), 1.5), null, reference)?.warnings).toEqual([]);
  });
  it('is as sharp and as like when it only gets darker', () => {
    fc.assert(fc.property(fc.double({ min: 0.4, max: 1, noNaN: true }), fc.integer({ min: 0, max: 60 }), (contrast, brightness) => {
      const darker = view.map((value) => value * contrast * 0.75 + brightness);
      expect(likeness(view, darker).same).toBeGreaterThan(0.95);
      expect(focus(view, darker) ?? 0).toBeGreaterThan(0.8);
    }), { numRuns: 15 });
  });
  it('is still beside itself, whatever it shows', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), (seed) => { const picture = room(seed); expect(isStill(picture, picture)).toBe(true); }), { numRuns: 10 });
  });
});

const activityIn = (pictures: readonly Picture[], zone: Zone | null) => activityOf(changesOf(pictures), zone);

describe('activity', () => {
  const all = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;
  const left = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] as const;
  const right = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] as const;
  it('is counted where something moves, and not where only noise does', () => {
    const moving = Array.from({ length: 6 }, (_, i) => noisy(view.map((value, at) => { const x = at % WIDTH; return x >= 20 + i * 12 && x < 60 + i * 12 && Math.floor(at / WIDTH) > 60 ? 220 : value; }), 1.5, i));
    expect(activityIn(moving, left)).toBeGreaterThan(0.05);
    expect(activityIn(moving, right)).toBe(0);
    expect(activityIn(Array.from({ length: 6 }, (_, i) => noisy(view, 4, i)), all)).toBeLessThan(0.01);
  });
  it('is not known without a zone, of a zone smaller than a block, or with one picture', () => {
    expect(activityIn([view, view], null)).toBe(null);
    expect(activityIn([view, view], [[0.5, 0.5], [0.501, 0.5], [0.5, 0.501]])).toBe(null);
    expect(activityIn([view], all)).toBe(null);
    expect(activityIn([view, view], all)).toBe(0);
  });
  it('takes each block into one of two halves, whatever the order of the corners', () => {
    expect(blocksWithin(all)).toHaveLength(BLOCKS);
    expect([...blocksWithin(left), ...blocksWithin(right)].sort((a, b) => a - b)).toEqual(blocksWithin(all));
    expect(blocksWithin([...left].reverse())).toEqual(blocksWithin(left));
  });
  it('is a share, of whatever pictures', () => {
    fc.assert(fc.property(fc.integer(), fc.integer(), (a, b) => { const share = activityIn([room(a >>> 0), room(b >>> 0)], all) ?? -1; expect(share).toBeGreaterThanOrEqual(0); expect(share).toBeLessThanOrEqual(1); }), { numRuns: 10 });
  });
});

describe('a steady state', () => {
  it('begins after looks that agree without a break, and ends by one that does not', () => {
    const state = steady<'black' | 'frozen'>((found) => (found === 'frozen' ? 3 : 2), 1);
    const after = (['black', null, 'black', 'black', 'frozen', 'frozen', 'frozen', null, null] as const).map((found) => { state.take(found); return state.held; });
    expect(after).toEqual([null, null, null, 'black', 'black', 'black', 'frozen', null, null]);
  });
  it('does not begin by findings that take turns', () => {
    const state = steady<'black' | 'frozen'>(() => 2, 1);
    for (const found of ['black', 'frozen', 'black', 'frozen', 'black'] as const) { state.take(found); expect([state.held, state.doubtful]).toEqual([null, true]); }
  });
});
