/** Times as people and systems write them. */
import { dayOfDate, dayText, DAY, HOUR, MINUTE, zoneOf } from '#analytics/time/localDay.ts';

/** How times without an offset are read. */
export interface Clock { order: 'dmy' | 'mdy'; /** Whether a number is the day of a workbook. */ serials: boolean; /** Minutes east of UTC at a local time, told as if it were UTC. */ offsetAt(wall: number): number }

export function clockOf({ offset, zone, dateOrder, serialDates }: { offset: string; zone?: string | undefined; dateOrder: 'dmy' | 'mdy'; serialDates: boolean }): Clock {
  if (zone === undefined) { const minutes = offsetMinutes(offset); return { order: dateOrder, serials: serialDates, offsetAt: () => minutes }; }
  const known = zoneOf(zone);
  return { order: dateOrder, serials: serialDates, offsetAt: (wall) => known.offsetMinutes(wall - known.offsetMinutes(wall) * MINUTE) };
}

const TIME = String.raw`(\d{1,2})\s*[:hg]\s*(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(AM|PM|SA|CH)?`;
const ISO = new RegExp(String.raw`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T\s]\s*${TIME})?\s*(Z|[+-]\d{2}:?\d{2})?$`, 'i');
const LOCAL = new RegExp(String.raw`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T,\s]\s*${TIME})?$`, 'i');
/** The time before the date, as many Vietnamese systems print it. */
const TIME_FIRST = new RegExp(String.raw`^${TIME}[,\s]\s*(?:ngày\s+)?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`, 'i');

/** ISO 8601 with an offset; null for what is no time of the calendar. `timeOfDay` is for what is only a date. */
export function instantOf(text: string, clock: Clock, timeOfDay: string): string | null {
  const trimmed = clock.serials ? serialText(text.trim()) : text.trim();
  const iso = ISO.exec(trimmed);
  if (iso) return made(iso[1], iso[2], iso[3], iso.slice(4, 9), iso[9], clock, timeOfDay);
  const local = LOCAL.exec(trimmed);
  const last = local ? null : TIME_FIRST.exec(trimmed);
  const [first, second, year] = local ? local.slice(1, 4) : last ? last.slice(6, 9) : [];
  const time = local ? local.slice(4, 9) : last ? last.slice(1, 6) : [];
  if (year === undefined) return null;
  return clock.order === 'dmy' ? made(year, second, first, time, undefined, clock, timeOfDay) : made(year, first, second, time, undefined, clock, timeOfDay);
}

function made(year: string | undefined, month: string | undefined, date: string | undefined, [hour, minute, second = '00', fraction, half]: readonly (string | undefined)[], offset: string | undefined, clock: Clock, timeOfDay: string): string | null {
  const two = (part: string | number) => String(part).padStart(2, '0');
  const day = dayOfDate(Number(year), Number(month), Number(date));
  const dayIs = `${year ?? ''}-${two(month ?? '')}-${two(date ?? '')}`;
  if (dayText(day) !== dayIs) return null;
  let clockHour = Number(hour ?? timeOfDay.slice(0, 2));
  const clockMinute = Number(minute ?? timeOfDay.slice(3, 5));
  if (half !== undefined) {
    if (clockHour < 1 || clockHour > 12) return null;
    clockHour = clockHour % 12 + (/PM|CH/i.test(half) ? 12 : 0);
  }
  if (clockHour > 23 || clockMinute > 59 || Number(second) > 59) return null;
  const minutes = offset === undefined ? clock.offsetAt(day * DAY + clockHour * HOUR + clockMinute * MINUTE) : offset.toUpperCase() === 'Z' ? 0 : offsetMinutes(offset);
  if (Math.abs(minutes) > 14 * 60) return null;
  const size = Math.abs(minutes);
  const shown = offset?.toUpperCase() === 'Z' ? 'Z' : `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${dayIs}T${two(clockHour)}:${two(clockMinute)}:${second}${fraction === undefined ? '' : `.${fraction.slice(0, 3)}`}${shown}`;
}

/** Days since 1899-12-30 as a local time; any other text as it is. */
function serialText(text: string): string {
  if (!/^\d{4,5}([.,]\d+)?$/.test(text)) return text;
  const seconds = Math.round(Number(text.replace(',', '.')) * 86_400);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = dayText(Math.floor(seconds / 86_400) + dayOfDate(1899, 12, 30));
  const rest = seconds % 86_400;
  return rest === 0 ? day : `${day} ${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
}

function offsetMinutes(text: string): number {
  return (text.startsWith('-') ? -1 : 1) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2)));
}
