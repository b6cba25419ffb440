/** The forecast of queues through the API, on a real database: what is said, kept, measured, and seen by whom; and every figure of a queue down to its tickets. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueueForecastAnswer } from '#contract/forecast.ts';
import type { ExplainedItem, KpiAnswer } from '#contract/figures.ts';
import { dayText, MINUTE } from '#analytics/time/localDay.ts';
import { calendar } from '../analytics/shipped.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';
import { dayAt, exponential, hoursOf, simulate } from '../support/simulatedDesk.ts';

const DESK = '731', CHILD = '26068', SIBLING = '740', NEW = '25993';
const TODAY = dayAt('2026-06-30');
const at = (clock: string) => new Date(`${dayText(TODAY)}T${clock}:00+07:00`);
let time = at('09:05');
let centre: TestCentre;
let key: string;

interface Event { eventId: string; unit: string; ticket: string; status: string; at: string; counter?: string }
const made = (unit: string, seed: number, rate: number, from: string, to: number) => [...simulate({ seed, arrivals: () => rate, counters: () => 3, service: exponential(10) }, hoursOf(calendar, unit), dayAt(from), to)].flatMap(([day, visits]) => visits.flatMap((visit, i): Event[] => {
  const base = { unit, ticket: `N${i}` };
  const id = `${unit}-${day}-${i}`;
  const iso = (instant: number) => new Date(Math.round(instant)).toISOString();
  return [{ ...base, eventId: `${id}-i`, status: 'issued', at: iso(visit.issuedAt) }, { ...base, eventId: `${id}-c`, status: 'called', at: iso(visit.waitedUntil ?? 0), counter: visit.counter ?? '' }, { ...base, eventId: `${id}-s`, status: i % 20 === 7 ? 'no_show' : 'served', at: iso(visit.lastAt), counter: visit.counter ?? '' }];
}));
let coming: Event[] = [];
async function send(events: readonly Event[]) { for (let i = 0; i < events.length; i += 1000) expect((await centre.send('queue', events.slice(i, i + 1000), key)).status).toBe(200); }
/** The clock moves on, and what happened until then is sent. */
async function until(next: Date) {
  time = next;
  await send(coming.filter((event) => Date.parse(event.at) <= time.getTime()));
  coming = coming.filter((event) => Date.parse(event.at) > time.getTime());
}
const ask = async (unit: string, as = 'admin') => await centre.call<QueueForecastAnswer>('GET', `/forecast/queue?unit=${unit}`, { as });

beforeAll(async () => {
  centre = await startTestCentre({ now: () => time, change: (config) => { config.centre.sessionIdleMinutes = null; } });
  key = await centre.keyFor(['queue'], ['75']);
  const events = [...made(DESK, 1, 17, '2026-05-18', TODAY), ...made(CHILD, 2, 15, '2026-05-18', TODAY), ...made(SIBLING, 3, 12, '2026-06-01', TODAY), ...made(NEW, 4, 10, '2026-06-29', TODAY)];
  const midnight = at('00:00').getTime();
  await send(events.filter((event) => Date.parse(event.at) < midnight));
  coming = events.filter((event) => Date.parse(event.at) >= midnight);
  await until(at('09:05'));
  await centre.createUser('of-731', ['operator'], DESK);
}, 120_000);
afterAll(async () => { await centre?.end(); });

