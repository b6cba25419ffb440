/** Numbers, shares and times in the Vietnamese manner, in the zone of the centre, never the browser's. */
const NOTHING = '—';
const DEFAULT_ZONE = 'Asia/Ho_Chi_Minh';

interface Formats { zone: string; clock: Intl.DateTimeFormat; date: Intl.DateTimeFormat; weekday: Record<'vi' | 'en', Intl.DateTimeFormat>; day: Intl.DateTimeFormat }
function formatsOf(zone: string): Formats {
  return {
    zone,
    clock: new Intl.DateTimeFormat('vi-VN', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    date: new Intl.DateTimeFormat('vi-VN', { timeZone: zone, day: '2-digit', month: '2-digit', year: 'numeric' }),
    weekday: { vi: new Intl.DateTimeFormat('vi-VN', { timeZone: zone, weekday: 'long' }), en: new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'long' }) },
    day: new Intl.DateTimeFormat('sv-SE', { timeZone: zone }),
  };
}
let formats = formatsOf(DEFAULT_ZONE);
/** Called when the session says which zone the centre keeps. */
export function setZone(zone: string): void { if (zone !== formats.zone) formats = formatsOf(zone); }

const whole = new Intl.NumberFormat('vi-VN', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('vi-VN', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
type Maybe<T> = T | null | undefined;
const missing = (value: Maybe<number>): value is null | undefined => value === null || value === undefined || Number.isNaN(value);

/** `1.234` */
export const count = (value: Maybe<number>): string => (missing(value) ? NOTHING : whole.format(value));
/** `1.234,5` */
export const decimal = (value: Maybe<number>): string => (missing(value) ? NOTHING : tenth.format(value));
/** `97,3%`; a share of nothing is a dash, not zero. */
export const share = (value: Maybe<number>): string => (missing(value) ? NOTHING : `${tenth.format(value * 100)}%`);
/** `+12`, `−3`, `0` with a true minus. */
export const change = (value: number): string => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${whole.format(Math.abs(value))}`);
/** The difference of two shares in points: `+0,4` */
export const points = (value: number): string => { const text = tenth.format(Math.abs(value * 100)); return text === '0,0' ? '0,0' : `${value > 0 ? '+' : '−'}${text}`; };

/** `08:05:09` */
export const clock = (at: number | string): string => formats.clock.format(new Date(at));
/** `20/11/2026` */
export const date = (at: number | string): string => formats.date.format(new Date(at));
export const weekday = (at: number | string, language: string): string => formats.weekday[language === 'en' ? 'en' : 'vi'].format(new Date(at));
/** `08:05 20/11/2026` */
export const moment = (at: number | string): string => `${clock(at).slice(0, 5)} ${date(at)}`;
/** `08:05` on the day of `now`, else `20/11 08:05`: short enough for one line of a list. */
export const shortMoment = (at: number | string, now: number): string => (localDay(at) === localDay(now) ? clock(at).slice(0, 5) : `${date(at).slice(0, 5)} ${clock(at).slice(0, 5)}`);
/** A local day (`2026-11-20`) as it is written here: `20/11/2026` */
export const dayText = (day: string): string => day.split('-').reverse().join('/');
/** The local day of an instant, `2026-11-20` */
export const localDay = (at: number | string): string => formats.day.format(new Date(at));
export const today = (): string => localDay(Date.now());

/** `12:05` or `1:02:05` */
export function span(seconds: Maybe<number>): string {
  if (missing(seconds)) return NOTHING;
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}` : `${two(seconds / 60)}:${two(seconds % 60)}`;
}
/** `3,4 kB`, `512 MB`, `75,2 GB` */
export function bytes(value: Maybe<number>): string {
  if (missing(value)) return NOTHING;
  const step = value >= 1e9 ? { by: 1e9, unit: 'GB' } : value >= 1e6 ? { by: 1e6, unit: 'MB' } : { by: 1e3, unit: 'kB' };
  return `${value / step.by >= 100 ? whole.format(value / step.by) : tenth.format(value / step.by)} ${step.unit}`;
}
/** The instant at which a local day begins in the centre's zone. */
export function startOfDay(day: string): number {
  // The zone's offset is read off the day itself, twice: at a change of the clock the first guess lies on its other side.
  const utc = Date.parse(`${day}T00:00:00Z`);
  const offsetAt = (at: number) => { const [h = 0, m = 0, s = 0] = clock(at).split(':').map(Number); return Date.parse(`${localDay(at)}T00:00:00Z`) + ((h * 60 + m) * 60 + s) * 1000 - Math.floor(at / 1000) * 1000; };
  const guess = utc - offsetAt(utc);
  return utc - offsetAt(guess);
}
