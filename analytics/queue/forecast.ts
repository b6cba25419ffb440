/**
 * How long a ticket drawn now will wait, and the queue of the next three hours, from the desk's own weeks.
 *
 * The guess of a wait is the queue-length estimator of queueing practice: those ahead, divided by the pace at which the
 * desk calls while somebody waits. Whitt (Management Science 45, 1999) shows what knowing the queue is worth; Ibrahim
 * and Whitt (M&SOM 11, 2009; POM 20, 2011) that it is the best of the simple ones while the pace is known, and that the
 * delay history (the wait of whoever was called last) is sturdier when the pace is not, but lags behind a queue that
 * grows or shrinks. A desk's pace is known only roughly, so three guesses are kept — queue length, last waits, the
 * usual of this quarter of the week — and combined as they would have served this desk (calibrate.ts).
 *
 *   pace   r = (c + k) / (b + k / r₀)       c calls in b busy minutes of late; r₀ the pace usual at this quarter, times
 *                                           the square root of the open counters over the usual ones
 *   level  g = (a + k) / (e + k)            a arrivals today, e those expected so far
 *   wait   w: the time in which the pace of the quarters ahead (noon and closing among them) calls n + ρ people
 *   queue  n' = max(0, n + g·λ − r)         a fluid approximation by quarters; what chance adds comes from the calibration
 *
 * Bands are what came in similar cases of the past, not a formula. Days are learned in their order, so each case knows
 * only what was known then. Holidays and days unlike any other (an outage, a flood) teach nothing.
 */
import { HOUR } from '../time/localDay.ts';
import { calibrate, type Band, type Calibration, type Case } from './calibrate.ts';
import { measure, type BackTest, type Judged } from './measure.ts';
import { openRhythm, QUARTERS, sumsOfDay, type QueueRhythm, type Slot, type Weekday } from './rhythm.ts';
import { countUpTo, isOpen, QUARTER, queueDay, seenAt, type QueueDay, type Seen, type Span, type Visit } from './seen.ts';

export const HISTORY_WEEKS = 8;
/** With less than this nothing is said. */
export const MINIMUM_DAYS = 5;
export const MINIMUM_TICKETS = 60;
export const BACK_TEST_DAYS = 14;
/** Three hours by quarters. */
export const AHEAD = 12;
/** What counts as little: of a wait, of people. */
const WAIT_SCALE = 60_000;
const PEOPLE_SCALE = 1;
const PRIOR_PACE = 6;
const PRIOR_LEVEL = 10;
/** How long today's pace outlasts the usual one. */
const PACE_LASTS = HOUR;
/** Tickets a day that are looked at as cases. */
const CASES_A_DAY = 60;
/** A desk may give out numbers so long before it opens. */
const BEFORE_OPENING = HOUR / 2;

/** The working calendar of one desk. `weekdayOf`: null on a holiday. Sessions as instants. */
export interface DeskHours { weekdayOf(day: number): Weekday | null; sessionsOf(day: number): readonly Span[]; midnight(day: number): number }
export type Reason = 'closed' | 'little_history' | 'closes_first';
export interface QueueModel { rhythm: QueueRhythm; hours: DeskHours; days: number; tickets: number; calibrations: Calibrations; /** Of the last 14 days, by what was known before them. */ backTest: BackTest | null; ahead: BackTest | null }
export interface ForecastSlot { from: number; to: number; open: boolean; arrivals: Band | null; waiting: Band | null; wait: Band | null }
export interface QueueForecast { wait: Band | null; reason: Reason | null; slots: ForecastSlot[] }

