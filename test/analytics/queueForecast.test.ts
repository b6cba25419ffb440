/** The forecast of a queue on processes whose answer is known, and on days that were held back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, quantile } from '#analytics/queue/calibrate.ts';
import { forecastQueue, learnQueue, MINIMUM_TICKETS, type QueueModel } from '#analytics/queue/forecast.ts';
import { accuracyOf } from '#analytics/queue/measure.ts';
import { QUARTER, queueDay, seenAt, type Visit } from '#analytics/queue/seen.ts';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { eventsOfDay } from '#server/demo/day.ts';
import { makeProvince } from '#server/demo/province.ts';
import { MINUTE, startOfDay } from '#analytics/time/localDay.ts';
import { dayAt, drawOf, exponential, hoursOf, simulate, ZONE, type Process } from '../support/simulatedDesk.ts';
import { calendar } from './shipped.ts';

const hours = hoursOf(calendar, 'x');
const clock = (day: number, text: string) => { const [h = 0, m = 0] = text.split(':').map(Number); return startOfDay(day, ZONE) + (h * 60 + m) * MINUTE; };
const minutes = (milliseconds: number | undefined) => (milliseconds ?? NaN) / MINUTE;
function learned(tickets: ReadonlyMap<number, Visit[]>, today: number, desk = hours): QueueModel {
  const model = learnQueue(tickets, today, desk);
  if (!('rhythm' in model)) throw new Error(`too little history: ${JSON.stringify(model)}`);
  return model;
}
/** Waiting tickets of a day on which the counters have called without a pause since half past seven. */
function busyMorning(day: number, until: number, waiting: number, every: number): Visit[] {
  const called = Array.from({ length: Math.floor((until - clock(day, '07:30')) / every) }, (_, i) => clock(day, '07:30') + i * every);
  return [...called.map((at, i) => ({ issuedAt: Math.max(clock(day, '07:29') + i, at - (waiting + 1) * every), waitedUntil: at, counter: String((i % 3) + 1), lastAt: at + 5 * MINUTE })), ...Array.from({ length: waiting }, (_, i) => ({ issuedAt: until - 20 * MINUTE + i, waitedUntil: null, counter: null, lastAt: until - 20 * MINUTE }))];
}

describe('what can be seen of a queue', () => {
  const day = dayAt('2026-06-02');
  const at = (text: string) => clock(day, text);
  const visit = (issued: string, called: string | null, counter = '1'): Visit => ({ issuedAt: at(issued), waitedUntil: called === null ? null : at(called), counter, lastAt: at(called ?? issued) });
  it('is what had happened then, and no more', () => {
    const visits = [visit('08:00', '08:10'), visit('08:01', '08:20', '2'), visit('08:02', '08:30'), visit('08:03', null)];
    expect(seenAt(queueDay(visits, hours.sessionsOf(day)), at('08:15'))).toMatchObject({ waiting: 3, arrivals: 4, lastWait: 10 * MINUTE, counters: 1, calls: 0, busy: 5 * MINUTE });
    expect(seenAt(queueDay(visits, hours.sessionsOf(day)), at('08:35'))).toMatchObject({ waiting: 1, counters: 2, calls: 2, busy: 25 * MINUTE });
  });
  it('counts no noon into the pace of calling', () => {
    const visits = [visit('11:00', '11:20'), visit('11:01', '13:10'), visit('11:02', null)];
    expect(seenAt(queueDay(visits, hours.sessionsOf(day)), at('13:15'))).toMatchObject({ calls: 1, busy: 25 * MINUTE });
  });
  it('is the same whatever the order in which tickets are listed', () => {
    fc.assert(fc.property(fc.array(fc.record({ issued: fc.integer({ min: 450, max: 600 }), wait: fc.option(fc.integer({ min: 0, max: 90 })) }), { maxLength: 30 }), fc.integer({ min: 440, max: 700 }), (list, minute) => {
      const visits = list.map(({ issued, wait }, i) => ({ issuedAt: startOfDay(day, ZONE) + issued * MINUTE + i, waitedUntil: wait === null ? null : startOfDay(day, ZONE) + (issued + wait) * MINUTE + i, counter: 'a', lastAt: startOfDay(day, ZONE) + issued * MINUTE }));
      const instant = startOfDay(day, ZONE) + minute * MINUTE;
      const seen = seenAt(queueDay(visits, hours.sessionsOf(day)), instant);
      expect(seenAt(queueDay([...visits].reverse(), hours.sessionsOf(day)), instant)).toEqual(seen);
      expect(seen.waiting).toBe(visits.filter((one) => one.issuedAt <= instant && (one.waitedUntil === null || one.waitedUntil > instant)).length);
      expect(seen.busy).toBeGreaterThanOrEqual(0);
    }));
  });
});

