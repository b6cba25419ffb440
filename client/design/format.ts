/** Numbers, shares and times in the Vietnamese manner, in the zone of the centre, never the browser's. */
let zone = 'Asia/Ho_Chi_Minh';
export function setZone(name: string): void { zone = name; }

const whole = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 0 });
export const count = (value: number | null | undefined): string => (value === null || value === undefined ? '—' : whole.format(value));
/** `97,3%`; a share of nothing is a dash, not zero. */
export const share = (value: number | null | undefined): string => (value === null || value === undefined ? '—' : `${(value * 100).toFixed(1).replace('.', ',')}%`);
export const clock = (at: number | string): string => new Intl.DateTimeFormat('vi-VN', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at));
export const date = (at: number | string): string => new Intl.DateTimeFormat('vi-VN', { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric' }).format(new Date(at));
export const moment = (at: number | string): string => `${clock(at).slice(0, 5)} ${date(at)}`;
/** `12:05` or `1:02:05` */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '—';
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}` : `${two(seconds / 60)}:${two(seconds % 60)}`;
}
/** The day of now in the centre's zone, `2026-11-20`. */
export const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date());