type Kind = 'now' | `wait${0 | 1 | 2}` | `waiting${0 | 1 | 2}` | 'arrivals';
const KINDS: readonly Kind[] = ['now', 'wait0', 'wait1', 'wait2', 'waiting0', 'waiting1', 'waiting2', 'arrivals'];
interface Row extends Case { day: number; kind: Kind; /** Quarters ahead; null for now. */ ahead: number | null; naive?: Judged['naive'] }
const hourAhead = (i: number) => Math.min(2, Math.floor(i / 4)) as 0 | 1 | 2;
type Calibrations = Record<Kind, Calibration | null>;
/** Where in the quarters ahead each calibration holds: that of now, and of each hour its middle. */
const ANCHORS: Record<'wait' | 'waiting', readonly (readonly [number, Kind])[]> = {
  wait: [[-0.5, 'now'], [1.5, 'wait0'], [5.5, 'wait1'], [9.5, 'wait2']], waiting: [[1.5, 'waiting0'], [5.5, 'waiting1'], [9.5, 'waiting2']],
};
/** Between two of them it goes over from one to the other, so that nothing jumps at the full hour. */
function bandAhead(of: Calibrations, what: 'wait' | 'waiting', i: number, x: readonly number[]): Band | null {
  const anchors = ANCHORS[what];
  const next = anchors.findIndex(([at]) => at >= i);
  const [after, before] = [anchors[next === -1 ? anchors.length - 1 : next], anchors[next === -1 ? anchors.length - 1 : Math.max(0, next - 1)]];
  const [near, far] = [before && of[before[1]]?.band(x), after && of[after[1]]?.band(x)];
  if (!before || !after || !near || !far) return null;
  const part = after[0] === before[0] ? 0 : (i - before[0]) / (after[0] - before[0]);
  const mix = (a: number, b: number) => a + (b - a) * part;
  return { p10: mix(near.p10, far.p10), p50: mix(near.p50, far.p50), p90: mix(near.p90, far.p90) };
}

interface Usual { slots: readonly Slot[]; sessions: readonly Span[]; midnight: number }
function usualOf(rhythm: QueueRhythm, hours: DeskHours, day: number, weekday: Weekday): Usual {
  const midnight = hours.midnight(day);
  const sessions = hours.sessionsOf(day);
  return { midnight, sessions, slots: rhythm.of(day, weekday, (q) => isOpen(sessions, midnight + (q + 0.5) * QUARTER)) };
}

/** What is guessed of a day from one of its instants. */
export function guessesAt({ slots, sessions, midnight }: Usual, seen: Seen, at: number) {
  const place = (instant: number) => Math.max(0, Math.min(QUARTERS - 1, Math.floor((instant - midnight) / QUARTER)));
  const slotAt = (instant: number) => slots[place(instant)] as Slot;
  const next = isOpen(sessions, at) ? at : sessions.find((session) => session.from > at)?.from ?? at;
  const here = slotAt(next);
  const counters = here.counters >= 0.5 && seen.counters > 0 ? Math.sqrt(Math.max(0.5, Math.min(2, seen.counters / here.counters))) : 1;
  const usualPace = here.rate * counters;
  const pace = usualPace > 0 ? (seen.calls + PRIOR_PACE) / (seen.busy + PRIOR_PACE / usualPace) / here.rate : 1;
  const rateAt = (instant: number) => slotAt(instant).rate * (1 + (pace - 1) * Math.exp(-Math.max(0, instant - at) / PACE_LASTS));

  let expected = 0;
  for (let q = 0; q <= place(at); q += 1) expected += (slots[q]?.arrivals ?? 0) * Math.min(1, Math.max(0, (at - midnight) / QUARTER - q));
  const level = (seen.arrivals + PRIOR_LEVEL) / (expected + PRIOR_LEVEL);
  const arrivals = (instant: number) => slotAt(instant).arrivals * level;
  const nextMark = (instant: number) => midnight + (Math.floor((instant - midnight) / QUARTER) + 1) * QUARTER;

  /** Null: the day ends first. */
  const wait = (ahead: number, from: number): number | null => {
    const load = slotAt(from).arrivals * level / QUARTER / Math.max(1e-9, rateAt(from));
    let left = ahead + Math.min(1, load);
    const end = midnight + QUARTERS * QUARTER;
    for (let instant = from; instant < end;) {
      const to = nextMark(instant);
      const can = rateAt(instant) * (to - instant);
      if (can >= left) return instant + left / rateAt(instant) - from;
      left -= can;
      instant = to;
    }
    return null;
  };
  /** People waiting at a later instant. */
  const queue = (until: number): number => {
    let n = seen.waiting;
    for (let instant = at; instant < until;) {
      const to = Math.min(until, nextMark(instant));
      n = Math.max(0, n + (arrivals(instant) * (to - instant)) / QUARTER - rateAt(instant) * (to - instant));
      instant = to;
    }
    return n;
  };
  const usualWait = (instant: number) => slotAt(instant).wait ?? 0;
  const last = seen.lastWait ?? usualWait(at);
  const perPerson = seen.lastPerPerson === null ? usualWait(at) : seen.lastPerPerson * (seen.waiting + 1);
  const late = Math.max(0, midnight + QUARTERS * QUARTER - at);
  return {
    last, usualWait, wait,
    /** The guesses from which each figure is combined. */
    now: () => [wait(seen.waiting, at) ?? late, perPerson, usualWait(at)],
    waitAt: (instant: number) => [wait(queue(instant), instant) ?? late, perPerson, usualWait(instant)],
    waitingAt: (instant: number) => [queue(instant), slotAt(instant).waiting, seen.waiting],
    arrivalsAt: (instant: number) => [arrivals(instant), slotAt(instant).arrivals],
  };
}

