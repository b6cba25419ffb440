/** Working time: hand-worked cases on the shipped calendar, and what must hold for any times at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, dateOf, dayOf, dayOfDate, dayText, minuteOfDay, parseDay, startOfDay, weekday, zoneOf } from '#analytics/time/localDay.ts';
import { addWorking, endOfWorkingDay, isWorking, sessionsOn, workingBetween, type Session, type WeekSessions, type WorkingCalendar } from '#analytics/time/workingCalendar.ts';
import { at, calendar, local, zone } from './shipped.ts';

const add = (from: number, amount: number) => addWorking(calendar, zone, null, from, amount);
const between = (from: number, to: number) => workingBetween(calendar, zone, null, from, to);

describe('working time added', () => {
  // 07:30–11:30 and 13:00–17:00, Monday to Friday.
  it.each<[string, number, string, string]>([
    ['2026-03-02 08:00', 2, '2026-03-02 10:00', 'within a morning'],
    ['2026-03-02 08:00', 3.5, '2026-03-02 11:30', 'to the last minute of a morning'],
    ['2026-03-02 11:00', 1, '2026-03-02 13:30', 'over noon'],
    ['2026-03-02 11:30', 0.5, '2026-03-02 13:30', 'from the end of the morning'],
    ['2026-03-02 12:15', 1, '2026-03-02 14:00', 'from the middle of noon'],
    ['2026-03-02 13:00', 4, '2026-03-02 17:00', 'an afternoon'],
    ['2026-03-02 06:00', 1, '2026-03-02 08:30', 'from before the opening'],
    ['2026-03-02 16:00', 2, '2026-03-03 08:30', 'over an evening'],
    ['2026-03-02 17:00', 1, '2026-03-03 08:30', 'from the closing'],
    ['2026-03-02 23:59', 1, '2026-03-03 08:30', 'from the night'],
    ['2026-03-06 16:30', 1, '2026-03-09 08:00', 'over a weekend'],
    ['2026-03-07 09:00', 8, '2026-03-09 17:00', 'from a Saturday'],
    ['2026-03-06 08:00', 40, '2026-03-13 08:00', 'five days'],
    ['2026-02-13 16:00', 2, '2026-02-23 08:30', 'over Tết: 14–22 February are off'],
    ['2026-02-17 09:00', 1, '2026-02-23 08:30', 'from the first day of Tết'],
    ['2026-02-12 08:00', 24, '2026-02-24 08:00', 'three days around Tết'],
    ['2025-12-31 16:00', 2, '2026-01-05 08:30', 'New Year, the swapped Friday and a weekend'],
    ['2026-01-09 16:00', 2, '2026-01-10 08:30', 'into the Saturday that makes up for it'],
    ['2026-01-10 16:00', 2, '2026-01-12 08:30', 'out of the Saturday that makes up for it'],
    ['2026-04-24 16:00', 2, '2026-04-28 08:30', 'Giỗ Tổ, the Monday off in exchange'],
    ['2026-04-29 16:00', 2, '2026-05-04 08:30', '30 April, 1 May and a weekend'],
    ['2026-08-28 16:00', 2, '2026-09-03 08:30', 'Quốc khánh, two days, and the Monday swapped before it'],
    ['2026-08-21 16:00', 2, '2026-08-22 08:30', 'into the Saturday that makes up for that Monday'],
    ['2025-04-25 16:00', 2, '2025-04-26 08:30', 'the swap of 2025: Saturday 26 April worked'],
    ['2025-04-29 16:00', 2, '2025-05-05 08:30', 'the swap of 2025: Friday 2 May off'],
    ['2018-12-28 16:00', 2, '2019-01-02 08:30', 'the swap over the year 2019: Monday 31 December off'],
    ['2019-01-04 16:00', 2, '2019-01-05 08:30', 'and Saturday 5 January worked'],
    ['2019-04-26 16:00', 2, '2019-05-02 08:30', 'the swap of 2019: Monday 29 April off'],
    ['2019-05-03 16:00', 2, '2019-05-04 08:30', 'and Saturday 4 May worked'],
    ['2018-08-31 16:00', 2, '2018-09-04 08:30', 'Quốc khánh on a Sunday: the Monday after it'],
    ['2021-04-29 16:00', 2, '2021-05-04 08:30', '1 May on a Saturday: Monday 3 May'],
    ['2021-12-31 16:00', 2, '2022-01-04 08:30', 'New Year on a Saturday: Monday 3 January'],
    ['2022-04-29 16:00', 2, '2022-05-04 08:30', '30 April and 1 May on a weekend: Monday and Tuesday'],
    ['2022-12-30 16:00', 2, '2023-01-03 08:30', 'New Year on a Sunday'],
    ['2023-04-28 16:00', 2, '2023-05-04 08:30', 'Giỗ Tổ and 30 April on a weekend, 1 May: five days off'],
    ['2023-08-31 16:00', 2, '2023-09-05 08:30', 'Quốc khánh on a Saturday and the Friday before it'],
    ['2027-04-29 16:00', 2, '2027-05-04 08:30', '1 May of 2027 on a Saturday'],
    ['2026-11-23 16:00', 2, '2026-11-25 08:30', 'a single day in the week'],
    ['2024-04-26 16:00', 2, '2024-05-02 08:30', 'the swap of 2024: Monday 29 April off'],
    ['2024-05-03 16:00', 2, '2024-05-04 08:30', 'the swap of 2024: Saturday 4 May worked'],
    ['2024-05-04 16:30', 0.5, '2024-05-04 17:00', 'to the closing of a worked Saturday'],
    ['2026-03-08 03:00', 0, '2026-03-08 03:00', 'nothing, on a Sunday night'],
  ])('%s + %d h = %s (%s)', (from, hours, to) => { expect(local(add(at(from), hours * HOUR))).toBe(to); });
});

describe('working time between', () => {
  it.each<[string, string, number, string]>([
    ['2026-03-02 08:00', '2026-03-02 17:00', 7.5, 'a day from eight'], ['2026-03-02 10:00', '2026-03-02 14:00', 2.5, 'over noon'],
    ['2026-03-02 11:30', '2026-03-02 13:00', 0, 'noon'], ['2026-03-06 17:00', '2026-03-09 07:30', 0, 'a weekend'],
    ['2026-03-02 17:00', '2026-03-03 07:30', 0, 'a night'], ['2026-02-13 07:30', '2026-02-23 17:00', 16, 'the days around Tết'],
    ['2026-02-01 00:00', '2026-03-01 00:00', 120, 'the February of Tết: fifteen days'], ['2026-03-01 00:00', '2026-04-01 00:00', 176, 'a March: twenty-two days'],
    ['2026-01-01 00:00', '2026-01-12 00:00', 48, 'six days, a Saturday among them'], ['2026-04-27 00:00', '2026-05-04 00:00', 16, 'the week of 30 April: two days'],
    ['2026-03-02 17:00', '2026-03-02 08:00', 0, 'backwards'],
  ])('%s … %s is %d h (%s)', (from, to, hours) => { expect(between(at(from), at(to)) / HOUR).toBe(hours); });
  it('counts at a unit with hours of its own', () => {
    const saturdays: WorkingCalendar = { ...calendar, unitSessions: { '731': { ...calendar.sessions, 6: [{ from: 450, to: 690 }] } } };
    expect([workingBetween(saturdays, zone, '731', at('2026-03-07 00:00'), at('2026-03-08 00:00')), workingBetween(saturdays, zone, '732', at('2026-03-07 00:00'), at('2026-03-08 00:00'))]).toEqual([4 * HOUR, 0]);
    // A holiday is one everywhere, and a name of the prototype is no unit.
    expect(workingBetween(saturdays, zone, '731', at('2026-02-14 00:00'), at('2026-02-15 00:00'))).toBe(0);
    expect(sessionsOn(saturdays, 'constructor', dayOf(at('2026-03-02 08:00'), zone))).toHaveLength(2);
  });
});

const instant = fc.integer({ min: at('2018-01-01 00:00'), max: at('2027-11-30 00:00') });
const amount = fc.oneof(fc.integer({ min: 0, max: 60 * 8 * HOUR }), fc.integer({ min: 0, max: 60 * 32 }).map((quarters) => quarters * 15 * MINUTE));
/** Any week in which somebody works, its sessions in order. */
const sessions = fc.uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 }).map((cuts): Session[] => {
  const sorted = cuts.sort((a, b) => a - b);
  return Array.from({ length: Math.floor(sorted.length / 2) }, (_, i) => ({ from: (sorted[2 * i] ?? 0) * 15, to: (sorted[2 * i + 1] ?? 0) * 15 }));
});
const anyCalendar = fc.record({ 1: sessions, 2: sessions, 3: sessions, 4: sessions, 5: sessions, 6: sessions, 7: sessions }).filter((week) => Object.values(week).some((day) => day.length > 0))
  .map((week): WorkingCalendar => ({ sessions: week as WeekSessions, days: calendar.days, unitSessions: {} }));
