/**
 * A unit's weekly rhythm: how much it sends by weekday and hour, and how likely it is to send nothing for a while. A
 * quiet hour of its week is no silence; an hour that was never empty before is. Proof: test/analytics/rhythm.test.ts.
 */
import { dayOf, HOUR, MINUTE, minuteOfDay, type Zone } from '../time/localDay.ts';

export const RHYTHM_WEEKS = 8;
/** Less than this is no rhythm: the fixed limit holds. */
const MINIMUM_DAYS = 14;
const MINIMUM_ACTIVE_DAYS = 5;
/** A longer silence is beyond doubt; looking farther back changes nothing. */
const LOOK_BACK = 14 * 24 * HOUR;
const NEVER_CERTAIN = 1e-12;
const LEAST_INDEPENDENCE = 0.1;

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;
/** As which day of the week a day counts; null where nobody is expected to work (a holiday). */
export type WeekdayOf = (day: number) => Weekday | null;
/** Events of one unit within one hour (0–23) of a local day. */
export interface HourCount { day: number; hour: number; events: number }

interface Slot { mean: number; /** The chance that such an hour is empty. */ empty: number }
export interface Rhythm {
  slots: ReadonlyMap<number, Slot>; /** Days that were looked at. */ days: number; eventsPerWeek: number;
  /** 1: an hour is empty whatever the one before was. Less: quiet hours come together, and a long silence is likelier than its hours one by one. */
  independence: number;
}

const slotOf = (weekday: Weekday, hour: number) => weekday * 24 + hour;

/**
 * `lastDay`: the last whole day that counts: the day before today, or the day on which the unit was last heard of: a
 * silence that goes on does not teach that silence is usual.
 */
export function rhythmOf(hours: readonly HourCount[], lastDay: number, weekdayOf: WeekdayOf): Rhythm | null {
  const from = lastDay - RHYTHM_WEEKS * 7 + 1;
  const within = hours.filter((one) => one.day >= from && one.day <= lastDay && one.events > 0);
  if (within.length === 0) return null;
  const first = within.reduce((earliest, one) => Math.min(earliest, one.day), lastDay);
  if (lastDay - first + 1 < MINIMUM_DAYS || new Set(within.map((one) => one.day)).size < MINIMUM_ACTIVE_DAYS) return null;

  const seen = new Map<Weekday, number>();
  for (let day = first; day <= lastDay; day += 1) { const weekday = weekdayOf(day); if (weekday !== null) seen.set(weekday, (seen.get(weekday) ?? 0) + 1); }
  const sums = new Map<number, { events: number; days: Set<number> }>();
  for (const one of within) {
    const weekday = weekdayOf(one.day);
    if (weekday === null) continue;
    const slot = slotOf(weekday, one.hour);
    const sum = sums.get(slot) ?? { events: 0, days: new Set<number>() };
    sum.events += one.events;
    sum.days.add(one.day);
    sums.set(slot, sum);
  }
  const slots = new Map<number, Slot>();
  let eventsPerWeek = 0;
  for (const [slot, sum] of sums) {
    const days = seen.get(Math.floor(slot / 24) as Weekday) ?? 1;
    const mean = sum.events / days;
    // How often it was empty, with the guess of a steady stream (Poisson) as one more week: eight weeks alone could not
    // tell a busy hour from a fair one, and the mean alone would take a source that sends in bursts for a steady one.
    slots.set(slot, { mean, empty: Math.max(NEVER_CERTAIN, (days - sum.days.size + Math.exp(-mean)) / (days + 1)) });
    eventsPerWeek += mean;
  }
  if (slots.size === 0) return null;
  const busy = new Set(within.map((one) => one.day * 24 + one.hour));
  return { slots, days: lastDay - first + 1, eventsPerWeek, independence: independenceOf(slots, busy, first, lastDay, weekdayOf) };
}

/**
 * Events come in company (a ticket is issued, called, served), and so do quiet hours. The power of `empty` with which
 * hours that follow an empty one were as often empty as they were.
 */
function independenceOf(slots: ReadonlyMap<number, Slot>, busy: ReadonlySet<number>, first: number, lastDay: number, weekdayOf: WeekdayOf): number {
  const after: number[] = [];
  let stayed = 0;
  let wasEmpty = false;
  for (let day = first; day <= lastDay; day += 1) {
    const weekday = weekdayOf(day);
    if (weekday === null) continue;
    for (let hour = 0; hour < 24; hour += 1) {
      const slot = slots.get(slotOf(weekday, hour));
      if (!slot) continue;
      const isEmpty = !busy.has(day * 24 + hour);
      if (wasEmpty) { after.push(Math.log(slot.empty)); if (isEmpty) stayed += 1; }
      wasEmpty = isEmpty;
    }
  }
  const wouldStay = (power: number) => after.reduce((sum, log) => sum + Math.exp(power * log), 0);
  if (stayed <= wouldStay(1)) return 1;
  let [low, high] = [LEAST_INDEPENDENCE, 1];
  for (let i = 0; i < 30; i += 1) { const middle = (low + high) / 2; if (wouldStay(middle) > stayed) low = middle; else high = middle; }
  return low;
}

/** What the rhythm would have brought between two instants, and the chance that nothing came at all. */
export function expected(rhythm: Rhythm, from: number, to: number, zone: Zone, weekdayOf: WeekdayOf): { events: number; chance: number } {
  let events = 0;
  let log = 0;
  for (let at = Math.max(from, to - LOOK_BACK); at < to;) {
    const minute = minuteOfDay(at, zone);
    const next = Math.min(to, Math.floor(at / MINUTE) * MINUTE + (60 - (minute % 60)) * MINUTE);
    const weekday = weekdayOf(dayOf(at, zone));
    const slot = weekday === null ? undefined : rhythm.slots.get(slotOf(weekday, Math.floor(minute / 60)));
    const part = (next - at) / HOUR;
    if (slot) { events += slot.mean * part; log += Math.log(slot.empty) * part; }
    at = next;
  }
  return { events, chance: Math.exp(log * rhythm.independence) };
}

export interface SilenceLimits { /** For a unit without rhythm, in working minutes. */ fixedMinutes: number; /** With rhythm: silent for at least this, … */ minimumMinutes: number; /** … and less likely than this. */ probability: number }

/** Silent, by its own rhythm where it has one. Says the same by night as at the end of the working day: nothing opens or closes with the clock. */
export function isSilent(workingMinutes: number, chance: number | null, limits: SilenceLimits): boolean {
  return chance === null ? workingMinutes > limits.fixedMinutes : workingMinutes >= limits.minimumMinutes && chance < limits.probability;
}