describe('the calibration', () => {
  it('finds a guess that is twice too high, and a band as wide as what came', () => {
    const draw = drawOf(5);
    const cases = Array.from({ length: 2000 }, () => { const truth = 5 + 20 * draw(); return { x: [2 * truth, 20 * draw()], y: truth * (0.5 + draw()) }; });
    const band = calibrate(cases, 1)?.band([30, 10]);
    // 15 × (0.5 … 1.5)
    expect(band?.p50).toBeGreaterThan(14); expect(band?.p50).toBeLessThan(16);
    expect(band?.p10).toBeGreaterThan(8); expect(band?.p10).toBeLessThan(10);
    expect(band?.p90).toBeGreaterThan(20); expect(band?.p90).toBeLessThan(22);
  });
  it('says nothing from too few cases, and is never negative or upside down', () => {
    expect(calibrate(Array.from({ length: 29 }, () => ({ x: [1], y: 1 })), 1)).toBeNull();
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(200)), { minLength: 30, maxLength: 60 }), fc.nat(500), fc.nat(500), (list, a, b) => {
      const band = calibrate(list.map(([x, z, y]) => ({ x: [x, z], y })), 1)?.band([a, b]);
      return band !== undefined && band.p10 >= 0 && band.p10 <= band.p50 && band.p50 <= band.p90 && Number.isFinite(band.p90);
    }), { numRuns: 60 });
  });
  it('takes quantiles between the values', () => { expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0), quantile([1, 2, 3, 4], 1), quantile([7], 0.9)]).toEqual([2.5, 1, 4, 7]); });
});

describe('the wait of a ticket drawn now', () => {
  // M/M/3: 3 counters, 10 minutes a service, 17 people an hour. With n waiting and all counters busy, the wait is the sum
  // of n + 1 exponential times of 10/3 minutes: mean (n + 1)·10/3.
  const process: Process = { seed: 11, arrivals: () => 17, counters: () => 3, service: exponential(10) };
  const today = dayAt('2026-06-30');
  const model = learned(simulate(process, hours, dayAt('2026-05-01'), today - 1), today);
  it('is that of the theory for a queue of known length', () => {
    for (const n of [4, 8, 14]) {
      const now = clock(today, '10:00');
      const { wait } = forecastQueue(model, busyMorning(today, now, n, (10 / 3) * MINUTE), now, today);
      const mean = ((n + 1) * 10) / 3;
      const spread = (Math.sqrt(n + 1) * 10) / 3;
      expect(minutes(wait?.p50) / mean, `median for ${n}`).toBeGreaterThan(0.85); expect(minutes(wait?.p50) / mean, `median for ${n}`).toBeLessThan(1.15);
      // The band of a normal of that spread is ±1.28 spreads; half as wide again is admitted, for the pace is estimated too.
      expect(minutes(wait?.p90), `p90 for ${n}`).toBeGreaterThan(mean + 0.7 * spread); expect(minutes(wait?.p90), `p90 for ${n}`).toBeLessThan(mean + 2.2 * spread);
      expect(minutes(wait?.p10), `p10 for ${n}`).toBeLessThan(mean - 0.7 * spread); expect(minutes(wait?.p10), `p10 for ${n}`).toBeGreaterThan(Math.max(0, mean - 2.4 * spread));
    }
  });
  it('follows the pace of today: at half the pace it is much longer, at twice the pace shorter', () => {
    const now = clock(today, '10:00');
    const [half, usual, twice] = [2, 1, 0.5].map((factor) => minutes(forecastQueue(model, busyMorning(today, now, 10, (factor * 10 * MINUTE) / 3), now, today).wait?.p50));
    expect(half).toBeGreaterThan((usual ?? 0) * 1.4);
    expect(twice).toBeLessThan((usual ?? 0) * 0.75);
  });
  it('holds what came within its band about eight times in ten, and its median half of it', () => {
    const held = simulate(process, hours, today, today + 27);
    const judged = [...held].flatMap(([day, visits]) => visits.filter((_, i) => i % 7 === 3).flatMap((visit) => {
      const { wait } = forecastQueue(model, visits.filter((one) => one.issuedAt < visit.issuedAt), visit.issuedAt - 1, day);
      return wait && visit.waitedUntil !== null ? [{ day, band: wait, actual: visit.waitedUntil - visit.issuedAt }] : [];
    }));
    const found = accuracyOf(judged);
    expect(found?.forecasts).toBeGreaterThan(300);
    expect(found?.withinBand).toBeGreaterThan(0.72); expect(found?.withinBand).toBeLessThan(0.92);
    expect(judged.filter((one) => one.actual <= one.band.p50 + 1000).length / judged.length).toBeGreaterThan(0.4);
  });
  it('knows nothing of the future: tickets after the instant change nothing', () => {
    const now = clock(today, '10:00');
    const visits = busyMorning(today, now, 6, 4 * MINUTE);
    const later = [...visits, ...Array.from({ length: 40 }, (_, i) => ({ issuedAt: now + (i + 1) * MINUTE, waitedUntil: now + (i + 5) * MINUTE, counter: '9', lastAt: now + (i + 9) * MINUTE }))];
    expect(forecastQueue(model, later, now, today)).toEqual(forecastQueue(model, visits, now, today));
  });
});

