/** A day closed by its source: agreed, apart, opened again by what comes late, and closed again. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '#contract/alert.ts';
import type { ClosedDay, DayCloseResult, DayCloseResults } from '#contract/coverage.ts';
import type { KpiAnswer } from '#contract/figures.ts';
import { recount } from '#server/figures/recount.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const NOW = new Date('2026-03-20T10:00:00+07:00');
let centre: TestCentre;
let key: string;
beforeAll(async () => {
  centre = await startTestCentre({ now: () => NOW });
  key = await centre.keyFor(['dossiers'], ['75']);
});
afterAll(async () => { await centre?.end(); });

let serial = 0;
const at = (day: string, hour = 8) => `${day}T${String(hour).padStart(2, '0')}:00:00+07:00`;
const event = (unit: string, dossier: string, status: string, when: string) => ({ eventId: `e${serial += 1}`, dossier, status, at: when, unit, procedure: '1.004199' });
const send = async (...events: object[]) => { expect((await centre.send('dossiers', events, key)).body.accepted).toBe(events.length); };
const close = async <T = DayCloseResult>(body: unknown, as = key) => await centre.call<T & { code?: string; detail?: string }>('POST', '/ingest/day-close', { as: null, body, headers: { authorization: `Bearer ${as}` } });
const days = async (unit: string, query = 'from=2026-03-01&to=2026-03-20', as = 'admin') => (await centre.call<{ days: ClosedDay[]; total: number }>('GET', `/day-closes?unit=${unit}&${query}`, { as })).body;
const day = async (unit: string, text: string) => (await days(unit)).days.find((one) => one.unit === unit && one.day === text);
const alertsOf = async (unit: string, state: string) => (await centre.call<{ alerts: AlertRow[] }>('GET', `/alerts?state=${state}&rule=day_mismatch&unit=${unit}`)).body.alerts;
const until = async (what: () => Promise<boolean>) => { await expect.poll(what, { timeout: 15_000, interval: 250 }).toBe(true); };

describe('a day close', () => {
  it('that agrees closes the day; told again it is nothing new', async () => {
    await send(event('26068', 'A1', 'received', at('2026-03-02')), event('26068', 'A2', 'received', at('2026-03-02')), event('26068', 'A1', 'resolved', at('2026-03-03')));
    const body = { unit: '26068', day: '2026-03-03', counts: { received: 0, resolved: 1, pending: 1 } };
    const answer = await close(body);
    expect([answer.status, answer.body]).toEqual([200, { unit: '26068', day: '2026-03-03', matches: true, ours: { received: 0, resolved: 1, pending: 1 }, theirs: body.counts, differences: {} }]);
    expect((await close(body)).body.matches).toBe(true);
    expect(await day('26068', '2026-03-03')).toMatchObject({ state: 'closed', matches: true, reopenedAt: null, lateEvents: 0, closedAt: NOW.toISOString(), sources: [{ times: 1, theirs: body.counts, differences: {} }] });
    expect((await centre.database.query('SELECT 1 FROM day_closes WHERE day = $1', ['2026-03-03'])).rowCount).toBe(1);
  });

  it('compares only what the source counts', async () => {
    expect((await close({ unit: '26068', day: '2026-03-02', counts: { received: 2 } })).body).toMatchObject({ matches: true, ours: { received: 2, resolved: 0, pending: 2 }, theirs: { received: 2 }, differences: {} });
  });

  it('that differs says by how much, opens one alert, and closes it when the two agree', async () => {
    await send(event('25993', 'B1', 'received', at('2026-03-04')));
    const answer = await close({ unit: '25993', day: '2026-03-04', counts: { received: 3, pending: 0 } });
    expect(answer.body).toMatchObject({ matches: false, ours: { received: 1, resolved: 0, pending: 1 }, differences: { received: -2, pending: 1 } });
    expect(await day('25993', '2026-03-04')).toMatchObject({ state: 'mismatch', closedAt: null, reopenedAt: null });
    await until(async () => (await alertsOf('25993', 'active')).length === 1);
    expect((await alertsOf('25993', 'active'))[0]).toMatchObject({ rule: 'day_mismatch', unit: '25993', subject: '25993/2026-03-04', value: 2, limit: 0, state: 'open' });
    // The source tells other counts: the earlier ones are kept, the newest count.
    expect((await close({ unit: '25993', day: '2026-03-04', counts: { received: 1, pending: 1 } })).body.matches).toBe(true);
    expect(await day('25993', '2026-03-04')).toMatchObject({ state: 'closed', sources: [{ times: 2, theirs: { received: 1, pending: 1 } }] });
    await until(async () => (await alertsOf('25993', 'active')).length === 0);
    expect(await alertsOf('25993', 'all')).toMatchObject([{ state: 'resolved', closedReason: 'condition_ended' }]);
  });

  it('of two sources: the day is closed when both agree', async () => {
    const other = await centre.keyFor(['dossiers'], ['731']);
    expect((await close({ unit: '25993', day: '2026-03-05', counts: { received: 0 } })).body.matches).toBe(true);
    expect((await close({ unit: '25993', day: '2026-03-05', counts: { received: 4 } }, other)).body.matches).toBe(false);
    // Each source is answered for itself.
    expect((await close({ unit: '25993', day: '2026-03-05', counts: { received: 0 } })).body.matches).toBe(true);
    expect(await day('25993', '2026-03-05')).toMatchObject({ state: 'mismatch', matches: false, theirs: { received: 4 }, differences: { received: -4 } });
    expect((await close({ unit: '25993', day: '2026-03-05', counts: { received: 0 } }, other)).body.matches).toBe(true);
    expect(await day('25993', '2026-03-05')).toMatchObject({ state: 'closed', sources: [{}, {}] });
  });
});

describe('what comes late', () => {
  it('opens the day again with a mark, and the next close that agrees closes it', async () => {
    await send(event('26116', 'C1', 'received', at('2026-03-09')));
    await close({ unit: '26116', day: '2026-03-09', counts: { received: 1, pending: 1 } });
    await close({ unit: '26116', day: '2026-03-10', counts: { received: 0, pending: 1 } });
    const late = [event('26116', 'C2', 'received', at('2026-03-09', 9)), event('26116', 'C3', 'received', at('2026-03-09', 10))];
    await send(...late);
    expect(await day('26116', '2026-03-09')).toMatchObject({ state: 'reopened', reopenedAt: NOW.toISOString(), closedAt: NOW.toISOString(), lateEvents: 2, lateTotal: 2, reopenings: 1, ours: { received: 3, pending: 3 }, differences: { received: 2, pending: 2 } });
    // What is pending at the end of the next day changed as well.
    expect(await day('26116', '2026-03-10')).toMatchObject({ state: 'reopened', lateEvents: 2, differences: { pending: 2 } });
    await until(async () => (await alertsOf('26116', 'active')).length === 2);
    // A second delivery changes nothing.
    expect((await centre.send('dossiers', late, key)).body).toMatchObject({ accepted: 0, duplicates: 2 });
    expect(await day('26116', '2026-03-09')).toMatchObject({ lateEvents: 2 });
    expect((await close({ unit: '26116', day: '2026-03-09', counts: { received: 3, pending: 3 } })).body.matches).toBe(true);
    expect(await day('26116', '2026-03-09')).toMatchObject({ state: 'closed', reopenedAt: null, lateEvents: 0, lateTotal: 2, reopenings: 1 });
    expect((await days('26116', 'from=2026-03-01&to=2026-03-20&open=true')).days.map((one) => one.day)).toEqual(['2026-03-10']);
    await until(async () => (await alertsOf('26116', 'active')).length === 1);
  });

  it('closes the day by itself when it makes the two agree', async () => {
    await close({ unit: '26116', day: '2026-03-16', counts: { received: 2 } });
    expect(await day('26116', '2026-03-16')).toMatchObject({ state: 'mismatch', reopenedAt: null });
    await send(event('26116', 'D1', 'received', at('2026-03-16')));
    expect(await day('26116', '2026-03-16')).toMatchObject({ state: 'reopened', lateEvents: 1, differences: { received: -1 } });
    await send(event('26116', 'D2', 'received', at('2026-03-16')));
    expect(await day('26116', '2026-03-16')).toMatchObject({ state: 'closed', reopenedAt: null, lateEvents: 0, lateTotal: 2 });
  });

  it('for another unit, a later day or a fact that is not counted changes nothing', async () => {
    await close({ unit: '26116', day: '2026-03-17', counts: { received: 0, resolved: 0 } });
    const before = await day('26116', '2026-03-17');
    await send(event('26068', 'E1', 'received', at('2026-03-17')), event('26116', 'E2', 'received', at('2026-03-18')), { ...event('26116', 'D1', 'facts_updated', at('2026-03-17')), facts: { digitized: true } });
    expect(await day('26116', '2026-03-17')).toEqual(before);
  });

  it('while the day is being closed is never missed', async () => {
    const unit = '26119';
    // A close waits for an ingest that is being written: it must see what that counts.
    let release = () => {};
    const held = new Promise<void>((started) => {
      void centre.database.transaction(async (connection) => {
        await connection.query('SELECT pg_advisory_xact_lock(7201100)');
        started();
        await new Promise<void>((resolve) => { release = resolve; });
      });
    });
    await held;
    let answered = false;
    const closing = close({ unit, day: '2026-01-01', counts: { received: 0 } }).then(() => { answered = true; });
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    expect(answered).toBe(false);
    release();
    await closing;
    // Many at once: each day stands as it was counted in the end, whichever of the two came first.
    const texts = Array.from({ length: 25 }, (_, i) => `2026-02-${String(i + 1).padStart(2, '0')}`);
    await Promise.all(texts.flatMap((text, i) => [send(event(unit, `F${i}`, 'received', at(text))), close({ unit, day: text, counts: { received: i % 2 } })]));
    const found = (await days(unit, 'from=2026-02-01&to=2026-02-28')).days;
    expect(found.map((one) => [one.day, one.ours.received, one.matches]).sort()).toEqual(texts.map((text, i) => [text, 1, i % 2 === 1]));
  });

  it('in whatever order: our counts are those of the figures, and a day is closed exactly when the source tells the same', async () => {
    const unit = '26122';
    const texts = ['2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06'];
    const step = fc.oneof(
      fc.record({ dossier: fc.integer({ min: 1, max: 6 }), status: fc.constantFrom('received', 'resolved', 'withdrawn', 'supplement_requested', 'returned'), day: fc.constantFrom(...texts), hour: fc.integer({ min: 0, max: 23 }) }),
      fc.record({ close: fc.constantFrom(...texts), received: fc.integer({ min: 0, max: 3 }), pending: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) }));
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      run += 1;
      for (const one of steps) {
        if ('close' in one) await close({ unit, day: one.close, counts: { received: one.received, ...(one.pending === undefined ? {} : { pending: one.pending }) } });
        else await send(event(unit, `P${run}-${one.dossier}`, one.status, at(one.day, one.hour)));
      }
      for (const stands of (await days(unit)).days) {
        const { dossiers } = (await centre.call<KpiAnswer>('GET', `/kpis?unit=${unit}&from=${stands.day}&to=${stands.day}`)).body;
        expect([stands.day, stands.ours]).toEqual([stands.day, { received: dossiers.received, resolved: dossiers.resolved, pending: dossiers.pending }]);
        expect(stands.matches).toBe(stands.theirs.received === dossiers.received && (stands.theirs.pending ?? dossiers.pending) === dossiers.pending);
        expect(stands.state === 'closed').toBe(stands.matches);
      }
    }), { numRuns: 15 });
  });

  it('is compared again when the counters are made anew', async () => {
    await centre.database.query("UPDATE counter_days SET received = received + 5 WHERE unit = '26068' AND day = '2026-03-02' AND dimension = 0");
    await centre.database.query("UPDATE day_states SET matches = false, farthest = 5 WHERE unit = '26068' AND day = '2026-03-02'");
    expect((await recount(centre.database, centre.rules, true)).mismatches).toHaveLength(1);
    expect(await day('26068', '2026-03-02')).toMatchObject({ state: 'closed', ours: { received: 2 } });
  });
});

describe('a close that is not accepted', () => {
  const good = { unit: '26068', day: '2026-03-02', counts: { received: 2 } };
  it.each([
    [{ ...good, unit: 'nowhere' }, 422, 'unknown_unit'], [{ ...good, day: '2026-03-21' }, 422, 'time_in_future'], [{ ...good, day: '1989-12-31' }, 422, 'time_out_of_range'],
    [{ ...good, day: '2026-02-30' }, 422, 'invalid_event'], [{ ...good, day: '02/03/2026' }, 422, 'invalid_event'], [{ ...good, counts: {} }, 422, 'invalid_event'], [{ ...good, counts: { received: -1 } }, 422, 'invalid_event'],
    [{ ...good, counts: { received: 1.5 } }, 422, 'invalid_event'], [{ ...good, counts: { received: '2' } }, 422, 'invalid_event'], [{ ...good, counts: { received: 1e10 } }, 422, 'invalid_event'], [{ ...good, counts: { refused: 1 } }, 422, 'unknown_field'],
    [{ ...good, note: 'x' }, 422, 'unknown_field'], [{ ...good, hoTen: 'A' }, 422, 'personal_data'], [{ unit: '26068', day: '2026-03-02' }, 422, 'invalid_event'], [{}, 422, 'invalid_event'], [null, 422, 'not_an_object'], ['text', 422, 'not_an_object'],
    ['{"unit":', 400, 'malformed_json'], ['', 400, 'body_not_events'],
  ])('%j', async (body, status, code) => {
    const before = await days('75');
    const answer = await close(body === 'text' ? '"text"' : body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await days('75')).toEqual(before);
  });

  it('comes from a key that does not reach the unit, is not for dossiers, or is none', async () => {
    const narrow = await centre.keyFor(['dossiers'], ['740']);
    expect((await close(good, narrow)).body).toMatchObject({ code: 'unit_out_of_scope', status: 422 });
    const queues = await centre.keyFor(['queue'], ['75']);
    expect((await close(good, queues)).body).toMatchObject({ code: 'key_kind', status: 403 });
    expect((await close(good, 'wrong-wrong-wrong-wrong')).status).toBe(401);
  });

  it('within an array takes none of the good ones with it', async () => {
    const answer = await close<DayCloseResults>([{ ...good, unit: 'nowhere' }, good, { ...good, day: '2027-01-01' }, { ...good, day: '2026-03-19', counts: { received: 7 } }, 5]);
    expect(answer.status).toBe(200);
    expect(answer.body.results.map((one) => [one.index, one.day, one.matches])).toEqual([[1, '2026-03-02', true], [3, '2026-03-19', false]]);
    expect(answer.body.rejected.map((one) => [one.index, one.code])).toEqual([[0, 'unknown_unit'], [2, 'time_in_future'], [4, 'not_an_object']]);
    expect((await close<DayCloseResults>([])).body).toEqual({ results: [], rejected: [] });
    // The same day twice: the later one counts.
    await close([{ ...good, day: '2026-03-19', counts: { received: 9 } }, { ...good, day: '2026-03-19', counts: { received: 0 } }]);
    expect(await day('26068', '2026-03-19')).toMatchObject({ matches: true, theirs: { received: 0 }, sources: [{ times: 3 }] });
    expect((await close(Array.from({ length: 1001 }, () => good))).status).toBe(413);
  });
});

describe('the list', () => {
  it('holds the unit and what is under it, within the period and the scope', async () => {
    await centre.createUser('dc-731', ['leader'], '731');
    const seen = await days('731', 'from=2026-03-01&to=2026-03-20', 'dc-731');
    expect(new Set(seen.days.map((one) => one.unit))).toContain('25993');
    expect((await centre.call('GET', '/day-closes?unit=740', { as: 'dc-731' })).status).toBe(404);
    expect((await centre.call<{ unit: string }>('GET', '/day-closes', { as: 'dc-731' })).body.unit).toBe('731');
    expect((await days('25993', 'from=2026-03-04&to=2026-03-04')).days.map((one) => one.day)).toEqual(['2026-03-04']);
    expect(await days('75', 'from=2026-03-01&to=2026-03-20&limit=1')).toMatchObject({ days: [{ day: '2026-03-19' }] });
    expect((await centre.call('GET', '/day-closes?unit=75&from=x')).body).toMatchObject({ code: 'bad_period' });
  });
});
