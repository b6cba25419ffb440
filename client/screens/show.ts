/** What can be brought onto a screen, how it is called, and how it is dragged there. */
import type { ScreenRow, Show } from '#contract/scene.ts';
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