/** What a past day teaches: what would have been said, beside what came. */
function casesOf(day: number, past: QueueDay, usual: Usual, lastWeek: (quarter: number) => number | null): Row[] {
  const rows: Row[] = [];
  const { visits, issued } = past;
  const naive = (seen: Seen, last: number, instant: number, usualWait: number) => ({ lastWeek: lastWeek(Math.floor((instant - usual.midnight) / QUARTER)) ?? usualWait, dayAverage: seen.dayWait ?? usualWait, lastTicket: last });
  const step = Math.max(1, visits.length / CASES_A_DAY);
  for (let i = 0; i < visits.length; i += step) {
    const visit = visits[Math.floor(i)];
    if (!visit || visit.waitedUntil === null) continue;
    // Before the number itself was drawn.
    const at = visit.issuedAt - 1;
    const seen = seenAt(past, at);
    const guess = guessesAt(usual, seen, at);
    rows.push({ day, kind: 'now', ahead: null, x: guess.now(), y: Math.max(0, visit.waitedUntil - visit.issuedAt), naive: naive(seen, guess.last, at, guess.usualWait(at)) });
  }
  const marks = usual.sessions.flatMap((session) => Array.from({ length: Math.floor((session.to - session.from) / (2 * QUARTER)) }, (_, i) => session.from + 2 * i * QUARTER));
  for (const at of marks) {
    const seen = seenAt(past, at);
    const guess = guessesAt(usual, seen, at);
    for (let i = 0; i < AHEAD; i += 1) {
      const from = at + i * QUARTER;
      if (!isOpen(usual.sessions, from)) continue;
      const begin = countUpTo(issued, from - 1);
      const came = countUpTo(issued, from + QUARTER - 1) - begin;
      rows.push({ day, kind: 'arrivals', ahead: i, x: guess.arrivalsAt(from), y: came });
      rows.push({ day, kind: `waiting${hourAhead(i)}`, ahead: i, x: guess.waitingAt(from), y: seenAt(past, from).waiting });
      const visit = visits[begin];
      if (came > 0 && visit?.waitedUntil != null) rows.push({ day, kind: `wait${hourAhead(i)}`, ahead: i, x: guess.waitAt(from), y: Math.max(0, visit.waitedUntil - visit.issuedAt), naive: naive(seen, guess.last, from, guess.usualWait(from)) });
    }
  }
  return rows;
}

/** Whether a day is so far from its usual number of tickets that it says nothing of other days. */
const isUnusual = (tickets: number, usual: number | null) => usual !== null && usual >= 8 && (tickets < usual / 4 || tickets > usual * 4);

