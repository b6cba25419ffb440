/** What a screen shows at this moment: a pop-up, what was pinned, the rotation, else the whole picture. The centre need not be there. */
import { entryAt } from '#analytics/wall/rotation.ts';
import { givenAt } from '#analytics/wall/together.ts';
import type { ScreenRow, Show } from '#contract/scene.ts';
import { clock, localDay } from '../design/format.ts';

export interface ShownNow { show: Show; why: 'popup' | 'pinned' | 'rotation' | 'nothing'; /** Seconds until it changes by itself. */ left: number | null }

export type Orders = Pick<ScreenRow, 'rotation' | 'pinned' | 'popup' | 'before' | 'waiting' | 'wall'>;
export const NO_ORDERS: Orders = { rotation: [], pinned: null, popup: null, before: null, waiting: 0, wall: null };

export function shownNow(row: Orders, now: number): ShownNow {
  const { popup, pinned } = givenAt<Show, NonNullable<ScreenRow['popup']>>(row, now, Date.parse);
  if (popup !== null) return { show: popup.show, why: 'popup', left: Math.max(0, Math.ceil((Date.parse(popup.until) - now) / 1000)) };
  if (pinned !== null) return { show: pinned, why: 'pinned', left: null };
  const [hours = 0, minutes = 0] = clock(now).split(':').map(Number);
  // 1 January 1970 was a Thursday.
  const weekday = ((Math.round(Date.parse(`${localDay(now)}T00:00:00Z`) / 86_400_000) + 3) % 7) + 1;
  const entry = entryAt(row.rotation, { weekday, minute: hours * 60 + minutes }, Math.floor(now / 1000));
  const on = entry === null ? undefined : row.rotation[entry.index];
  if (entry === null || !on) return { show: { scene: 'toan-canh' }, why: 'nothing', left: null };
  return { show: { scene: on.scene, ...(on.unit === undefined ? {} : { unit: on.unit }) }, why: 'rotation', left: entry.left };
}
