/**
 * The calendars by which deadlines are reckoned. Each that was ever in use is kept in the database under a number; a dossier
 * keeps the number of the one that its deadline was counted by, until `recompute-deadlines` takes it to another
 * (docs/design/deadlines.md). Without this, the next event of a dossier would move its deadline to a corrected calendar and nobody would know.
 */
import { createHash } from 'node:crypto';
import type { ClockRules } from '#analytics/dossier/fold.ts';
import { deadline, type CountingRule } from '#analytics/time/deadline.ts';
import type { Zone } from '#analytics/time/localDay.ts';
import { addWorking, workingBetween, type SpecialDay, type WeekSessions } from '#analytics/time/workingCalendar.ts';
import type { Config } from '#config/schema.ts';
import type { Queryable } from '../database/pool.ts';

/** All that a deadline depends on, and nothing else: a day's name or source may be mended without anybody's deadline being in question. */
export interface CalendarContent { counting: CountingRule; sessions: WeekSessions; unitSessions: Record<string, WeekSessions>; days: Record<string, SpecialDay['kind']>; procedures: Record<string, number> }

const sorted = <T>(entries: [string, T][]): Record<string, T> => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));

export function contentOf(config: Config): CalendarContent {
  const { calendar } = config;
  return {
    counting: calendar.counting, sessions: calendar.sessions, unitSessions: sorted(Object.entries(calendar.unitSessions)),
    days: sorted(Object.entries(calendar.days).map(([day, { kind }]) => [day, kind])), procedures: sorted(config.procedures.map(({ code, workingDays }) => [code, workingDays])),
  };
}

export const fingerprintOf = (content: CalendarContent): string => createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);

export function clockFrom(content: CalendarContent, zone: Zone, goesOn?: ClockRules['goesOn']): ClockRules {
  const calendar = { sessions: content.sessions, unitSessions: content.unitSessions, days: Object.fromEntries(Object.entries(content.days).map(([day, kind]) => [day, { kind }])) };
  const procedures = new Map(Object.entries(content.procedures));
  return {
    ...(goesOn ? { goesOn } : {}),
    deadline: (unit, code, receivedAt) => { const days = code === null ? undefined : procedures.get(code); return days === undefined ? null : deadline(calendar, zone, unit, receivedAt, days, content.counting); },
    workingBetween: (unit, from, to) => workingBetween(calendar, zone, unit, from, to),
    addWorking: (unit, from, amount) => addWorking(calendar, zone, unit, from, amount),
  };
}

export type ClockOf = (calendar: number) => ClockRules;
export interface Calendars {
  /** The number of the calendar that is configured. */
  readonly current: number;
  /** The clocks of these numbers; what another process has kept meanwhile is read. */
  clocks(connection: Queryable, wanted: Iterable<number>): Promise<ClockOf>;
}
interface Rules { zone: Zone; clock: ClockRules; content: CalendarContent }

/** Every calendar that is kept; what names one that is not is reckoned by the one configured. */
export async function readClocks(connection: Queryable, rules: Rules): Promise<ClockOf> {
  const known = new Map<number, ClockRules>();
  const found = await connection.query<{ id: number; content: CalendarContent }>('SELECT id, content FROM calendars');
  for (const { id, content } of found.rows) known.set(id, clockFrom(content, rules.zone, rules.clock.goesOn));
  return (id) => known.get(id) ?? rules.clock;
}

/** The days that the shipped calendar lacked until calendars were kept: what was counted before was counted without them. */
const LACKED = [
  '2018-09-03', '2018-12-31', '2019-01-05', '2019-04-29', '2019-05-04', '2021-05-03', '2022-01-03', '2022-05-02', '2022-05-03', '2023-01-02', '2023-04-29', '2023-05-03', '2023-09-04',
  '2025-04-26', '2025-05-02', '2026-08-22', '2026-08-31', '2027-05-03',
];

/** A database with dossiers from before calendars were kept: theirs is the first, so that they show as reckoned by another one. */
async function keepThatOfBefore(database: Queryable, { content }: Rules, now: Date): Promise<void> {
  const before: CalendarContent = { ...content, days: Object.fromEntries(Object.entries(content.days).filter(([day]) => !LACKED.includes(day))) };
  await database.query(
    'INSERT INTO calendars (id, fingerprint, content, first_used_at) SELECT 1, $1, $2, $3 WHERE NOT EXISTS (SELECT FROM calendars) AND EXISTS (SELECT FROM dossiers) ON CONFLICT DO NOTHING', [fingerprintOf(before), JSON.stringify(before), now]);
}

/** Keeps the configured calendar, if it is a new one. */
export async function openCalendars(database: Queryable, rules: Rules, now: Date): Promise<Calendars> {
  await keepThatOfBefore(database, rules, now);
  const fingerprint = fingerprintOf(rules.content);
  // Two that come at once: the second finds the first one's row.
  await database.query(
    'INSERT INTO calendars (id, fingerprint, content, first_used_at) SELECT coalesce(max(id), 0) + 1, $1, $2, $3 FROM calendars HAVING NOT EXISTS (SELECT FROM calendars WHERE fingerprint = $1) ON CONFLICT DO NOTHING', [fingerprint, JSON.stringify(rules.content), now]);
  const current = (await database.query<{ id: number }>('SELECT id FROM calendars WHERE fingerprint = $1', [fingerprint])).rows[0]?.id;
  if (current === undefined) throw new Error('another program keeps a calendar at this moment; start again');
  const known = new Map<number, ClockRules>([[current, rules.clock]]);
  return {
    current,
    async clocks(connection, wanted) {
      const missing = [...new Set(wanted)].filter((id) => !known.has(id));
      if (missing.length > 0) {
        const found = await connection.query<{ id: number; content: CalendarContent }>('SELECT id, content FROM calendars WHERE id = ANY($1)', [missing]);
        for (const { id, content } of found.rows) known.set(id, clockFrom(content, rules.zone, rules.clock.goesOn));
      }
      return (id) => known.get(id) ?? rules.clock;
    },
  };
}
