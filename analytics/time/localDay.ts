/**
 * Instants and days. An instant is milliseconds since 1970 (UTC); a day is a number of days since 1970-01-01 in the
 * centre's zone. Days are never made from UTC: a figure would lose what happened before 07:00.
 */
export interface Zone {
  readonly name: string;
  /** Minutes east of UTC at this instant. */
  offsetMinutes(instant: number): number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A zone by its IANA name. The offset is looked up once per quarter of a day and kept. */
export function zoneOf(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric',
  });
  const known = new Map<number, number>();
  const lookUp = (instant: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
    const local = dayOfDate(part.year ?? 1970, part.month ?? 1, part.day ?? 1) * 1440 + (part.hour ?? 0) * 60 + (part.minute ?? 0);
    return local - Math.floor(instant / MINUTE);
  };
  return {
    name,
    offsetMinutes(instant) {
      const slot = Math.floor(instant / (6 * HOUR));
      let offset = known.get(slot);
      if (offset === undefined) {
        if (known.size > 50_000) known.clear();
        offset = lookUp(instant);
        known.set(slot, offset);
      }
      return offset;
    },
  };
}

/** The local day in which an instant lies. */
export function dayOf(instant: number, zone: Zone): number {
  return Math.floor((instant + zone.offsetMinutes(instant) * MINUTE) / DAY);
}

/** Minutes since local midnight. */
export function minuteOfDay(instant: number, zone: Zone): number {
  return Math.floor((instant + zone.offsetMinutes(instant) * MINUTE) / MINUTE) - dayOf(instant, zone) * 1440;
}

/** The instant at which a local day begins. */
export function startOfDay(day: number, zone: Zone): number {
  const guess = day * DAY - zone.offsetMinutes(day * DAY) * MINUTE;
  return day * DAY - zone.offsetMinutes(guess) * MINUTE;
}

/** Day number of a calendar date (proleptic Gregorian; the arithmetic of days-from-civil). */
export function dayOfDate(year: number, month: number, date: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Year, month and date of a day number. */
export function dateOf(day: number): { year: number; month: number; date: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-01-31` */
export function dayText(day: number): string {
  const { year, month, date } = dateOf(day);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
}

/** The day of `2026-01-31`; null when that is no date of the calendar. */
export function parseDay(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const day = dayOfDate(Number(match[1]), Number(match[2]), Number(match[3]));
  return dayText(day) === text ? day : null;
}

/** 1 = Monday … 7 = Sunday. */
export function weekday(day: number): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  return ((((day + 3) % 7) + 7) % 7 + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
}