describe('the hours of the desk', () => {
  const process: Process = { seed: 3, arrivals: (minute) => (minute < 600 ? 22 : 12), counters: () => 3, service: exponential(10) };
  const saturdays = hoursOf({ ...calendar, unitSessions: { s: { ...calendar.sessions, 6: [{ from: 450, to: 690 }] } } }, 's');
  const today = dayAt('2026-06-30');
  const tickets = simulate(process, hours, dayAt('2026-05-04'), today - 1);
  const model = learned(tickets, today);
  it('the noon is no working time: nobody is expected in it, and who comes just before waits over it', () => {
    const now = clock(today, '11:20');
    const { slots } = forecastQueue(model, busyMorning(today, now, 5, 3 * MINUTE), now, today);
    expect(slots.map((slot) => slot.open)).toEqual([...Array.from({ length: 6 }, () => false), ...Array.from({ length: 6 }, () => true)]);
    expect(slots.filter((slot) => !slot.open).every((slot) => slot.arrivals === null && slot.wait === null && slot.waiting === null)).toBe(true);
    const over = forecastQueue(model, busyMorning(today, clock(today, '11:28'), 12, 3 * MINUTE), clock(today, '11:28'), today).wait;
    // Twelve people at three minutes are more than the two that are left before 11:30.
    expect(minutes(over?.p50)).toBeGreaterThan(60);
  });
  it('after closing, on a Sunday and on a holiday it is closed', () => {
    for (const at of [clock(today, '17:00'), clock(today, '21:30'), clock(dayAt('2026-07-05'), '09:00'), clock(dayAt('2026-09-02'), '09:00')]) {
      const day = dayAt(new Date(at + 7 * 3_600_000).toISOString().slice(0, 10));
      expect(forecastQueue(model, [], at, day)).toMatchObject({ wait: null, reason: 'closed' });
    }
    expect(forecastQueue(model, [], clock(today, '16:30'), today).slots.map((slot) => slot.open)).toEqual([true, true, ...Array.from({ length: 10 }, () => false)]);
  });
  it('a ticket whose turn would come after closing is told so', () => { expect(forecastQueue(model, busyMorning(today, clock(today, '16:40'), 60, 3 * MINUTE), clock(today, '16:40'), today)).toMatchObject({ wait: null, reason: 'closes_first' }); });
  it('a desk that works late all the same is told by its last waits', () => {
    const now = clock(today, '19:00');
    const visits = Array.from({ length: 12 }, (_, i) => ({ issuedAt: now - (60 - 5 * i) * MINUTE, waitedUntil: now - (52 - 5 * i) * MINUTE, counter: '1', lastAt: now - (50 - 5 * i) * MINUTE }));
    expect(forecastQueue(model, visits, now, today).wait).not.toBeNull();
  });
  it('Saturday mornings are known to the desk that has them', () => {
    const friday = dayAt('2026-07-03');
    const other = learned(simulate(process, saturdays, dayAt('2026-05-04'), friday), friday + 1, saturdays);
    const now = clock(friday + 1, '07:30');
    const expected = forecastQueue(other, [], now, friday + 1).slots.filter((slot) => slot.open).reduce((sum, slot) => sum + (slot.arrivals?.p50 ?? 0), 0);
    // 22 an hour until ten, twelve after: 61 until 10:30. The median of a few is a little less than their mean.
    expect(expected).toBeGreaterThan(48); expect(expected).toBeLessThan(70);
    expect(forecastQueue(model, [], now, friday + 1)).toMatchObject({ wait: null, reason: 'closed' });
  });
});

