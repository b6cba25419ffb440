/** Periods of days, as `2026-11-20`, both ends included. Counted on calendar dates: no zone is in them. */
export interface Period { from: string; to: string }
const text = (date: Date) => date.toISOString().slice(0, 10);
const utc = (day: string) => new Date(`${day}T00:00:00Z`);
const shifted = (day: string, days: number) => text(new Date(utc(day).getTime() + days * 86_400_000));
const monthStart = (day: string, months: number) => { const date = utc(day); return text(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1))); };

export const PRESETS = ['month', 'lastMonth', 'quarter', 'year', 'twelve'] as const;
export type Preset = (typeof PRESETS)[number];
export function periodOf(preset: Preset, today: string): Period {
  switch (preset) {
    case 'month': return { from: monthStart(today, 0), to: today };
    case 'lastMonth': return { from: monthStart(today, -1), to: shifted(monthStart(today, 0), -1) };
    case 'quarter': return { from: monthStart(today, -(utc(today).getUTCMonth() % 3)), to: today };
    case 'year': return { from: `${today.slice(0, 4)}-01-01`, to: today };
    case 'twelve': return { from: monthStart(today, -11), to: today };
  }
}
/** The periods that scores are asked for: the running month and the eleven before it, quarters, the half, nine months and years, newest first. */
export function scorePeriods(today: string): string[] {
  const year = Number(today.slice(0, 4));
  const months = Array.from({ length: 12 }, (_, i) => monthStart(today, -i).slice(0, 7));
  const quarters = Array.from({ length: 4 }, (_, i) => monthStart(today, -3 * i)).map((day) => `${day.slice(0, 4)}-Q${Math.floor((Number(day.slice(5, 7)) - 1) / 3) + 1}`);
  return [...months, ...quarters, `${year}-H1`, `${year}-9M`, String(year), String(year - 1)];
}
/** As many days just before. */
export function before({ from, to }: Period): Period {
  const days = Math.round((utc(to).getTime() - utc(from).getTime()) / 86_400_000) + 1;
  return { from: shifted(from, -days), to: shifted(from, -1) };
}
export const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(utc(value).getTime()) && text(utc(value)) === value;
