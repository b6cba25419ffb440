/** One day of a desk's queue: who was issued and called when, and what could be seen of it at an instant. */
import { MINUTE } from '../time/localDay.ts';

export const QUARTER = 15 * MINUTE;
/** How far back the pace of calling is looked at. */
const RECENT = 45 * MINUTE;
/** A counter that called or served within this time is open: the rule of the queue's live figures. */
const COUNTER_OPEN = 30 * MINUTE;

/** A ticket with its issue known. Instants in milliseconds. */
export interface Visit { issuedAt: number; waitedUntil: number | null; counter: string | null; lastAt: number }
export interface Span { from: number; to: number }
export interface Call { at: number; wait: number; /** Who waited when its number was drawn, itself among them. */ line: number; counter: string | null; lastAt: number; /** Somebody was still waiting after it: the time to the next call says how fast the desk can call. */ more: boolean }
export interface QueueDay { visits: readonly Visit[]; issued: readonly number[]; calls: readonly Call[]; sessions: readonly Span[] }

export interface Seen {
  waiting: number;
  /** Calls within the last 45 working minutes that followed another while somebody waited, and that time, the time since the last call among it. */
  calls: number; busy: number;
  /** The mean wait of the last three called; null before the first call within two hours. */
  lastWait: number | null;
  /** The same, for each in the line that they had before them, themselves among it. */
  lastPerPerson: number | null;
  /** The mean wait of all called today; null before the first. */
  dayWait: number | null;
  counters: number; arrivals: number;
}

/** `sessions`: the working time of that day, in order. */
export function queueDay(tickets: readonly Visit[], sessions: readonly Span[]): QueueDay {
  const visits = [...tickets].sort((a, b) => a.issuedAt - b.issuedAt);
  const issued = visits.map((visit) => visit.issuedAt);
  const called = visits.flatMap((visit) => (visit.waitedUntil === null ? [] : [{ at: Math.max(visit.issuedAt, visit.waitedUntil), issuedAt: visit.issuedAt, wait: Math.max(0, visit.waitedUntil - visit.issuedAt), counter: visit.counter, lastAt: visit.lastAt }])).sort((a, b) => a.at - b.at);
  const ends = called.map((call) => call.at);
  let seen = 0;
  const calls = called.map((call, i) => {
    while (seen < issued.length && (issued[seen] ?? Infinity) <= call.at) seen += 1;
    return { ...call, more: seen - (i + 1) > 0, line: Math.max(1, countUpTo(issued, call.issuedAt) - countUpTo(ends, call.issuedAt)) };
  });
  return { visits, issued, calls, sessions };
}

/** How many of a sorted list are at most `limit`. */
export function countUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) { const middle = (low + high) >> 1; if ((sorted[middle] ?? 0) <= limit) low = middle + 1; else high = middle; }
  return low;
}

/** Working time between two instants of the day. */
const within = (sessions: readonly Span[], from: number, to: number) => sessions.reduce((sum, session) => sum + Math.max(0, Math.min(to, session.to) - Math.max(from, session.from)), 0);
export const isOpen = (sessions: readonly Span[], at: number): boolean => sessions.some((session) => at >= session.from && at < session.to);

/** Counters with a sign of life lately, of those that called until then. */
export function countersAt(called: readonly Call[], at: number): number {
  const open = new Set<string>();
  for (const call of called) if (call.counter !== null && Math.min(call.lastAt, at) > at - COUNTER_OPEN) open.add(call.counter);
  return open.size;
}

/** Nothing that happened after `at` is looked at. */
export function seenAt(day: QueueDay, at: number): Seen {
  const { issued, calls, sessions } = day;
  const arrivals = countUpTo(issued, at);
  let done = calls.length;
  while (done > 0 && (calls[done - 1]?.at ?? 0) > at) done -= 1;
  const waiting = arrivals - done;
  // Outside of its hours (a desk that works through the noon) the clock itself is the measure.
  const measure = (from: number, to: number) => (isOpen(sessions, at) ? within(sessions, from, to) : Math.max(0, to - from));
  let [pace, busy] = [0, 0];
  if (waiting > 0) busy += measure(Math.max(at - RECENT, calls[done - 1]?.at ?? issued[0] ?? at), at);
  for (let i = done - 1; i > 0 && busy < RECENT; i -= 1) {
    const [before, call] = [calls[i - 1], calls[i]];
    if (!before || !call || at - call.at > 2 * RECENT) break;
    if (before.more) { pace += 1; busy += measure(before.at, call.at); }
  }
  const last = calls.slice(Math.max(0, done - 3), done).filter((call) => at - call.at < 120 * MINUTE);
  let sum = 0;
  for (let i = 0; i < done; i += 1) sum += calls[i]?.wait ?? 0;
  return {
    waiting, calls: pace, busy, arrivals, counters: countersAt(calls.slice(0, done), at),
    lastPerPerson: last.length > 0 ? last.reduce((total, call) => total + call.wait, 0) / last.reduce((total, call) => total + call.line, 0) : null,
    lastWait: last.length > 0 ? last.reduce((total, call) => total + call.wait, 0) / last.length : null, dayWait: done > 0 ? sum / done : null,
  };
}
