/** What can be brought onto a screen, how it is called, and how it is dragged there. */
import type { KeptReport, ScreenRow, Show } from '#contract/scene.ts';
import { ask, type Answer } from '../api/request.ts';

const TYPE = 'application/x-show';
/** Seconds that a desk, a camera or an alert stays when it was dropped; a scene stays until it is released. */
export const DROPPED_HOLD = 120;

export function drag(event: DragEvent, show: Show): void {
  if (!event.dataTransfer) return;
  event.dataTransfer.setData(TYPE, JSON.stringify(show));
  event.dataTransfer.effectAllowed = 'copy';
}
export const isShow = (event: DragEvent): boolean => event.dataTransfer?.types.includes(TYPE) === true;
export function dropped(event: DragEvent): Show | null {
  try { return JSON.parse(event.dataTransfer?.getData(TYPE) ?? '') as Show; } catch { return null; }
}
/** `holdSeconds` null: until it is released. */
export async function bring(screen: string, show: Show, holdSeconds: number | null): Promise<Answer<ScreenRow>> {
  return await ask<ScreenRow>('POST', `/screens/${encodeURIComponent(screen)}/show`, { ...show, ...(holdSeconds === null ? {} : { holdSeconds }) });
}

export type Health = 'in_order' | 'due_soon' | 'not_reporting';
/** A screen is judged by what it says of itself, not by an open connection alone. */
export function healthOf(screen: ScreenRow, now: number): { mark: Health; key: 'ok' | 'dark' | 'silent' | 'old' | 'pictures' | 'new' } {
  const { report } = screen;
  if (!screen.connected) return { mark: 'not_reporting', key: 'dark' };
  if (report === null) return { mark: 'due_soon', key: 'new' };
  if (now - Date.parse(report.at) > 150_000) return { mark: 'due_soon', key: 'silent' };
  if (report.ageSeconds > 15 || report.tiles.some((tile) => tile.state === 'old')) return { mark: 'due_soon', key: 'old' };
  if (report.playing < report.cameras) return { mark: 'due_soon', key: 'pictures' };
  return { mark: 'in_order', key: 'ok' };
}

/** How many of the screens of a wall are well; one that is missing does not stop the others. */
export function healthOfWall(members: readonly ScreenRow[], places: number, now: number): { mark: Health; well: number } {
  const marks = members.map((one) => healthOf(one, now).mark);
  const well = marks.filter((mark) => mark === 'in_order').length;
  return { well, mark: well === places ? 'in_order' : marks.some((mark) => mark === 'not_reporting') || marks.length < places ? 'not_reporting' : 'due_soon' };
}
const RANK = { fresh: 0, old: 1, missing: 2 } as const;
/** The tiles that the screens of a wall say they show, each once, as it is on the screen where it is worst. */
export function tilesOfWall(members: readonly ScreenRow[]): KeptReport['tiles'] {
  const found = new Map<string, KeptReport['tiles'][number]>();
  // A screen that still says what was on before is not heard: the newest report names the scene.
  const newest = members.flatMap((one) => (one.report ? [one.report] : [])).sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  for (const { report } of members) for (const tile of report !== null && JSON.stringify(report.shows) === JSON.stringify(newest?.shows) ? report.tiles : []) {
    const key = `${tile.kind} ${tile.x} ${tile.y} ${tile.w} ${tile.h}`;
    const before = found.get(key);
    if (!before || RANK[tile.state] > RANK[before.state]) found.set(key, tile);
  }
  return [...found.values()];
}
