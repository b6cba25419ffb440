/** What a screen keeps in the browser, so that a reload without the centre shows the last picture with its age, never as fresh. */
import type { UnitRow } from '#contract/figures.ts';
import type { Held } from './topic.ts';

export interface KeptPicture { at: number; zone: string; simulated: boolean; units: UnitRow[]; held: Held }
const PREFIX = 'kept:';
/** Of an answer; the whole of a province is about as large. */
const MOST = 1_500_000;
/** Alerts beyond these are in no tile. */
const ALERTS = 60;

export function write(name: string, value: unknown): void {
  try {
    const text = JSON.stringify(value);
    if (text.length <= MOST) localStorage.setItem(PREFIX + name, text);
  } catch {
    // The store is full or closed: the newest picture is worth more than old answers.
    forgetKept(PREFIX + name);
  }
}
export function read<T>(name: string): T | null {
  try { const text = localStorage.getItem(PREFIX + name); return text === null ? null : JSON.parse(text) as T; } catch { return null; }
}
/** All that was kept, when nobody may see it any more. */
export function forgetKept(except = ''): void {
  try { for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && key !== except) localStorage.removeItem(key); } catch { /* closed */ }
}

export function writeKept(name: string, picture: KeptPicture): void {
  const alerts = Object.fromEntries(Object.entries(picture.held.state.alerts).slice(0, ALERTS));
  write(name, { ...picture, held: { ...picture.held, state: { ...picture.held.state, alerts } } });
}
export const readKept = (name: string): KeptPicture | null => { const found = read<KeptPicture>(name); return found && typeof found.at === 'number' && Array.isArray(found.units) && found.held?.state ? found : null; };
