/**
 * The forecasts of all desks: what each learned of its weeks, made anew now and then and kept in memory, and what is
 * said of now, once a minute. A question never reads more than the tickets of one desk and day.
 */
import { setImmediate as others } from 'node:timers/promises';
import { forecastQueue, HISTORY_WEEKS, learnQueue, MINIMUM_DAYS, MINIMUM_TICKETS, type DeskHours, type QueueForecast, type QueueModel } from '#analytics/queue/forecast.ts';
import { QUARTER, queueDay, seenAt } from '#analytics/queue/seen.ts';
import type { Band } from '#analytics/queue/calibrate.ts';
import { dayOf, dayText, HOUR, MINUTE, startOfDay, weekday, type Zone } from '#analytics/time/localDay.ts';
import { sessionsOn, type WorkingCalendar } from '#analytics/time/workingCalendar.ts';
import type { DeskForecast, ForecastAccuracy, ForecastBand } from '#contract/forecast.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';
import { accuracyOf, keepForecasts, pruneForecasts, settleForecasts } from './kept.ts';
import { ticketsOf, type DayTickets } from './tickets.ts';

/** A desk without a ticket for so long has no queue. */
const HEARD_OF_DAYS = 7;
/** What was learned is learned anew on a new day, after so long (late data), and sooner where it was too little. */
const LEARNED_LASTS = 6 * HOUR;
const LITTLE_LASTS = 5 * MINUTE;
/** At most so many desks learn in one round. */
const LEARN_AT_ONCE = 60;
/** Older than this is not shown as what holds now. */
const FRESH = 3 * MINUTE;

interface Learned { model: QueueModel | null; days: number; tickets: number; noShowShare: number | null; simulated: boolean; day: number; at: number }
export interface DeskNow { unit: string; at: number; waiting: number; openCounters: number; wait: ForecastBand | null; reason: DeskForecast['reason']; accuracy: ForecastAccuracy | null; simulated: boolean }
export interface Forecasts {
  /** One round: learns what is due, forecasts every desk of today, keeps and settles. */
  refresh(): Promise<void>;
  /** Null for a unit without a queue. */
  desk(unit: string): Promise<DeskForecast | null>;
  /** Desks with tickets today, as of the last round. */
  now(): readonly DeskNow[];
  /** Seconds that a ticket drawn now is expected to wait; null where nothing fresh is known. */
  expectedWait(unit: string): number | null;
}
export interface ForecastParts { database: Queryable; units: Units; calendar: WorkingCalendar; zone: Zone; now: () => Date }

