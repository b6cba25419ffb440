/**
 * The week of one desk's queue by quarter of an hour: how many come, how long they wait, how many wait, how fast the
 * desk calls while somebody waits, with how many counters.
 */
import { HOUR } from '../time/localDay.ts';
import { countersAt, QUARTER, type QueueDay } from './seen.ts';

export const QUARTERS = 96;
/** A day counts half as much as one three weeks younger. */
const HALF_LIFE_DAYS = 21;
/** Where a quarter was seen rarely, it leans on the same quarter of all weekdays, as if that were so many weeks … */
const PRIOR_WEEKS = 2;
/** … tickets … */
const PRIOR_WAITS = 6;
/** … or calls of its own. */
const PRIOR_CALLS = 8;
/** Before anything was seen to be called: one call in five minutes. */
const FIRST_RATE = 12 / HOUR;

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;
const MEASURES = ['arrivals', 'waits', 'waitSum', 'waiting', 'calls', 'busy', 'counters'] as const;
type Measure = (typeof MEASURES)[number];
type Sums = Record<Measure, Float64Array>;
/** `rate`: calls per millisecond while somebody waits. `wait` in milliseconds, null while none was ever seen. */
export interface Slot { arrivals: number; wait: number | null; waiting: number; rate: number; counters: number }

const empty = (length: number): Sums => Object.fromEntries(MEASURES.map((name) => [name, new Float64Array(length)])) as Sums;
const at = (list: Float64Array, i: number) => list[i] ?? 0;
/** The neighbours of a quarter weigh half: five weeks are too few for a smooth day. */
const smooth = (list: Float64Array, q: number) => at(list, q) + (at(list, Math.max(0, q - 1)) + at(list, Math.min(QUARTERS - 1, q + 1))) / 2;

export function sumsOfDay(day: QueueDay, midnight: number): Sums {
  const sums = empty(QUARTERS);
  const add = (name: Measure, q: number, amount: number) => { const list = sums[name]; if (q >= 0 && q < QUARTERS) list[q] = at(list, q) + amount; };
  const quarterOf = (instant: number) => Math.floor((instant - midnight) / QUARTER);
  for (const visit of day.visits) {
    const q = quarterOf(visit.issuedAt);
    add('arrivals', q, 1);
    if (visit.waitedUntil !== null) { add('waits', q, 1); add('waitSum', q, Math.max(0, visit.waitedUntil - visit.issuedAt)); }
  }
  day.calls.forEach((call, i) => {
    const next = day.calls[i + 1];
    if (!call.more || !next) return;
    add('calls', quarterOf(next.at), 1);
    for (let from = call.at; from < next.at;) { const to = Math.min(next.at, midnight + (quarterOf(from) + 1) * QUARTER); add('busy', quarterOf(from), to - from); from = to; }
  });
  let [issued, called] = [0, 0];
  for (let q = 0; q < QUARTERS; q += 1) {
    const start = midnight + q * QUARTER;
    while (issued < day.issued.length && (day.issued[issued] ?? 0) <= start) issued += 1;
    while (called < day.calls.length && (day.calls[called]?.at ?? 0) <= start) called += 1;
    add('waiting', q, issued - called);
    add('counters', q, countersAt(day.calls.slice(0, called), start));
  }
  return sums;
}

export interface QueueRhythm {
  /** Days are learned in their order. */
  learn(day: number, weekday: Weekday, sums: Sums): void;
  /** The 96 quarters of a day. `open`: whether the desk works then; outside of it nothing is expected but what was seen. */
  of(day: number, weekday: Weekday, open: (quarter: number) => boolean): Slot[];
  /** Tickets of such a day; null before any was seen. */
  dayTotal(weekday: Weekday): number | null;
}

export function openRhythm(): QueueRhythm {
  const own = new Map<Weekday, { weight: number; total: number; sums: Sums }>();
  const all = { weight: 0, total: 0, sums: empty(QUARTERS) };
  let first: number | null = null;
  // Later days weigh more, instead of all earlier ones being made lighter each day.
  const weightOf = (day: number) => 2 ** ((day - (first ?? day)) / HALF_LIFE_DAYS);
  let newest = 1;
  const totalOf = (weekday: Weekday) => {
    const mine = own.get(weekday);
    const mean = all.weight > 0 ? all.total / all.weight : 0;
    return ((mine?.total ?? 0) + PRIOR_WEEKS * newest * mean) / ((mine?.weight ?? 0) + PRIOR_WEEKS * newest);
  };
  return {
    learn(day, weekday, sums) {
      first ??= day;
      const weight = weightOf(day);
      newest = weight;
      const mine = own.get(weekday) ?? { weight: 0, total: 0, sums: empty(QUARTERS) };
      own.set(weekday, mine);
      for (const into of [mine, all]) {
        into.weight += weight;
        for (const name of MEASURES) for (let q = 0; q < QUARTERS; q += 1) { const amount = at(sums[name], q) * weight; into.sums[name][q] = at(into.sums[name], q) + amount; if (name === 'arrivals') into.total += amount; }
      }
    },
    of(day, weekday, open) {
      const now = Math.max(newest, weightOf(day));
      const [weeks, waits, calls] = [PRIOR_WEEKS * now, PRIOR_WAITS * now, PRIOR_CALLS * now];
      const mine = own.get(weekday);
      const sum = (list: Float64Array) => list.reduce((total, value) => total + value, 0);
      const level = all.total > 0 ? totalOf(weekday) / (all.total / all.weight) : 1;
      const meanWait = sum(all.sums.waits) > 0 ? sum(all.sums.waitSum) / sum(all.sums.waits) : null;
      const meanRate = (sum(all.sums.calls) + calls) / (sum(all.sums.busy) + calls / FIRST_RATE);
      return Array.from({ length: QUARTERS }, (_, q) => {
        const s = (name: Measure) => (mine ? at(mine.sums[name], q) : 0);
        const weight = mine?.weight ?? 0;
        const usual = (name: Measure) => (all.weight > 0 ? smooth(all.sums[name], q) / 2 / all.weight : 0);
        const waitHere = meanWait === null ? null : (smooth(all.sums.waitSum, q) + waits * meanWait) / (smooth(all.sums.waits, q) + waits);
        const rateHere = (smooth(all.sums.calls, q) + calls) / (smooth(all.sums.busy, q) + calls / meanRate);
        return {
          arrivals: (s('arrivals') + weeks * level * usual('arrivals')) / (weight + weeks), waiting: (s('waiting') + weeks * usual('waiting')) / (weight + weeks), counters: (s('counters') + weeks * usual('counters')) / (weight + weeks),
          wait: waitHere === null ? null : (s('waitSum') + waits * waitHere) / (s('waits') + waits),
          // At noon and after hours a desk calls as it was seen to, not as by day.
          rate: open(q) ? (s('calls') + calls) / (s('busy') + calls / rateHere) : at(all.sums.calls, q) / (at(all.sums.busy, q) + PRIOR_WEEKS * now * QUARTER),
        };
      });
    },
    dayTotal: (weekday) => (all.weight > 0 ? totalOf(weekday) : null),
  };
}
