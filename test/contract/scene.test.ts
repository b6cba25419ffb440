/** Scenes: what a file or a body may say, and the grid that editor and check share. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { COLUMNS, firstOverlap, inGrid, moved, roomFor, ROWS, type Place } from '#contract/grid.ts';
import { sceneCreate, sceneFile } from '#contract/scene.ts';
import { BUILT_IN_SCENES } from '#contract/vocabulary.ts';

const tile = (id: string, at: Place, more: object = {}) => ({ id, kind: 'map', at, ...more });
const problems = (tiles: unknown[]) => sceneCreate.safeParse({ name: 'x', unit: '75', tiles }).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

describe('a scene', () => {
  it('six ship, each within the rules', () => {
    const { scenes } = loadConfig({ dir: '', environment: {} });
    expect(scenes.map((scene) => scene.id)).toEqual([...BUILT_IN_SCENES]);
    for (const scene of scenes) expect([scene.id, sceneFile.safeParse(scene).success]).toEqual([scene.id, true]);
  });
  it('says what is wrong: over one another, outside, twice, unknown', () => {
    expect(problems([tile('a', { x: 0, y: 0, w: 6, h: 4 }), tile('b', { x: 5, y: 3, w: 2, h: 2 })])).toEqual(['tiles.1.at: lies over the tile «a»']);
    expect(problems([tile('a', { x: 10, y: 0, w: 3, h: 4 })])[0]).toMatch(/tiles\.0\.at: .*12 columns/);
    expect(problems([tile('a', { x: 0, y: 0, w: 1, h: 1 }), tile('a', { x: 1, y: 0, w: 1, h: 1 })])).toEqual(['tiles.1.id: «a» stands here twice']);
    expect(problems([tile('a', { x: 0, y: 0, w: 1, h: 1 }, { settings: { colour: 'red' } })])[0]).toMatch(/tiles\.0\.settings/);
    expect(problems([{ ...tile('a', { x: 0, y: 0, w: 1, h: 1 }), kind: '__proto__' }])[0]).toMatch(/tiles\.0\.kind/);
    // On a wide screen a tile without a place of its own lies where it always lies.
    expect(problems([tile('a', { x: 0, y: 0, w: 2, h: 2 }, { wide: { x: 4, y: 0, w: 2, h: 2 } }), tile('b', { x: 4, y: 0, w: 2, h: 2 })])).toEqual(['tiles.1.wide: lies over the tile «a»']);
  });
});

describe('the grid', () => {
  const place = fc.record({ x: fc.integer({ min: 0, max: COLUMNS - 1 }), y: fc.integer({ min: 0, max: ROWS - 1 }), w: fc.integer({ min: 1, max: 6 }), h: fc.integer({ min: 1, max: 4 }) }).filter(inGrid);
  it('what is moved or resized stays in it', () => {
    const by = fc.integer({ min: -20, max: 20 });
    fc.assert(fc.property(place, fc.record({ x: by, y: by, w: by, h: by }), (one, change) => { expect(inGrid(moved(one, change))).toBe(true); }));
  });
  it('a new tile gets a free place, or none when there is none', () => {
    fc.assert(fc.property(fc.array(place, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), (taken, w, h) => {
      const free = roomFor(taken, { w, h });
      if (free) { expect(inGrid(free)).toBe(true); expect(taken.every((one) => firstOverlap([one, free]) === null)).toBe(true); } else {
        for (let x = 0; x < COLUMNS; x += 1) for (let y = 0; y < ROWS; y += 1) expect(taken.some((one) => firstOverlap([one, { x, y, w: 1, h: 1 }]) !== null)).toBe(true);
      }
    }));
  });
});
