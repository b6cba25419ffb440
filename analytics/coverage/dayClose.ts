/**
 * The day close: the source's own counts of a day against ours. A day is closed while every source that closed it counts
 * as we do. What changes our counts afterwards opens it again, with a mark, until the two agree. Proof:
 * test/analytics/dayClose.test.ts.
 */
export const CLOSED_COUNTS = ['received', 'resolved', 'pending'] as const;
export type ClosedCount = (typeof CLOSED_COUNTS)[number];
export type DayCounts = Readonly<Record<ClosedCount, number>>;
/** What a source told; what it does not count is left out and not compared. */
export type ToldCounts = Readonly<Partial<Record<ClosedCount, number | undefined>>>;
export type Differences = Partial<Record<ClosedCount, number>>;

/** Ours less theirs, where the two differ. */
export function differences(ours: DayCounts, theirs: ToldCounts): Differences {
  const found: Differences = {};
  for (const name of CLOSED_COUNTS) {
    const told = theirs[name];
    if (told !== undefined && told !== ours[name]) found[name] = ours[name] - told;
  }
  return found;
}

/** The largest of them, without its sign. */
export const farthest = (found: Differences): number => Math.max(0, ...Object.values(found).map(Math.abs));

/** What the counters of one unit and day hold; `entered − left` sums up to what is pending. */
export interface CountedDay { day: number; received: number; resolved: number; change: number }

/** Our counts at the end of each of these days, from all that was counted before and on them. */
export function countsAtEnd(counted: readonly CountedDay[], days: readonly number[]): Map<number, DayCounts> {
  const inOrder = [...counted].sort((a, b) => a.day - b.day);
  const ends = new Map<number, DayCounts>();
  let next = 0;
  let pending = 0;
  for (const day of [...new Set(days)].sort((a, b) => a - b)) {
    let received = 0;
    let resolved = 0;
    for (let one = inOrder[next]; one !== undefined && one.day <= day; one = inOrder[++next]) {
      pending += one.change;
      if (one.day === day) { received += one.received; resolved += one.resolved; }
    }
    ends.set(day, { received, resolved, pending });
  }
  return ends;
}

/** What new events of one dossier changed in one unit. */
export interface Move { events: number; days: readonly CountedDay[] }

/** How many of the events changed what was told of a day: what is counted on it, or what is still pending at its end. */
export function lateEvents(moves: readonly Move[], day: number, told: readonly ClosedCount[]): number {
  let events = 0;
  for (const move of moves) {
    let received = 0;
    let resolved = 0;
    let pending = 0;
    for (const one of move.days) {
      if (one.day > day) continue;
      pending += one.change;
      if (one.day === day) { received += one.received; resolved += one.resolved; }
    }
    const changed: DayCounts = { received, resolved, pending };
    if (told.some((name) => changed[name] !== 0)) events += move.events;
  }
  return events;
}

export interface DayState {
  matches: boolean;
  /** Since when it agrees, or when it last came to; null when it never did. Milliseconds, as all instants. */
  closedAt: number | null;
  /** Since when it stands open again because of late events, and how many came since. */
  reopenedAt: number | null; lateEvents: number;
  /** All late events that it ever saw, and how often it was opened again. */
  lateTotal: number; reopenings: number;
}
export type DayStanding = 'closed' | 'reopened' | 'mismatch';

export const standing = (state: Pick<DayState, 'matches' | 'reopenedAt'>): DayStanding => (state.matches ? 'closed' : state.reopenedAt === null ? 'mismatch' : 'reopened');

/** After a comparison: `late` events changed our counts since the last one (none when a source closed the day anew). */
export function nextDayState(before: DayState | null, matches: boolean, late: number, at: number): DayState {
  const lateTotal = (before?.lateTotal ?? 0) + late;
  const reopenings = before?.reopenings ?? 0;
  if (matches) return { matches, closedAt: before?.matches ? before.closedAt : at, reopenedAt: null, lateEvents: 0, lateTotal, reopenings };
  const reopens = (before?.reopenedAt ?? null) === null && late > 0;
  return { matches, closedAt: before?.closedAt ?? null, reopenedAt: reopens ? at : before?.reopenedAt ?? null, lateEvents: (before?.lateEvents ?? 0) + late, lateTotal, reopenings: reopenings + (reopens ? 1 : 0) };
}
