/** The calendar that ships, and local times in its zone: what the hand-worked cases are written in. */
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { zoneOf } from '#analytics/time/localDay.ts';

export const { calendar, units } = loadConfig({ dir: fromRoot('config'), environment: {} });
export const zone = zoneOf('Asia/Ho_Chi_Minh');
/** `2026-03-02 08:00` → instant. */
export const at = (local: string): number => Date.parse(`${local.replace(' ', 'T')}:00+07:00`);
/** Instant → `2026-03-02 08:00`. */
export const local = (instant: number): string => new Date(instant + 7 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
