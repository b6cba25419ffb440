/** Working time as spans of instants, for whoever has no calendar of its own. */
import { MINUTE, dayOf, startOfDay, type Zone } from './localDay.ts';
import { sessionsOn, type WorkingCalendar } from './workingCalendar.ts';

/** The sessions of `days` local days from that of `from` on, each wider by `margin` at both ends; what then touches is one. In milliseconds, in order. */
export function workingSpans(calendar: WorkingCalendar, zone: Zone, unit: string | null, from: number, days: number, margin: number): [number, number][] {
  const spans: [number, number][] = [];
  for (let day = dayOf(from, zone), end = day + days; day < end; day += 1) {
    const midnight = startOfDay(day, zone);
    for (const session of sessionsOn(calendar, unit, day)) {
      const span: [number, number] = [midnight + session.from * MINUTE - margin, midnight + session.to * MINUTE + margin];
      const last = spans.at(-1);
      if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
      else spans.push(span);
    }
  }
  return spans;
}
