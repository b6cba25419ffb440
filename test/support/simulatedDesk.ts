/** A desk made up with a seed: people come by the hour of the week, the counters serve the first in line. Not a real desk. */
import { dayOf, HOUR, MINUTE, startOfDay, weekday, zoneOf, type Zone } from '#analytics/time/localDay.ts';
import { sessionsOn, type WorkingCalendar } from '#analytics/time/workingCalendar.ts';
import type { DeskHours } from '#analytics/queue/forecast.ts';
import type { Visit } from '#analytics/queue/seen.ts';

export const ZONE: Zone = zoneOf('Asia/Ho_Chi_Minh');
export interface Process {
  seed: number; /** People an hour at an instant, and counters that serve then. */ arrivals: (minute: number, weekday: number, day: number) => number; counters: (minute: number, weekday: number, day: number) => number;
  /** Minutes of one service; the draw gives 0..1. */ service: (draw: () => number) => number;
}

export function drawOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
export const exponential = (mean: number) => (draw: () => number) => -Math.log(1 - draw()) * mean;

export function hoursOf(calendar: WorkingCalendar, unit: string): DeskHours {
  return {
    weekdayOf: (day) => (sessionsOn(calendar, unit, day).length === 0 ? null : weekday(day)), midnight: (day) => startOfDay(day, ZONE),
    sessionsOf: (day) => sessionsOn(calendar, unit, day).map((session) => ({ from: startOfDay(day, ZONE) + session.from * MINUTE, to: startOfDay(day, ZONE) + session.to * MINUTE })),
  };
}

/** Who came and when each was called, day by day. Counters do not call at noon; the last in line are served after closing. */
export function simulate(process: Process, hours: DeskHours, from: number, to: number): Map<number, Visit[]> {
  const made = new Map<number, Visit[]>();
  for (let day = from; day <= to; day += 1) {
    const draw = drawOf(process.seed * 100_003 + day);
    const sessions = hours.sessionsOf(day);
    const midnight = hours.midnight(day);
    const minuteOf = (at: number) => (at - midnight) / MINUTE;
    const visits: Visit[] = [];
    const free: number[] = [];
    for (const session of sessions) {
      // Thinning: candidates at the highest rate, kept by the rate of their minute.
      const highest = Math.max(...Array.from({ length: 48 }, (_, i) => process.arrivals(i * 30, weekday(day), day)));
      for (let at = session.from; ;) {
        at += exponential(HOUR / Math.max(highest, 1e-6))(draw);
        if (at >= session.to) break;
        if (draw() * highest > process.arrivals(minuteOf(at), weekday(day), day)) continue;
        visits.push({ issuedAt: at, waitedUntil: null, counter: null, lastAt: at });
      }
    }
    const worked = (at: number): number => { const inside = sessions.find((session) => at < session.to); return inside ? Math.max(at, inside.from) : at; };
    for (const visit of visits) {
      let at = visit.issuedAt;
      for (;;) {
        at = worked(at);
        const open = process.counters(minuteOf(at), weekday(day), day);
        while (free.length < open) free.push(at);
        let best = 0;
        for (let i = 1; i < Math.min(open, free.length); i += 1) if ((free[i] ?? 0) < (free[best] ?? 0)) best = i;
        const start = worked(Math.max(at, free[best] ?? at));
        // The number of counters may have changed until then.
        if (start > at && process.counters(minuteOf(start), weekday(day), day) !== open) { at = Math.min(start, at + 5 * MINUTE); continue; }
        const end = start + process.service(draw) * MINUTE;
        free[best] = end;
        Object.assign(visit, { waitedUntil: start, counter: String(best + 1), lastAt: end });
        break;
      }
    }
    if (visits.length > 0) made.set(day, visits);
  }
  return made;
}
export const dayAt = (text: string): number => dayOf(Date.parse(`${text}T12:00:00+07:00`), ZONE);