describe('what it learns from', () => {
  const today = dayAt('2026-06-30');
  const process: Process = { seed: 8, arrivals: () => 15, counters: () => 3, service: exponential(10) };
  const tickets = simulate(process, hours, dayAt('2026-05-04'), today - 1);
  const total = (model: QueueModel) => model.rhythm.dayTotal(2) ?? 0;
  it('nothing, and too little, are said as such', () => {
    expect(learnQueue(new Map(), today, hours)).toEqual({ days: 0, tickets: 0 });
    const few = new Map([...tickets].slice(-4));
    expect(learnQueue(few, today, hours)).toMatchObject({ days: 4 });
    const thin = new Map([...tickets].map(([day, list]) => [day, list.slice(0, 1)]));
    const found = learnQueue(thin, today, hours);
    expect('rhythm' in found).toBe(false);
    expect(found.tickets).toBeLessThan(MINIMUM_TICKETS);
  });
  it('a day of an outage teaches nothing, a new level of three days does', () => {
    const usual = total(learned(tickets, today));
    const cut = (days: readonly number[]) => new Map([...tickets].map(([day, list]) => [day, days.includes(day) ? list.slice(0, 5) : list]));
    expect(Math.abs(total(learned(cut([dayAt('2026-06-23')]), today)) / usual - 1)).toBeLessThan(0.05);
    expect(total(learned(cut(Array.from({ length: 12 }, (_, i) => today - 12 + i)), today)) / usual).toBeLessThan(0.85);
  });
  it('recent weeks weigh more', () => {
    const grown = new Map([...tickets].map(([day, list]) => [day, day < today - 21 ? list.filter((_, i) => i % 2 === 0) : list]));
    const plain = [...grown].reduce((sum, [, list]) => sum + list.length, 0) / grown.size;
    expect(total(learned(grown, today))).toBeGreaterThan(plain * 1.05);
  });
  it('an hour far busier than the others is expected again next week, with the people waiting', () => {
    const rush: Process = { ...process, arrivals: (minute, weekday) => (weekday === 2 && minute >= 480 && minute < 570 ? 45 : 6) };
    const model = learned(simulate(rush, hours, dayAt('2026-05-04'), today - 1), today);
    const slots = forecastQueue(model, [], clock(today, '07:30'), today).slots;
    const [before, within] = [slots[0], slots[4]];
    expect(within?.from).toBe(clock(today, '08:30'));
    expect(within?.arrivals?.p50).toBeGreaterThan(3 * (before?.arrivals?.p50 ?? 0));
    expect(within?.arrivals?.p50).toBeGreaterThan(6); expect(within?.arrivals?.p50).toBeLessThan(16);
    expect(minutes(within?.wait?.p50)).toBeGreaterThan(15);
    expect(slots[1]?.from).toBe((slots[0]?.from ?? 0) + QUARTER);
  });
});