describe('the forecast of a desk', () => {
  it('says the wait of a ticket drawn now and the three hours to come, over the noon, with how sure it is', async () => {
    const { status, body } = await ask(CHILD);
    expect(status).toBe(200);
    const { desk } = body;
    if (!desk) throw new Error('no desk');
    const figures = (await centre.call<KpiAnswer>('GET', `/kpis?unit=${CHILD}&from=${dayText(TODAY)}&to=${dayText(TODAY)}`)).body.queue;
    expect([desk.waiting, desk.longestWaitSeconds, desk.openCounters, desk.servedToday, desk.noShowToday]).toEqual([figures.waiting, Math.round(figures.longestWaitSeconds ?? 0), figures.openCounters, figures.served, figures.noShow]);
    expect(desk.reason).toBeNull();
    expect(desk.wait?.p10).toBeLessThanOrEqual(desk.wait?.p50 ?? 0);
    expect(desk.wait?.p90).toBeGreaterThan(desk.wait?.p50 ?? 0);
    expect(desk.slots.map((slot) => [slot.from.slice(11, 16), slot.open])).toEqual([...Array.from({ length: 9 }, (_, i) => [new Date(at('09:15').getTime() + i * 15 * MINUTE).toISOString().slice(11, 16), true]), ['04:30', false], ['04:45', false], ['05:00', false]]);
    for (const slot of desk.slots) for (const band of [slot.arrivals, slot.waiting, slot.wait]) expect(band !== null).toBe(slot.open);
    expect(desk.noShowShare).toBeGreaterThan(0.02); expect(desk.noShowShare).toBeLessThan(0.08);
    expect(desk.history.days).toBeGreaterThan(25);
    expect(desk.simulated).toBe(false);
    // Nothing was forecast before: only the back-test, and it says that it is one.
    expect([desk.accuracy, desk.accuracyAhead]).toEqual([null, null]);
    expect(desk.backTest).toMatchObject({ days: 10 });
    expect(desk.backTest?.ratios.lastWeek).toBeLessThan(1);
  });
  it('says why it says nothing: too little history, closed, no queue at all', async () => {
    const young = (await ask(NEW)).body.desk;
    expect(young).toMatchObject({ wait: null, reason: 'little_history', slots: [], backTest: null, history: { days: 1, minimumDays: 5 } });
    expect((await ask('26119')).body).toMatchObject({ desk: null, desks: [], total: 0 });
    const before = time;
    time = at('20:00');
    expect((await ask(CHILD)).body.desk).toMatchObject({ wait: null, reason: 'closed' });
    time = before;
  });
  it('is seen within the scope only', async () => {
    expect((await ask(CHILD, 'of-731')).status).toBe(200);
    for (const unit of [SIBLING, '75', 'nowhere']) expect((await ask(unit, 'of-731')).status).toBe(404);
    await centre.forecasts.refresh();
    const own = (await centre.call<QueueForecastAnswer>('GET', '/forecast/queue', { as: 'of-731' })).body;
    expect(own.unit).toBe(DESK);
    expect(own.desks.map((row) => row.unit)).not.toContain(SIBLING);
  });
});

describe('the desks under a unit', () => {
  it('stand by their expected wait, those without one last, no more than asked for', async () => {
    await centre.forecasts.refresh();
    const { body } = await ask('75');
    expect(body.desk).toBeNull();
    expect(new Set(body.desks.map((row) => row.unit))).toEqual(new Set([DESK, CHILD, SIBLING, NEW]));
    expect(body.desks.at(-1)).toMatchObject({ unit: NEW, wait: null, reason: 'little_history' });
    const waits = body.desks.slice(0, -1).map((row) => row.wait?.p50 ?? -1);
    expect(waits).toEqual([...waits].sort((a, b) => b - a));
    const few = (await centre.call<QueueForecastAnswer>('GET', '/forecast/queue?unit=75&limit=2')).body;
    expect([few.desks.length, few.total]).toEqual([2, 4]);
    expect((await centre.call('GET', '/forecast/queue?unit=75&limit=0')).status).toBe(400);
    expect(centre.forecasts.expectedWait(CHILD)).toBe(body.desks.find((row) => row.unit === CHILD)?.wait?.p50);
    time = new Date(time.getTime() + 5 * MINUTE);
    // What was said five minutes ago is not shown as what holds now.
    expect(centre.forecasts.expectedWait(CHILD)).toBeNull();
  });
});