/** From the tickets of past days, today not among them; null with what is there when it is too little. */
export function learnQueue(history: ReadonlyMap<number, readonly Visit[]>, today: number, hours: DeskHours): QueueModel | { days: number; tickets: number } {
  const first = Math.max(today - HISTORY_WEEKS * 7, Math.min(today, ...history.keys()));
  const rhythm = openRhythm();
  const sums = new Map<number, ReturnType<typeof sumsOfDay>>();
  const rows: Row[] = [];
  let [days, tickets, odd] = [0, 0, 0];
  for (let day = first; day < today; day += 1) {
    const weekday = hours.weekdayOf(day);
    const sessions = hours.sessionsOf(day);
    const visits = history.get(day) ?? [];
    if (weekday === null || sessions.length === 0) continue;
    // A third such day in a row is a new usual.
    odd = isUnusual(visits.length, days >= MINIMUM_DAYS ? rhythm.dayTotal(weekday) : null) ? odd + 1 : 0;
    if (odd > 0 && odd < 3) continue;
    const past = queueDay(visits, sessions);
    const usual = usualOf(rhythm, hours, day, weekday);
    const before = sums.get(day - 7);
    if (days >= MINIMUM_DAYS) rows.push(...casesOf(day, past, usual, (q) => (before && (before.waits[q] ?? 0) > 0 ? (before.waitSum[q] ?? 0) / (before.waits[q] ?? 1) : null)));
    const mine = sumsOfDay(past, usual.midnight);
    sums.set(day, mine);
    rhythm.learn(day, weekday, mine);
    if (visits.length > 0) days += 1;
    tickets += visits.length;
  }
  if (days < MINIMUM_DAYS || tickets < MINIMUM_TICKETS) return { days, tickets };
  const fitted = (from: readonly Row[]) => Object.fromEntries(KINDS.map((kind) => [kind, calibrate(from.filter((row) => row.kind === kind), kind === 'now' || /^wait\d/.test(kind) ? WAIT_SCALE : PEOPLE_SCALE)])) as Calibrations;
  const border = today - BACK_TEST_DAYS;
  const blind = fitted(rows.filter((row) => row.day < border));
  const judged = (kinds: readonly Kind[]): Judged[] => rows.flatMap((row) => {
    if (row.day < border || !kinds.includes(row.kind)) return [];
    const band = row.ahead === null ? blind.now?.band(row.x) : bandAhead(blind, 'wait', row.ahead, row.x);
    return band && row.naive ? [{ day: row.day, band, actual: row.y, naive: row.naive }] : [];
  });
  return { rhythm, hours, days, tickets, calibrations: fitted(rows), backTest: measure(judged(['now'])), ahead: measure(judged(['wait0', 'wait1', 'wait2'])) };
}

/** `tickets`: those of today. */
export function forecastQueue(model: QueueModel, tickets: readonly Visit[], at: number, today: number): QueueForecast {
  const { rhythm, hours, calibrations } = model;
  const sessions = hours.sessionsOf(today);
  const past = queueDay(tickets, sessions);
  const seen = seenAt(past, at);
  const usual = usualOf(rhythm, hours, today, hours.weekdayOf(today) ?? 7);
  const guess = guessesAt(usual, seen, at);
  const first = sessions[0];
  const closing = sessions[sessions.length - 1]?.to ?? -Infinity;
  const inHours = first !== undefined && at >= first.from - BEFORE_OPENING && at < closing;
  // Out of hours, but numbers are given out and called: it is open, whatever the calendar says.
  const working = inHours || (seen.counters > 0 && (past.issued[seen.arrivals - 1] ?? -Infinity) > at - HOUR / 2);

  let reason: Reason | null = working ? null : 'closed';
  let wait: Band | null = null;
  if (working) {
    // Out of hours there is no usual pace: the last waits are all there is.
    const x = inHours ? guess.now() : [guess.last, guess.last, guess.last];
    if (inHours && (guess.wait(seen.waiting, at) ?? Infinity) > closing + HOUR / 2 - at) reason = 'closes_first';
    else if (!calibrations.now) reason = 'little_history';
    else wait = calibrations.now.band(x);
  }
  const begin = usual.midnight + Math.ceil((at - usual.midnight) / QUARTER) * QUARTER;
  const slots = Array.from({ length: AHEAD }, (_, i): ForecastSlot => {
    const from = begin + i * QUARTER;
    if (!isOpen(sessions, from)) return { from, to: from + QUARTER, open: false, arrivals: null, waiting: null, wait: null };
    return {
      from, to: from + QUARTER, open: true, arrivals: calibrations.arrivals?.band(guess.arrivalsAt(from)) ?? null,
      waiting: bandAhead(calibrations, 'waiting', i, guess.waitingAt(from)),
      wait: guess.wait(0, from) === null ? null : bandAhead(calibrations, 'wait', i, guess.waitAt(from)),
    };
  });
  return { wait, reason, slots };
}