describe('against what anybody could say, on days held back', () => {
  // A year with a week of its own, busier Mondays, days better and worse, a counter that closes now and then.
  const week = [1.35, 1.05, 1, 0.95, 1.1, 1, 1];
  const peaks = (minute: number) => 1 + 0.9 * Math.exp(-(((minute - 540) / 60) ** 2)) + 0.6 * Math.exp(-(((minute - 870) / 60) ** 2));
  const desk = (seed: number, rate: number, counters: number): Process => ({
    seed, service: exponential(9), arrivals: (minute, weekday, day) => rate * peaks(minute) * (week[weekday - 1] ?? 1) * Math.exp(0.2 * (drawOf(seed * 77 + day)() * 2 - 1)),
    counters: (minute, _weekday, day) => Math.max(1, counters - Number(drawOf(seed * 7 + day * 31 + Math.floor(minute / 120))() < 0.2)),
  });
  const ends = ['2025-09-25', '2025-12-20', '2026-04-10', '2026-06-29'].map(dayAt);
  const results = [desk(1, 16, 4), desk(2, 3.6, 1), desk(3, 34, 8)].flatMap((process) => {
    const year = simulate(process, hours, dayAt('2025-07-01'), dayAt('2026-06-30'));
    return ends.map((end) => learned(year, end));
  });
  const geometric = (list: readonly (number | null | undefined)[]) => Math.exp(list.reduce<number>((sum, one) => sum + Math.log(one ?? 1), 0) / list.length);
  it('of a ticket drawn now', () => {
    const ratios = (['lastWeek', 'dayAverage', 'lastTicket'] as const).map((name) => geometric(results.map((model) => model.backTest?.ratios[name])));
    console.log('now: error over that of last week, the day’s average, the last called:', ratios.map((one) => one.toFixed(2)).join(' '), '; each worst:', (['lastWeek', 'dayAverage', 'lastTicket'] as const).map((name) => Math.max(...results.map((model) => model.backTest?.ratios[name] ?? 9)).toFixed(2)).join(' '));
    for (const ratio of ratios) expect(ratio).toBeLessThan(0.7);
    for (const model of results) for (const ratio of Object.values(model.backTest?.ratios ?? { none: 9 })) expect(ratio).toBeLessThan(0.95);
    const within = results.map((model) => model.backTest?.withinBand ?? 0);
    expect(within.reduce((sum, one) => sum + one, 0) / within.length).toBeGreaterThan(0.74);
  });
  it('of one drawn within three hours', () => {
    const ratios = (['lastWeek', 'dayAverage', 'lastTicket'] as const).map((name) => geometric(results.map((model) => model.ahead?.ratios[name])));
    console.log('ahead: error over that of last week, the day’s average, the last called:', ratios.map((one) => one.toFixed(2)).join(' '), '; within the band', (results.reduce((sum, model) => sum + (model.ahead?.withinBand ?? 0), 0) / results.length).toFixed(2));
    for (const ratio of ratios) expect(ratio).toBeLessThan(0.85);
    for (const model of results) for (const ratio of Object.values(model.ahead?.ratios ?? { none: 9 })) expect(ratio).toBeLessThan(1.05);
  });
  it('at desks of the simulated province, as it is sent to a new centre', () => {
    const config = loadConfig({ dir: fromRoot('config'), environment: {} });
    const province = makeProvince(config, 7);
    const end = dayAt('2026-06-30');
    const models = province.desks.filter((one) => ['731', '732', '75.TTHCC', '26005'].includes(one.unit.code)).map((one) => {
      const tickets = new Map<number, Visit[]>();
      for (let back = config.demo.history.ticketDays; back > 0; back -= 1) {
        const byNumber = new Map<string, Visit>();
        for (const { kind, event } of eventsOfDay({ province, desk: one, day: end - back, progress: 0.9, withTickets: true })) {
          if (kind !== 'queue') continue;
          const visit = byNumber.get(event.ticket) ?? { issuedAt: 0, waitedUntil: null, counter: null, lastAt: 0 };
          const instant = Date.parse(event.at);
          byNumber.set(event.ticket, { issuedAt: event.status === 'issued' ? instant : visit.issuedAt, waitedUntil: event.status === 'called' ? instant : visit.waitedUntil, counter: event.counter ?? visit.counter, lastAt: Math.max(visit.lastAt, instant) });
        }
        tickets.set(end - back, [...byNumber.values()]);
      }
      return [one.unit.code, learned(tickets, end)] as const;
    });
    for (const [code, model] of models) console.log(code, 'tickets', model.tickets, 'error', Math.round(model.backTest?.meanAbsoluteErrorSeconds ?? NaN), 's; over that of', JSON.stringify(model.backTest?.ratios), 'within', model.backTest?.withinBand.toFixed(2));
    expect(models).toHaveLength(4);
    for (const name of ['lastWeek', 'dayAverage', 'lastTicket'] as const) expect(geometric(models.map(([, model]) => model.backTest?.ratios[name])), name).toBeLessThan(0.85);
  });
});