describe('forecasts against what came', () => {
  it('are kept every quarter of an hour, once, and compared with the first ticket that came', async () => {
    for (let next = at('09:16').getTime(); next <= at('11:20').getTime(); next += 5 * MINUTE) { await until(new Date(next)); await centre.forecasts.refresh(); }
    const rows = (await centre.database.query<{ unit: string; made_at: Date; from_at: Date; ahead: number; p10: number; p50: number; p90: number; actual: number | null; settled: boolean }>('SELECT * FROM queue_forecasts WHERE unit = $1 ORDER BY made_at, ahead', [CHILD])).rows;
    const marks = rows.filter((row) => row.ahead === 0).map((row) => row.made_at.getTime());
    expect(new Set(marks).size).toBe(marks.length);
    expect(marks.length).toBeGreaterThanOrEqual(9);
    const settled = rows.filter((row) => row.actual !== null);
    expect(settled.length).toBeGreaterThan(6);
    for (const row of settled) {
      const first = (await centre.database.query<{ wait: number }>("SELECT extract(epoch FROM waited_until - issued_at)::float8 AS wait FROM tickets WHERE unit = $1 AND issued_at >= $2 AND issued_at < $2 + interval '15 minutes' ORDER BY issued_at LIMIT 1", [CHILD, row.from_at])).rows[0];
      expect(Math.abs((first?.wait ?? NaN) - (row.actual ?? NaN))).toBeLessThanOrEqual(0.5);
    }
    const now = settled.filter((row) => row.ahead === 0);
    const mean = (of: (row: (typeof now)[number]) => number) => now.reduce((sum, row) => sum + of(row), 0) / now.length;
    const { accuracy, accuracyAhead } = (await ask(CHILD)).body.desk ?? {};
    expect(accuracy).toMatchObject({ days: 1, forecasts: now.length });
    expect(accuracy?.meanAbsoluteErrorSeconds).toBeCloseTo(mean((row) => Math.abs(row.p50 - (row.actual ?? 0))), 3);
    expect(accuracy?.biasSeconds).toBeCloseTo(mean((row) => row.p50 - (row.actual ?? 0)), 3);
    expect(accuracy?.withinBand).toBeCloseTo(mean((row) => Number((row.actual ?? 0) >= row.p10 - 1 && (row.actual ?? 0) <= row.p90 + 1)), 6);
    expect(accuracyAhead?.forecasts).toBeGreaterThan(0);
    const again = rows.length;
    await centre.forecasts.refresh();
    expect((await centre.database.query<{ n: number }>('SELECT count(*) AS n FROM queue_forecasts WHERE unit = $1', [CHILD])).rows[0]?.n).toBe(again);
  }, 60_000);
  it('one after which nobody came, or whose ticket was never called, is settled without a figure; old ones go', async () => {
    time = new Date(at('08:00').getTime() + 86_400_000);
    await centre.database.query("INSERT INTO queue_forecasts (unit, made_at, ahead, from_at, day, p10, p50, p90, simulated) VALUES ('26119', $1, 0, $1, $2, 1, 2, 3, false), ('26119', $3, 0, $3, $4, 1, 2, 3, false)", [at('10:00'), dayText(TODAY), new Date(at('10:00').getTime() - 31 * 86_400_000), dayText(TODAY - 31)]);
    await centre.forecasts.refresh();
    expect((await centre.database.query('SELECT settled, actual FROM queue_forecasts WHERE unit = $1', ['26119'])).rows).toEqual([{ settled: true, actual: null }]);
    time = at('11:20');
    expect((await ask('26119')).body.desk).toBeNull();
  });
});

describe('every figure of a queue opens to its tickets', () => {
  interface Behind { total: number; items: ExplainedItem[]; next: string | null }
  async function behind(name: string, unit: string, from: string, to: string): Promise<ExplainedItem[]> {
    const items: ExplainedItem[] = [];
    for (let after: string | null = '0'; after !== null;) {
      const { body }: { body: Behind } = await centre.call<Behind>('GET', `/kpis/${name}/explain?unit=${unit}&from=${from}&to=${to}&limit=500&after=${after}`);
      items.push(...body.items);
      after = body.next;
    }
    return items;
  }
  it('over any days, of any unit', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(CHILD, DESK, '75', '26119'), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 3 }), async (unit, back, length) => {
      const [from, to] = [dayText(TODAY - back - length), dayText(TODAY - back)];
      const { queue } = (await centre.call<KpiAnswer>('GET', `/kpis?unit=${unit}&from=${from}&to=${to}`)).body;
      const [served, noShow, waiting, longest, average, p90, open] = await Promise.all(['served', 'noShow', 'waiting', 'longestWait', 'averageWait', 'p90Wait', 'openCounters'].map(async (name) => await behind(name, unit, from, to)));
      if (!served || !noShow || !waiting || !longest || !average || !p90 || !open) throw new Error('no answer');
      expect([served.length, noShow.length, waiting.length, longest.length]).toEqual([queue.served, queue.noShow, queue.waiting, queue.waiting]);
      expect(longest[0]?.waitSeconds ?? null).toBe(queue.longestWaitSeconds === null ? null : Math.round(queue.longestWaitSeconds));
      const waits = average.map((item) => item.waitSeconds ?? NaN);
      if (waits.length === 0) expect([queue.averageWaitSeconds, queue.p90WaitSeconds]).toEqual([null, null]);
      else {
        expect(queue.averageWaitSeconds).toBeCloseTo(waits.reduce((sum, wait) => sum + wait, 0) / waits.length, 6);
        expect(waits).toEqual([...waits].sort((a, b) => b - a));
        expect(p90.length).toBeGreaterThan(0);
        expect(p90.length).toBeLessThanOrEqual(Math.ceil(waits.length / 10));
        expect(p90.map((item) => item.id + item.unit + item.at)).toEqual(average.slice(0, p90.length).map((item) => item.id + item.unit + item.at));
        expect((p90.at(-1)?.waitSeconds ?? 0) + 0.5).toBeGreaterThanOrEqual(queue.p90WaitSeconds ?? Infinity);
      }
      expect(new Set(open.map((item) => `${item.unit}/${item.counter}`)).size).toBe(queue.openCounters);
    }), { numRuns: 12 });
  }, 120_000);
});
