/** Day closes, and who reports: what a source tells of its day, and how every unit stands. */
import { z } from 'zod';
import { unitCode } from './events.ts';

const told = z.int().min(0).max(1_000_000_000);

/** The source's own counts of one unit (itself, without what is under it) on one day of the centre's zone. */
export const dayClose = z.strictObject({
  unit: unitCode,
  day: z.iso.date(),
  /** `pending`: what it has open at the end of the day. What the source does not count is left out. */
  counts: z.strictObject({ received: told.optional(), resolved: told.optional(), pending: told.optional() })
    .refine((counts) => Object.values(counts).some((one) => one !== undefined), { message: 'at least one of received, resolved, pending' }),
}).meta({ id: 'DayClose' });
export type DayCloseBody = z.infer<typeof dayClose>;

const dayCounts = z.object({ received: z.int(), resolved: z.int(), pending: z.int() });
const toldCounts = dayCounts.partial();

export const dayCloseResult = z.object({
  unit: z.string(), day: z.string(), matches: z.boolean(), ours: dayCounts, theirs: toldCounts,
  /** Ours less theirs, where the two differ. */
  differences: toldCounts,
}).meta({ id: 'DayCloseResult' });
export type DayCloseResult = z.infer<typeof dayCloseResult>;

/** For an array: each result with its place; what was refused beside them. */
export const dayCloseResults = z.object({
  results: z.array(dayCloseResult.extend({ index: z.int() })),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), message: z.string() })),
}).meta({ id: 'DayCloseResults' });
export type DayCloseResults = z.infer<typeof dayCloseResults>;

export const closedDay = z.object({
  unit: z.string(), unitName: z.string(), day: z.string(),
  /** `closed`: all sources agree with us. `reopened`: late events changed our counts. `mismatch`: never agreed, or the source changed its own. */
  state: z.enum(['closed', 'reopened', 'mismatch']), matches: z.boolean(), ours: dayCounts,
  /** Of the source that differs, or of the one that told last. */
  theirs: toldCounts, differences: toldCounts,
  closedAt: z.string().nullable(), reopenedAt: z.string().nullable(),
  /** Events that came since it was opened again; all that came after a close; how often it was opened again. */
  lateEvents: z.int(), lateTotal: z.int(), reopenings: z.int(),
  /** Each source's newest counts; `times`: how often it told other ones. */
  sources: z.array(z.object({ key: z.string(), name: z.string(), at: z.string(), theirs: toldCounts, differences: toldCounts, times: z.int() })),
  simulated: z.boolean(),
}).meta({ id: 'ClosedDay' });
export type ClosedDay = z.infer<typeof closedDay>;

export const closedDaysAnswer = z.object({ unit: z.string(), from: z.string(), to: z.string(), total: z.int(), days: z.array(closedDay) }).meta({ id: 'ClosedDays' });

export const coverageRow = z.object({
  unit: z.string(), unitName: z.string(), level: z.string(),
  state: z.enum(['reporting', 'silent', 'never']),
  lastEventAt: z.string().nullable(),
  /** Working minutes since then. */
  silentMinutes: z.number().nullable(),
  /** By its own rhythm: events a week, those that should have come since the last one, and the chance that none did. Null without a rhythm. */
  rhythm: z.object({ eventsPerWeek: z.number(), expected: z.number(), chance: z.number() }).nullable(),
  /** Of the last 30 days. `mismatches`: not closed now, the reopened among them. */
  closedDays: z.int(), reopenedDays: z.int(), mismatches: z.int(), lastClosedDay: z.string().nullable(),
  simulated: z.boolean(),
}).meta({ id: 'CoverageRow' });
export type CoverageRow = z.infer<typeof coverageRow>;

export const coverageAnswer = z.object({
  unit: z.string(), asOf: z.string(),
  /** As on the wall: sent anything within seven days, of all that should. */
  coverage: z.object({ reporting: z.int(), expected: z.int() }),
  units: z.array(coverageRow),
}).meta({ id: 'Coverage' });
export type CoverageAnswer = z.infer<typeof coverageAnswer>;
