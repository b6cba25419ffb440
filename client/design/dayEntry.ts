/** A day as people write it here, and its neighbours; a day is `2026-11-20`. */
const DAY = 86_400_000;
const text = (at: number) => new Date(at).toISOString().slice(0, 10);

/** `1/10/2026`, `01-10-2026`, `1.10.26`, `01102026`, `2026-10-01`: always day before month. Null: no day of the calendar. */
export function readDay(typed: string): string | null {
  const clean = typed.trim();
  const [, d = '', m = '', y = ''] = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})$/.exec(clean) ?? /^(\d{2})(\d{2})(\d{4})$/.exec(clean) ?? [];
  const day = y === '' ? clean : `${y.padStart(4, '20')}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  return !Number.isNaN(at) && text(at) === day ? day : null;
}
export const neighbour = (day: string, by: number): string => text(Date.parse(`${day}T00:00:00Z`) + by * DAY);
