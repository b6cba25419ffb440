/** How cameras are to be recorded, from the configuration: how long each is kept, and the working hours that nodes are told ahead. */
import { dayOf, MINUTE, type Zone } from '#analytics/time/localDay.ts';
import { workingSpans } from '#analytics/time/workingSpans.ts';
import type { Config } from '#config/schema.ts';
import type { CameraAssignment, RecordingHours } from '#contract/node.ts';
import type { CameraPosition } from '#contract/vocabulary.ts';

/** A node without its centre goes on by its hours for so long; then it records at all times. */
const DAYS_AHEAD = 42;
const GIGABYTE = 1e9;

export interface RecordingRules {
  keepOf(position: CameraPosition): NonNullable<CameraAssignment['keep']>;
  /** The name under which the hours of a unit stand in the orders: units without hours of their own share one. */
  nameOf(unit: string): string;
  hours(name: string, at: Date): RecordingHours;
}

export function recordingRules(config: Config, zone: Zone): RecordingRules {
  const { retentionDays, recordingKeep, recordingMarginMinutes } = config.centre;
  const kept = new Map<string, { day: number; hours: RecordingHours }>();
  return {
    keepOf(position) {
      const { days, gigabytes } = recordingKeep[position];
      return { days: days ?? retentionDays, bytes: gigabytes === null ? null : gigabytes * GIGABYTE };
    },
    nameOf: (unit) => (Object.hasOwn(config.calendar.unitSessions, unit) ? `unit ${unit}` : 'all'),
    hours(name, at) {
      // Anew each day, not each moment: the node writes its orders to disk when they change.
      const day = dayOf(at.getTime(), zone);
      const known = kept.get(name);
      if (known?.day === day) return known.hours;
      const from = at.getTime() - 86_400_000;
      const spans = workingSpans(config.calendar, zone, name === 'all' ? null : name.slice(5), from, DAYS_AHEAD + 1, recordingMarginMinutes * MINUTE);
      const hours: RecordingHours = { until: Math.floor((at.getTime() - at.getTime() % 86_400_000) / 1000) + DAYS_AHEAD * 86_400, spans: spans.map(([a, b]) => [a / 1000, b / 1000]) };
      kept.set(name, { day, hours });
      return hours;
    },
  };
}