const someCalendar = fc.oneof(fc.constant<WorkingCalendar>(calendar), anyCalendar);

describe('for all times', () => {
  it('adding is associative', () => fc.assert(fc.property(someCalendar, instant, amount, amount, (days, from, a, b) => {
    expect(addWorking(days, zone, null, addWorking(days, zone, null, from, a), b)).toBe(addWorking(days, zone, null, from, a + b));
  }), { numRuns: 400 }));
  it('what was added lies between', () => fc.assert(fc.property(someCalendar, instant, amount, (days, from, a) => {
    expect(workingBetween(days, zone, null, from, addWorking(days, zone, null, from, a))).toBe(a);
  }), { numRuns: 400 }));
  it('adding what lies between comes back to the last working moment', () => fc.assert(fc.property(instant, fc.integer({ min: 0, max: 40 * DAY }), (from, span) => {
    const back = add(from, between(from, from + span));
    expect(back).toBeLessThanOrEqual(from + span);
    expect(between(back, from + span)).toBe(0);
    if (isWorking(calendar, zone, null, from + span)) expect(add(from, between(from, from + span) + 1)).toBe(from + span + 1);
  })));
  it('is never negative, adds up, and never exceeds the time that passed', () => fc.assert(fc.property(someCalendar, instant, fc.integer({ min: -40 * DAY, max: 40 * DAY }), fc.integer({ min: 0, max: 40 * DAY }), (days, from, span, more) => {
    const first = workingBetween(days, zone, null, from, from + span);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(first).toBeLessThanOrEqual(Math.max(0, span));
    if (span >= 0) expect(first + workingBetween(days, zone, null, from + span, from + span + more)).toBe(workingBetween(days, zone, null, from, from + span + more));
  }), { numRuns: 300 }));
  it('a later start never ends earlier', () => fc.assert(fc.property(instant, fc.integer({ min: 0, max: 10 * DAY }), amount, (from, later, a) => { expect(add(from + later, a)).toBeGreaterThanOrEqual(add(from, a)); })));
  it('what is added ends in working time, or at the end of it', () => fc.assert(fc.property(instant, amount.filter((a) => a > 0), (from, a) => { expect(isWorking(calendar, zone, null, add(from, a) - 1)).toBe(true); })));
  it('the n-th working day ends after n more endings', () => fc.assert(fc.property(someCalendar, instant, fc.integer({ min: 1, max: 400 }), (days, from, n) => {
    const end = endOfWorkingDay(days, zone, null, from, n);
    expect(endOfWorkingDay(days, zone, null, end - 1, 1)).toBeGreaterThan(end);
    if (n > 1) expect(endOfWorkingDay(days, zone, null, endOfWorkingDay(days, zone, null, from, n - 1) - 1, 1)).toBe(end);
  }), { numRuns: 100 }));
});

