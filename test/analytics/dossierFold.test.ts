/** The fold of a dossier: worked by hand, and the same whatever order its events came in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contribution } from '#analytics/dossier/contribution.ts';
import { continueEnded, fold, type ClockRules, type DossierEvent, type Status } from '#analytics/dossier/fold.ts';
import { resolution, standing } from '#analytics/dossier/outcome.ts';
import { COUNTERS, difference, rate, type Contribution, type Counter } from '#analytics/kpi/counters.ts';
import { deadline } from '#analytics/time/deadline.ts';
import { DAY, HOUR } from '#analytics/time/localDay.ts';
import { addWorking, workingBetween } from '#analytics/time/workingCalendar.ts';
import { at, calendar, local, zone } from './shipped.ts';

const PROCEDURES: Record<string, number> = { seven: 7, half: 0.5 };
const rules: ClockRules = {
  deadline: (unit, procedure, received) => { const days = procedure === null ? undefined : PROCEDURES[procedure]; return days === undefined ? null : deadline(calendar, zone, unit, received, days, 'working_hours'); },
  workingBetween: (unit, from, to) => workingBetween(calendar, zone, unit, from, to),
  addWorking: (unit, from, amount) => addWorking(calendar, zone, unit, from, amount),
};
type Step = [when: string, status: Status, more?: Partial<DossierEvent>];
const story = (...steps: Step[]) => fold(steps.map(([when, status, more], i) => ({ eventId: `e${i}`, at: at(when), status, ...(status === 'received' ? { unit: 'u', procedure: 'seven' } : {}), ...more })), rules);
const counts = (state: ReturnType<typeof fold>) => { const sum: Record<string, number> = {}; for (const part of contribution(state, zone)) for (const [name, n] of Object.entries(part.counts)) sum[name] = (sum[name] ?? 0) + n; return sum; };

describe('the clock of a dossier', () => {
  it.each<[string, Step[], string | null, string]>([
    ['runs seven working days', [['2026-03-02 08:00', 'received'], ['2026-03-11 08:00', 'resolved']], '2026-03-11 08:00', 'on_time'],
    ['ends a minute late', [['2026-03-02 08:00', 'received'], ['2026-03-11 08:01', 'resolved']], '2026-03-11 08:00', 'late'],
    ['ends a day early', [['2026-03-02 08:00', 'received'], ['2026-03-10 17:00', 'resolved']], '2026-03-11 08:00', 'early'],
    ['stands over Tết without moving by it', [['2026-02-12 08:00', 'received'], ['2026-02-13 17:00', 'supplement_requested'], ['2026-02-23 07:30', 'supplement_received'], ['2026-03-02 08:00', 'resolved']], '2026-03-02 08:00', 'on_time'],
    ['stands two working days for a supplement', [['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-05 08:00', 'supplement_received'], ['2026-03-13 08:00', 'resolved']], '2026-03-13 08:00', 'on_time'],
    ['stands once for two reasons at a time', [['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-03 10:00', 'fee_requested'], ['2026-03-04 08:00', 'supplement_received'], ['2026-03-05 08:00', 'fee_paid'], ['2026-03-13 08:00', 'resolved']], '2026-03-13 08:00', 'on_time'],
    ['stands to the end when nobody came', [['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-05 08:00', 'returned']], '2026-03-13 08:00', 'early'],
    ['is told a date, which counts from then on', [['2026-03-02 08:00', 'received', { dueAt: at('2026-03-04 17:00') }], ['2026-03-04 17:01', 'resolved']], '2026-03-04 17:00', 'late'],
    ['is told a date with a pause already in it', [['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-05 08:00', 'supplement_received', { dueAt: at('2026-03-12 17:00') }], ['2026-03-12 17:00', 'resolved']], '2026-03-12 17:00', 'on_time'],
    ['is told a date in the middle of a pause, and stands on from then', [['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-04 08:00', 'facts_updated', { dueAt: at('2026-03-12 17:00') }], ['2026-03-05 08:00', 'supplement_received'], ['2026-03-13 17:00', 'resolved']], '2026-03-13 17:00', 'on_time'],
    ['is told the same date by every event, which is nothing new', [['2026-03-02 08:00', 'received', { dueAt: at('2026-03-11 17:00') }], ['2026-03-03 08:00', 'supplement_requested', { dueAt: at('2026-03-11 17:00') }], ['2026-03-05 08:00', 'supplement_received', { dueAt: at('2026-03-11 17:00') }], ['2026-03-13 17:00', 'resolved', { dueAt: at('2026-03-11 17:00') }]], '2026-03-13 17:00', 'on_time'],
    ['is not moved by an apology', [['2026-03-02 08:00', 'received'], ['2026-03-11 08:00', 'apology_sent', { newDueAt: at('2026-03-20 17:00') }], ['2026-03-12 08:00', 'resolved']], '2026-03-11 08:00', 'late'],
    ['of an unknown procedure has no deadline to break', [['2026-03-02 08:00', 'received', { procedure: 'nobody knows' }], ['2026-09-12 08:00', 'resolved']], null, 'on_time'],
  ])('%s', (_, steps, due, how) => {
    const state = story(...steps);
    expect([state.dueAt === null ? null : local(state.dueAt), resolution(state.resolvedAt ?? 0, state.dueAt, zone)]).toEqual([due, how]);
  });
  it('ends once: what comes after changes the facts and not the end', () => {
    const state = story(['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'resolved'], ['2026-03-04 08:00', 'returned', { facts: { electronicResult: true } }], ['2026-03-05 08:00', 'withdrawn'], ['2026-03-06 08:00', 'supplement_requested']);
    expect([local(state.resolvedAt ?? 0), state.withdrawnAt, state.pauses, state.status, state.facts]).toEqual(['2026-03-03 08:00', null, [], 'supplement_requested', { electronicResult: true }]);
    expect(counts(state)).toMatchObject({ received: 1, entered: 1, left: 1, resolved: 1, resolvedEarly: 1, electronicResult: 1 });
    expect(counts(state).withdrawn).toBeUndefined();
  });
  it('a withdrawal and a refusal leave, and are no resolutions', () => {
    expect(counts(story(['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'withdrawn']))).toEqual({ received: 1, entered: 1, left: 1, withdrawn: 1 });
    expect(counts(story(['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'refused']))).toEqual({ received: 1, entered: 1, left: 1, refused: 1 });
  });
  it('has its standing at each moment', () => {
    const state = story(['2026-03-02 08:00', 'received'], ['2026-03-03 08:00', 'supplement_requested'], ['2026-03-05 08:00', 'supplement_received'], ['2026-03-16 08:00', 'resolved']);
    const moments: [string, string][] = [['2026-03-01 08:00', 'not_received'], ['2026-03-02 08:00', 'pending'], ['2026-03-03 08:00', 'paused'], ['2026-03-05 08:00', 'pending'], ['2026-03-12 09:00', 'due_soon'], ['2026-03-13 08:00', 'due_soon'], ['2026-03-13 08:01', 'overdue'], ['2026-03-16 08:00', 'late']];
    for (const [moment, expected] of moments) expect([moment, standing(state, at(moment), DAY, zone)]).toEqual([moment, expected]);
  });
});

const STATUSES: Status[] = ['registered', 'received', 'refused', 'processing', 'supplement_requested', 'fee_requested', 'withdrawn', 'stopped', 'resolved', 'returned', 'supplement_received', 'fee_paid', 'apology_sent', 'facts_updated'];
const start = at('2026-02-02 00:00');
// Few different moments, so that many events share one.
const moment = fc.integer({ min: 0, max: 400 }).map((quarter) => start + quarter * 3 * HOUR);
const event: fc.Arbitrary<Omit<DossierEvent, 'eventId'>> = fc.record({
  status: fc.constantFrom(...STATUSES), at: moment, unit: fc.option(fc.constantFrom('u', 'v'), { nil: undefined }), procedure: fc.option(fc.constantFrom('seven', 'half', 'unknown'), { nil: undefined }),
  channel: fc.option(fc.constantFrom('in_person', 'online_full'), { nil: undefined }), receivingUnit: fc.option(fc.constantFrom('u', 'w'), { nil: undefined }), dueAt: fc.option(moment, { nil: undefined, freq: 6 }),
  facts: fc.option(fc.record({ digitized: fc.boolean(), feeRequired: fc.boolean(), paidOnline: fc.boolean(), electronicResult: fc.boolean() }, { requiredKeys: [] }), { nil: undefined }),
});
const history = fc.array(event, { minLength: 1, maxLength: 12 }).map((events) => events.map((one, i): DossierEvent => ({ ...one, eventId: `e${i}` })));
const shuffledTwice = history.chain((events) => fc.tuple(fc.constant(events), fc.subarray(events), fc.infiniteStream(fc.nat())).map(([all, again, chance]) => {
  const mixed = [...all, ...again].map((one) => ({ one, key: chance.next().value as number })).sort((a, b) => a.key - b.key).map(({ one }) => one);
  return { all, mixed };
}));

function sumOf(parts: readonly Contribution[]): Record<string, Partial<Record<Counter, number>>> {
  const sums: Record<string, Partial<Record<Counter, number>>> = {};
  for (const part of parts) {
    const place = (sums[JSON.stringify([part.unit, part.day, part.procedure, part.channel])] ??= {});
    for (const [name, n] of Object.entries(part.counts) as [Counter, number][]) { place[name] = (place[name] ?? 0) + n; if (place[name] === 0) Reflect.deleteProperty(place, name); }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, place]) => Object.keys(place).length > 0));
}

describe('for all histories', () => {
  it('shuffled and delivered twice, the outcome and what is counted are the same', () => fc.assert(fc.property(shuffledTwice, ({ all, mixed }) => {
    const state = fold(all, rules);
    expect(fold(mixed, rules)).toEqual(state);
    expect(contribution(fold(mixed, rules), zone)).toEqual(contribution(state, zone));
  }), { numRuns: 500 }));
  it('arriving one by one in any order, the differences add up to the whole', () => fc.assert(fc.property(shuffledTwice, ({ all, mixed }) => {
    const heard: DossierEvent[] = [];
    let before: Contribution[] = [];
    const changes: Contribution[] = [];
    for (const one of mixed) {
      heard.push(one);
      const after = contribution(fold(heard, rules), zone);
      changes.push(...difference(before, after));
      before = after;
    }
    expect(sumOf(changes)).toEqual(sumOf(contribution(fold(all, rules), zone)));
  }), { numRuns: 300 }));
  it('what is counted fits together', () => fc.assert(fc.property(history, (events) => {
    const state = fold(events, rules);
    const n = counts(state);
    const of = (name: Counter) => n[name] ?? 0;
    for (const name of COUNTERS) expect(of(name)).toBeGreaterThanOrEqual(0);
    expect(of('resolvedEarly') + of('resolvedOnTime') + of('resolvedLate')).toBe(of('resolved'));
    expect(of('resolved') + of('refused') + of('withdrawn')).toBeLessThanOrEqual(1);
    expect(of('left')).toBeLessThanOrEqual(of('entered'));
    expect([of('entered'), of('digitized') <= of('digitizedKnown'), of('electronicResult') <= of('electronicResultKnown'), of('paidOnline') <= of('feeRequired'), of('receivedOnline') <= of('channelKnown')]).toEqual([of('received'), true, true, true, true]);
    // What is pending, the running sum of both, is negative on no day.
    const dayWith = (name: Counter) => contribution(state, zone).find((part) => (part.counts[name] ?? 0) > 0)?.day;
    if (of('left') > 0) expect(dayWith('left')).toBeGreaterThanOrEqual(dayWith('entered') ?? Infinity);
    for (const pause of state.pauses) if (pause.to !== null) expect(pause.to).toBeGreaterThanOrEqual(pause.from);
  }), { numRuns: 300 }));
  it('a pause never brings the deadline nearer', () => fc.assert(fc.property(moment, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (received, later, long) => {
    const base: DossierEvent = { eventId: 'a', status: 'received', at: received, unit: 'u', procedure: 'seven' };
    const paused: DossierEvent[] = [base, { eventId: 'b', status: 'supplement_requested', at: received + later * HOUR }, { eventId: 'c', status: 'supplement_received', at: received + (later + long) * HOUR }];
    const [plain, moved] = [fold([base], rules).dueAt ?? 0, fold(paused, rules).dueAt ?? 0];
    expect(workingBetween(calendar, zone, 'u', plain, moved)).toBe(workingBetween(calendar, zone, 'u', received + later * HOUR, received + (later + long) * HOUR));
  })));
  it('one that has ended goes on from its state as if all its events were still there', () => fc.assert(fc.property(history, fc.array(event, { maxLength: 6 }), fc.integer({ min: 0, max: 5 }), (events, later, cut) => {
    const first: DossierEvent = { eventId: 'first', status: 'received', at: start - 1, unit: 'u', procedure: 'seven' };
    const end: DossierEvent = { eventId: 'end', status: 'stopped', at: start + 401 * 3 * HOUR };
    // Newer than all before; a procedure or a deadline told after the end would move what has ended.
    const news = later.map((one, i): DossierEvent => ({ ...one, eventId: `n${i}`, at: end.at + 1 + one.at - start, procedure: undefined, dueAt: undefined, unit: undefined })).sort((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1));
    const ended = fold([first, ...events, end], rules);
    const kept = structuredClone(ended);
    expect(continueEnded(continueEnded(ended, news.slice(0, cut), rules), news.slice(cut), rules)).toEqual(fold([first, ...events, end, ...news], rules));
    expect(ended).toEqual(kept);
  }), { numRuns: 300 }));
  it('letters of apology that come after the end, in any order, are the re-appointments that the whole would have', () => fc.assert(fc.property(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3 })), { maxLength: 8 }), fc.integer({ min: 0, max: 8 }), fc.infiniteStream(fc.nat()), (letters, known, chance) => {
      // Few dates, so that one is promised again after another; each letter at an instant of its own.
      const apologies = letters.map(([day, date], i): DossierEvent => ({ eventId: `a${i}`, status: 'apology_sent', at: start + day * DAY + i, newDueAt: start + (60 + date) * DAY }));
      const base: DossierEvent[] = [{ eventId: 'first', status: 'received', at: start - 1, unit: 'u', procedure: 'seven' }, { eventId: 'end', status: 'resolved', at: start + 20 * DAY }];
      const late = apologies.slice(known).map((one) => ({ one, key: chance.next().value as number })).sort((a, b) => a.key - b.key).map(({ one }) => one);
      const ended = fold([...base, ...apologies.slice(0, known)], rules);
      const going = late.reduce((state, one) => continueEnded(state, [one], rules), ended);
      const whole = fold([...base, ...apologies], rules);
      expect([going.reappointments, going.promised, going.newDueAt, going.apologies]).toEqual([whole.reappointments, whole.promised, whole.newDueAt, whole.apologies]);
      expect(continueEnded(ended, late, rules)).toMatchObject({ reappointments: whole.reappointments, newDueAt: whole.newDueAt });
    }), { numRuns: 300 }));
  it('a rate of nothing is not zero', () => { expect([rate(0, 0), rate(0, 4), rate(1, 4)]).toEqual([null, 0, 0.25]); });
});