export function openForecasts({ database, units, calendar, zone, now }: ForecastParts): Forecasts {
  const learned = new Map<string, Learned>();
  let said = new Map<string, DeskNow>();
  /** Of all desks: changes by the quarter of an hour only. */
  let accuracy: Awaited<ReturnType<typeof accuracyOf>> = new Map();
  let keptMark = 0;
  let prunedOn = 0;

  const hoursOf = (unit: string): DeskHours => ({
    weekdayOf(day) { const special = calendar.days[dayText(day)]; return special === undefined ? weekday(day) : special.kind === 'makeup' ? 1 : null; },
    midnight: (day) => startOfDay(day, zone),
    sessionsOf: (day) => { const midnight = startOfDay(day, zone); return sessionsOn(calendar, unit, day).map((session) => ({ from: midnight + session.from * MINUTE, to: midnight + session.to * MINUTE })); },
  });

  async function learn(unit: string, today: number, at: number): Promise<Learned> {
    const past = (await ticketsOf(database, [unit], Array.from({ length: HISTORY_WEEKS * 7 }, (_, i) => today - i - 1))).get(unit) ?? new Map<number, DayTickets>();
    const days = [...past.values()];
    const sum = (of: (day: DayTickets) => number) => days.reduce((total, day) => total + of(day), 0);
    const ended = sum((day) => day.served + day.noShow);
    const found = learnQueue(new Map([...past].map(([day, tickets]) => [day, tickets.visits])), today, hoursOf(unit));
    const one = { model: 'rhythm' in found ? found : null, days: found.days, tickets: found.tickets, noShowShare: ended > 0 ? sum((day) => day.noShow) / ended : null, simulated: days.some((day) => day.simulated), day: today, at };
    learned.set(unit, one);
    return one;
  }
  const isDue = (one: Learned | undefined, today: number, at: number) => one === undefined || one.day !== today || at - one.at > (one.model ? LEARNED_LASTS : LITTLE_LASTS);

  /** A desk that knows too little, or is closed, says why. */
  function say(one: Learned, tickets: DayTickets | undefined, unit: string, at: number, today: number): QueueForecast {
    if (one.model) return forecastQueue(one.model, tickets?.visits ?? [], at, today);
    const last = hoursOf(unit).sessionsOf(today).at(-1)?.to ?? -Infinity;
    return { wait: null, reason: at >= last ? 'closed' : 'little_history', slots: [] };
  }

  async function withQueue(today: number): Promise<string[]> {
    const days = Array.from({ length: HEARD_OF_DAYS }, (_, i) => dayText(today - i));
    const found = await database.query<{ unit: string }>('SELECT unit FROM unnest($1::text[]) AS u(unit) WHERE EXISTS (SELECT FROM tickets t WHERE t.unit = u.unit AND t.day = ANY($2::date[]))', [units.rows.map((unit) => unit.code), days]);
    return found.rows.map((row) => row.unit);
  }

  return {
    async refresh() {
      const at = now().getTime();
      const today = dayOf(at, zone);
      const desks = await withQueue(today);
      for (const unit of desks.filter((one) => isDue(learned.get(one), today, at)).slice(0, LEARN_AT_ONCE)) {
        await learn(unit, today, at);
        // Learning takes some hundredths of a second: others get their turn in between.
        await others();
      }
      const tickets = await ticketsOf(database, desks, [today]);
      const made: { unit: string; simulated: boolean; forecast: QueueForecast }[] = [];
      const rows = new Map<string, DeskNow>();
      for (const [unit, byDay] of tickets) {
        const of = byDay.get(today);
        const one = learned.get(unit);
        if (!of || !one) continue;
        const forecast = say(one, of, unit, at, today);
        const seen = seenAt(queueDay(of.visits, []), at);
        made.push({ unit, simulated: of.simulated, forecast });
        rows.set(unit, { unit, at, waiting: seen.waiting, openCounters: seen.counters, wait: seconds(forecast.wait), reason: forecast.reason, accuracy: accuracy.get(unit)?.now ?? null, simulated: of.simulated || one.simulated });
      }
      said = rows;
      const mark = Math.floor(at / QUARTER);
      await settleForecasts(database, new Date(at), today);
      if (mark !== keptMark) { await keepForecasts(database, made, at, today); accuracy = await accuracyOf(database, desks, new Date(at)); keptMark = mark; }
      if (prunedOn !== today) { await pruneForecasts(database, new Date(at)); prunedOn = today; }
    },

    async desk(unit) {
      const at = now().getTime();
      const today = dayOf(at, zone);
      const [tickets, accuracy] = await Promise.all([ticketsOf(database, [unit], Array.from({ length: HEARD_OF_DAYS }, (_, i) => today - i)), accuracyOf(database, [unit], new Date(at))]);
      const byDay = tickets.get(unit);
      if (!byDay) return null;
      const known = learned.get(unit);
      // What was learned yesterday is better than an answer that is late; the next round learns anew.
      const one = known ?? await learn(unit, today, at);
      const of = byDay.get(today);
      const forecast = say(one, of, unit, at, today);
      const seen = seenAt(queueDay(of?.visits ?? [], []), at);
      const iso = (instant: number) => new Date(instant).toISOString();
      return {
        waiting: seen.waiting, longestWaitSeconds: of?.oldest == null ? null : Math.max(0, Math.round((at - of.oldest) / 1000)), openCounters: seen.counters, servedToday: of?.served ?? 0, noShowToday: of?.noShow ?? 0, noShowShare: one.noShowShare,
        wait: seconds(forecast.wait), reason: forecast.reason,
        slots: forecast.slots.map((slot) => ({ from: iso(slot.from), to: iso(slot.to), open: slot.open, arrivals: tenths(slot.arrivals), waiting: tenths(slot.waiting), wait: seconds(slot.wait) })),
        history: { days: one.days, tickets: one.tickets, minimumDays: MINIMUM_DAYS, minimumTickets: MINIMUM_TICKETS },
        accuracy: accuracy.get(unit)?.now ?? null, accuracyAhead: accuracy.get(unit)?.ahead ?? null, backTest: one.model?.backTest ?? null, backTestAhead: one.model?.ahead ?? null,
        simulated: one.simulated || (of?.simulated ?? false),
      };
    },
    now: () => [...said.values()],
    expectedWait(unit) { const one = said.get(unit); return one && now().getTime() - one.at < FRESH ? one.wait?.p50 ?? null : null; },
  };
}

const seconds = (band: Band | null): ForecastBand | null => (band === null ? null : { p10: Math.round(band.p10 / 1000), p50: Math.round(band.p50 / 1000), p90: Math.round(band.p90 / 1000) });
const tenths = (band: Band | null): ForecastBand | null => (band === null ? null : { p10: Math.round(band.p10 * 10) / 10, p50: Math.round(band.p50 * 10) / 10, p90: Math.round(band.p90 * 10) / 10 });