describe('an instant', () => {
  it.each<[string, boolean]>([
    ['2026-03-02 07:29', false], ['2026-03-02 07:30', true], ['2026-03-02 11:29', true], ['2026-03-02 11:30', false], ['2026-03-02 12:59', false], ['2026-03-02 13:00', true],
    ['2026-03-02 16:59', true], ['2026-03-02 17:00', false], ['2026-03-07 09:00', false], ['2026-01-10 09:00', true], ['2026-02-16 09:00', false],
  ])('%s is working time: %s', (moment, working) => { expect(isWorking(calendar, zone, null, at(moment))).toBe(working); });
});

describe('a calendar without working time', () => {
  const never: WorkingCalendar = { sessions: { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] }, days: {}, unitSessions: {} };
  it('is an error, not an endless search', () => {
    expect(() => addWorking(never, zone, null, at('2026-03-02 06:00'), 1)).toThrow(/no working time within \d+ days after 2026-03-02/);
    expect(() => endOfWorkingDay(never, zone, null, at('2026-03-02 06:00'), 1)).toThrow(RangeError);
    expect(addWorking(never, zone, null, 5, 0)).toBe(5);
  });
  it('for most of the week still has its n-th day', () => {
    const tuesdays: WorkingCalendar = { ...never, sessions: { ...never.sessions, 2: [{ from: 480, to: 720 }] } };
    expect(local(endOfWorkingDay(tuesdays, zone, null, at('2026-03-02 08:00'), 300))).toBe('2031-11-25 12:00');
  });
});

describe('days', () => {
  it('are those of the zone, whatever UTC says', () => {
    expect([dayText(dayOf(at('2026-03-02 06:59'), zone)), dayText(dayOf(at('2026-03-02 00:00'), zone)), dayText(dayOf(at('2026-03-02 00:00') - 1, zone)), minuteOfDay(at('2026-03-02 06:59'), zone), weekday(dayOf(at('2026-03-02 06:59'), zone))])
      .toEqual(['2026-03-02', '2026-03-02', '2026-03-01', 419, 1]);
    expect(['2026-02-29', '2026-13-01', '2026-1-1', 'x', '2024-02-29'].map((text) => parseDay(text) !== null)).toEqual([false, false, false, false, true]);
  });
  it('are the days of the calendar', () => fc.assert(fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
    const { year, month, date } = dateOf(day);
    expect([Date.UTC(2000, 0, 1) + (day - dayOfDate(2000, 1, 1)) * DAY, dayOfDate(year, month, date)]).toEqual([day * DAY, day]);
    if (year >= 1000 && year <= 9999) expect([dayText(day), parseDay(dayText(day)), weekday(day) % 7]).toEqual([new Date(day * DAY).toISOString().slice(0, 10), day, new Date(day * DAY).getUTCDay()]);
  })));
  it('begin where they begin, also where the clock changes', () => fc.assert(fc.property(fc.constantFrom('Asia/Ho_Chi_Minh', 'Europe/Amsterdam', 'America/New_York', 'UTC'), fc.integer({ min: 17_500, max: 21_000 }), (name, day) => {
    const there = zoneOf(name);
    const start = startOfDay(day, there);
    expect([dayOf(start, there), dayOf(start - 1, there), minuteOfDay(start, there)]).toEqual([day, day - 1, 0]);
  })));
});
