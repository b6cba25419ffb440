/** A calendar that is corrected: deadlines stay as they were counted until they are recomputed, and then both are kept. */
import pino from 'pino';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import type { Config } from '#config/schema.ts';
import type { ExplainedItem, KpiAnswer } from '#contract/figures.ts';
import type { IndicatorValues } from '#contract/indicators.ts';
import type { ScoresAnswer } from '#contract/scores.ts';
import { rulesOf } from '#server/centre.ts';
import { openCalendars } from '#server/deadlines/calendars.ts';
import { watchCalendar } from '#server/deadlines/notice.ts';
import { countDiffering, recomputeDeadlines, type CalendarNotice } from '#server/deadlines/recompute.ts';
import { recount } from '#server/figures/recount.ts';
import { writeRequests, readRequest } from '#server/ingest/kind.ts';
import { dossierKind } from '#server/ingest/postDossiers.ts';
import { readSetting } from '#server/settings.ts';
import { loadUnits } from '#server/units/tree.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const UNIT = '26068';
const NOW = new Date('2026-03-31T12:00:00+07:00');
let centre: TestCentre;
let key: string;
beforeAll(async () => { centre = await startTestCentre({ now: () => NOW }); key = await centre.keyFor(['dossiers'], ['75']); });
afterAll(async () => { await centre?.end(); });

/** As shipped, with Tuesday 10 March 2026 off: a storm, decided afterwards. */
const shipped = loadConfig({ dir: fromRoot('config'), environment: {} });
const withDayOff = (config: Config, ...days: string[]): Config => ({ ...config, calendar: { ...config.calendar, days: { ...config.calendar.days, ...Object.fromEntries(days.map((day) => [day, { kind: 'holiday' as const, name: 'x', source: 'x' }])) } } });
const corrected = withDayOff(shipped, '2026-03-10');

let n = 0;
const event = (dossier: string, status: string, at: string, more: object = {}) => ({ eventId: `e${(n += 1)}`, dossier, status, at: `${at.replace(' ', 'T')}:00+07:00`, unit: UNIT, procedure: '1.004199', ...more });
const kpis = async (deadlines: string, more = '') => (await centre.call<KpiAnswer>('GET', `/kpis?unit=75&from=2026-03-01&to=2026-03-31&deadlines=${deadlines}${more}`)).body;
const outcomes = ({ dossiers }: Pick<KpiAnswer, 'dossiers'>) => [dossiers.resolvedEarly, dossiers.resolvedOnTime, dossiers.resolvedLate, dossiers.pendingOverdue];
const items = async (name: string, deadlines: string) => (await centre.call<{ items: ExplainedItem[]; total: number }>('GET', `/kpis/${name}/explain?unit=75&from=2026-03-01&to=2026-03-31&deadlines=${deadlines}`)).body;
const row = async (code: string) => (await centre.database.query<{ due_at: Date | null; calendar: number; reported_due_at: Date | null; reported_calendar: number | null }>('SELECT due_at, calendar, reported_due_at, reported_calendar FROM dossiers WHERE code = $1', [code])).rows[0];
const local = (at: Date | null | undefined) => (at ? new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ') : null);
const clean = async (config: Config) => (await recount(centre.database, rulesOf(config), false)).mismatches;
const notice = async () => await readSetting<CalendarNotice>(centre.database, 'calendar');

/** What a centre with another calendar would do with these events, on the same database. */
async function sendUnder(config: Config, events: object[]) {
  const rules = rulesOf(config);
  const units = await loadUnits(centre.database, config.units, config.successors, () => 20_000);
  const parts = { database: centre.database, units, zone: rules.zone, now: () => NOW, changed: () => undefined };
  const kind = dossierKind({ ...rules, calendars: await openCalendars(centre.database, rules, NOW) }, units, () => NOW);
  const source = { id: 'test', kinds: ['dossiers'] as const, units: new Set(units.tree.under('75')), simulated: false };
  const request = readRequest(kind, events.map((value, index) => ({ index, value, malformed: null })), source as never, parts);
  expect((await writeRequests(kind, [request], parts))[0]).toMatchObject({ accepted: events.length, rejected: [] });
}

describe('before the correction', () => {
  it('seven working days are seven of the calendar that is configured', async () => {
    await centre.send('dossiers', [
      // Received Monday 2 March 08:00: due Wednesday 11 March 08:00; with the 10th off Thursday 12 March 08:00.
      event('LATE', 'received', '2026-03-02 08:00', { channel: 'in_person' }), event('LATE', 'resolved', '2026-03-11 10:00'),
      event('OPEN', 'received', '2026-03-20 08:00'), event('STANDS', 'received', '2026-03-02 08:00'),
      event('TOLD', 'received', '2026-03-02 08:00', { dueAt: '2026-03-11T17:00:00+07:00' }), event('TOLD', 'resolved', '2026-03-12 08:00'),
      event('APRIL', 'received', '2026-03-27 08:00'),
    ], key);
    expect([local((await row('LATE'))?.due_at), local((await row('STANDS'))?.due_at), (await row('LATE'))?.calendar]).toEqual(['2026-03-11 08:00', '2026-03-11 08:00', 1]);
    expect(outcomes(await kpis('corrected'))).toEqual([0, 0, 2, 2]);
    expect(outcomes(await kpis('reported'))).toEqual([0, 0, 2, 2]);
    expect(await clean(shipped)).toEqual([]);
  });
  it('a later event under a changed calendar moves nothing, also not by a pause, and a new dossier is counted by the new one', async () => {
    await sendUnder(corrected, [
      // Stood from Monday 9 to Wednesday 11 March 08:00: two days by the old calendar, one by the new.
      event('STANDS', 'supplement_requested', '2026-03-09 08:00'), event('STANDS', 'supplement_received', '2026-03-11 08:00'), event('OPEN', 'processing', '2026-03-20 09:00'), event('NEW', 'received', '2026-03-02 08:00'),
    ]);
    expect(await row('STANDS')).toMatchObject({ calendar: 1, reported_calendar: null });
    expect([local((await row('STANDS'))?.due_at), local((await row('OPEN'))?.due_at), local((await row('NEW'))?.due_at), (await row('NEW'))?.calendar]).toEqual(['2026-03-13 08:00', '2026-03-31 08:00', '2026-03-12 08:00', 2]);
    // Each by its own calendar, whichever is configured where the recount runs.
    expect([await clean(shipped), await clean(corrected)]).toEqual([[], []]);
  });
  it('is counted at start, said in the log and on the page of the administration', async () => {
    const lines: string[] = [];
    const rules = rulesOf(corrected);
    const watch = async () => await watchCalendar({ database: centre.database, rules, calendars: await openCalendars(centre.database, rules, NOW), log: pino({ level: 'warn' }, { write: (line: string) => { lines.push(line); } }), now: () => NOW });
    expect(await notice()).toMatchObject({ calendar: 1, previous: null, behind: 0, differing: 0 });
    const first = await watch();
    await expect.poll(notice).toMatchObject({ calendar: 2, previous: 1, behind: 5, differing: 1, corrected: null });
    await first.stop();
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['calendar_changed', 'deadlines_differ']);
    // A second start with the same calendar has nothing new to say.
    await (await watch()).stop();
    expect(lines).toHaveLength(2);
    expect((await centre.call<{ calendar: unknown }>('GET', '/system')).body.calendar).toMatchObject({ calendar: 2, behind: 5, differing: 1 });
  });
  it('a check changes nothing', async () => {
    const before = (await centre.database.query('SELECT * FROM dossiers ORDER BY code')).rows;
    const done = await recomputeDeadlines(centre.database, rulesOf(corrected), { actor: 'test', at: NOW, check: true });
    // STANDS: one working day later, and one day less of standing still: the same deadline. TOLD was told. OPEN came after the day.
    expect(done).toMatchObject({ behind: 5, differing: 1, outcomes: 1, unprovable: 0, examples: [{ code: 'LATE' }] });
    expect((await centre.database.query('SELECT * FROM dossiers ORDER BY code')).rows).toEqual(before);
  });
});

describe('the correction', () => {
  it('moves what differs, keeps both, and leaves the counters exact', async () => {
    const done = await recomputeDeadlines(centre.database, rulesOf(corrected), { actor: 'test', at: NOW, check: false });
    expect(done).toMatchObject({ behind: 5, differing: 1, outcomes: 1 });
    expect(await row('LATE')).toMatchObject({ calendar: 2, reported_calendar: 1 });
    expect([local((await row('LATE'))?.due_at), local((await row('LATE'))?.reported_due_at)]).toEqual(['2026-03-12 08:00', '2026-03-11 08:00']);
    expect(await row('STANDS')).toMatchObject({ calendar: 2, reported_calendar: null });
    expect((await centre.database.query('SELECT dossier, from_calendar, to_calendar, before < after AS later FROM deadline_corrections')).rows).toEqual([{ dossier: 'LATE', from_calendar: 1, to_calendar: 2, later: true }]);
    expect((await centre.database.query("SELECT actor, detail FROM audit_log WHERE action = 'deadlines.recompute'")).rows).toMatchObject([{ actor: 'test', detail: { moved: 1, otherOutcome: 1, reckonedAgain: 5 } }]);
    expect([await clean(shipped), await clean(corrected)]).toEqual([[], []]);
    expect(await notice()).toMatchObject({ calendar: 2, differing: 0, behind: 0, corrected: { dossiers: 1 } });
    // To do it again does nothing.
    expect(await recomputeDeadlines(centre.database, rulesOf(corrected), { actor: 'test', at: NOW, check: false })).toMatchObject({ behind: 0, differing: 0 });
  });
  it('both can be asked for: in the figures, by day and procedure and channel, and in the list', async () => {
    expect([outcomes(await kpis('corrected')), outcomes(await kpis('reported'))]).toEqual([[1, 0, 1, 3], [0, 0, 2, 3]]);
    expect([(await kpis('corrected')).dossiers.onTimeRate, (await kpis('reported')).dossiers.onTimeRate, (await kpis('reported')).deadlines]).toEqual([0.5, 0, 'reported']);
    for (const by of ['day', 'week', 'month', 'unit', 'procedure', 'channel']) {
      const sum = async (deadlines: string) => (await kpis(deadlines, `&by=${by}`)).rows?.reduce((total, { dossiers }) => total + dossiers.resolvedLate, 0);
      // Of the two resolved only LATE came by a channel that is known.
      expect([by, await sum('corrected'), await sum('reported')]).toEqual([by, ...(by === 'channel' ? [0, 1] : [1, 2])]);
    }
    expect((await items('resolvedLate', 'corrected')).items.map((item) => item.id)).toEqual(['TOLD']);
    expect((await items('resolvedLate', 'reported')).items.map((item) => [item.id, item.outcome, item.correction]).sort()).toEqual([
      ['LATE', 'late', { reported: '2026-03-11T01:00:00.000Z', corrected: '2026-03-12T01:00:00.000Z' }], ['TOLD', 'late', null]]);
    expect((await items('resolvedEarly', 'corrected')).items).toMatchObject([{ id: 'LATE', dueAt: '2026-03-12T01:00:00.000Z', outcome: 'early', correction: { reported: '2026-03-11T01:00:00.000Z' } }]);
    expect((await centre.call('GET', '/kpis?unit=75&deadlines=guessed')).status).toBe(400);
  });
  it('the indicators and scores can be asked for by both too, each as long as its lists', async () => {
    const share = async (deadlines: string, id: string) => { const { body } = await centre.call<IndicatorValues>('GET', `/indicators/values?unit=75&from=2026-03-01&to=2026-03-31&deadlines=${deadlines}`); const one = body.values.find((value) => value.id === id); return [body.deadlines, one?.of, one?.in]; };
    expect([await share('corrected', 'onTimeRate'), await share('reported', 'onTimeRate')]).toEqual([['corrected', 1, 2], ['reported', 0, 2]]);
    // Counted by the list's own condition: late are TOLD and what is overdue, and as reported LATE.
    expect([await share('corrected', 'apologyRate'), await share('reported', 'apologyRate')]).toEqual([['corrected', 0, 4], ['reported', 0, 5]]);
    const item = async (deadlines: string) => { const { body } = await centre.call<ScoresAnswer>('GET', `/scores?unit=75&period=2026-03&deadlines=${deadlines}`); const one = body.scores.find((score) => score.id === 'decision-766')?.groups.flatMap((group) => group.items).find(({ id }) => id === '2.1'); return [body.deadlines, one?.of, one?.in]; };
    for (const deadlines of ['corrected', 'reported']) {
      expect([deadlines, (await items('lateAll', deadlines)).total]).toEqual([deadlines, (await share(deadlines, 'apologyRate'))[2]]);
      expect([deadlines, (await items('inTime766', deadlines)).total, (await items('handled766', deadlines)).total]).toEqual(await item(deadlines));
    }
    expect((await item('corrected'))[1]).toBe(Number((await item('reported'))[1]) + 1);
  });
  it('what comes later moves both by their own calendars', async () => {
    await sendUnder(withDayOff(shipped, '2026-03-10'), [event('WAIT', 'received', '2026-03-02 08:00', { eventId: 'w1' })]);
    expect((await row('WAIT'))?.calendar).toBe(2);
    // The second day off falls into what the dossier stands still for.
    const again = withDayOff(corrected, '2026-03-11');
    await recomputeDeadlines(centre.database, rulesOf(again), { actor: 'test', at: NOW, check: false });
    expect([local((await row('WAIT'))?.due_at), local((await row('WAIT'))?.reported_due_at)]).toEqual(['2026-03-13 08:00', '2026-03-12 08:00']);
    await sendUnder(again, [event('WAIT', 'supplement_requested', '2026-03-06 08:00'), event('WAIT', 'supplement_received', '2026-03-12 08:00')]);
    // By the third calendar it stood for two days (6, 9), by the second for three (6, 9, 11).
    expect([local((await row('WAIT'))?.due_at), local((await row('WAIT'))?.reported_due_at)]).toEqual(['2026-03-17 08:00', '2026-03-17 08:00']);
    expect(await clean(again)).toEqual([]);
  });
  it('going back ends the difference, and says so in the corrections', async () => {
    await recomputeDeadlines(centre.database, rulesOf(shipped), { actor: 'test', at: NOW, check: false });
    expect(await row('LATE')).toMatchObject({ calendar: 1, reported_calendar: null, reported_due_at: null });
    expect([outcomes(await kpis('corrected'))[2], outcomes(await kpis('reported'))[2]]).toEqual([2, 2]);
    expect((await centre.database.query("SELECT from_calendar, to_calendar FROM deadline_corrections WHERE dossier = 'LATE' ORDER BY id")).rows).toEqual([{ from_calendar: 1, to_calendar: 2 }, { from_calendar: 2, to_calendar: 3 }, { from_calendar: 3, to_calendar: 1 }]);
    expect(await clean(shipped)).toEqual([]);
  });
  it('an unknown procedure that the list now names gets its deadline, and had none as reported', async () => {
    await centre.send('dossiers', [event('X', 'received', '2026-03-02 08:00', { procedure: '9.999999' }), event('X', 'resolved', '2026-03-12 08:00', { procedure: '9.999999' })], key);
    const named = { ...shipped, procedures: [...shipped.procedures, { ...shipped.procedures[0] as Config['procedures'][number], code: '9.999999', workingDays: 2 }] };
    expect(await recomputeDeadlines(centre.database, rulesOf(named), { actor: 'test', at: NOW, check: false })).toMatchObject({ differing: 1 });
    expect([local((await row('X'))?.due_at), local((await row('X'))?.reported_due_at)]).toEqual(['2026-03-04 08:00', null]);
    expect((await items('resolvedLate', 'corrected')).items.find((item) => item.id === 'X')?.correction).toEqual({ reported: null, corrected: '2026-03-04T01:00:00.000Z' });
    expect((await items('resolvedOnTime', 'reported')).items.map((item) => item.id)).toEqual(['X']);
    expect(await clean(named)).toEqual([]);
  });
});

describe('for all histories and corrections', () => {
  it('the counters are exact, and as reported is what was counted before', async () => {
    const STATUSES = ['received', 'processing', 'supplement_requested', 'supplement_received', 'resolved', 'withdrawn'] as const;
    let run = 0;
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ dossier: fc.integer({ min: 0, max: 4 }), status: fc.constantFrom(...STATUSES), hour: fc.integer({ min: 0, max: 600 }), told: fc.boolean() }), { minLength: 1, maxLength: 15 }), fc.subarray(['2026-03-03', '2026-03-06', '2026-03-10', '2026-03-13', '2026-03-19'], { minLength: 1 }),
      async (drawn, daysOff) => {
        run += 1;
        const start = Date.parse('2026-03-02T00:00:00+07:00');
        const events = drawn.map((one, i) => ({ eventId: `p${run}-${i}`, dossier: `P-${run}-${one.dossier}`, status: one.status, at: new Date(start + one.hour * 3_600_000).toISOString(), unit: UNIT, procedure: '1.004199', ...(one.told ? { dueAt: new Date(start + 240 * 3_600_000).toISOString() } : {}) }));
        await recomputeDeadlines(centre.database, rulesOf(shipped), { actor: 'test', at: NOW, check: false });
        await sendUnder(shipped, events);
        const before = outcomes(await kpis('corrected'));
        const storm = withDayOff(shipped, ...daysOff);
        const promised = await countDiffering(centre.database, rulesOf(storm), await openCalendars(centre.database, rulesOf(storm), NOW));
        const done = await recomputeDeadlines(centre.database, rulesOf(storm), { actor: 'test', at: NOW, check: false });
        expect(done).toEqual(promised);
        expect(outcomes(await kpis('reported'))).toEqual(before);
        expect(await clean(storm)).toEqual([]);
        for (const [name, place] of [['resolvedEarly', 0], ['resolvedOnTime', 1], ['resolvedLate', 2], ['pendingOverdue', 3]] as const) for (const deadlines of ['corrected', 'reported']) expect([name, deadlines, (await items(name, deadlines)).total]).toEqual([name, deadlines, outcomes(await kpis(deadlines))[place]]);
      }), { numRuns: 12 });
  }, 120_000);
});


it('where units have a life, both are counted for who had the work on the day', async () => {
  const dated = await startTestCentre({ environment: { UNIT_TREE: 'history' }, now: () => new Date('2025-08-01T12:00:00+07:00') });
  try {
    const config = loadConfig({ dir: fromRoot('config'), environment: { UNIT_TREE: 'history' } });
    // Taken by Bình Đa on Friday 27 June 2025 with seven working days; resolved when its work was Tam Hiệp's. Due Tuesday 8 July 08:00, with Monday 30 June off a day later.
    const own = (status: string, at: string) => ({ eventId: `d-${status}`, dossier: 'D', status, at: `${at}:00+07:00`, unit: '26047', procedure: '1.004199' });
    await dated.send('dossiers', [own('received', '2025-06-27T08:00'), own('resolved', '2025-07-08T09:00')], await dated.keyFor(['dossiers'], ['75']));
    const rules = rulesOf(withDayOff(config, '2025-06-30'));
    expect(await recomputeDeadlines(dated.database, rules, { actor: 'test', at: NOW, check: false })).toMatchObject({ differing: 1, outcomes: 1 });
    for (const tree of ['as_of_date', 'now']) for (const [deadlines, late] of [['corrected', 0], ['reported', 1]] as const) {
      const body = (await dated.call<KpiAnswer>('GET', `/kpis?unit=75&from=2025-06-01&to=2025-07-31&by=unit&tree=${tree}&deadlines=${deadlines}`)).body;
      expect([tree, deadlines, body.dossiers.resolvedLate, body.rows?.find((one) => one.key.startsWith('26017'))?.dossiers.resolvedLate]).toEqual([tree, deadlines, late, late]);
      expect((await dated.call<{ total: number }>('GET', `/kpis/resolvedLate/explain?unit=75&from=2025-06-01&to=2025-07-31&tree=${tree}&deadlines=${deadlines}`)).body.total).toBe(late);
    }
    expect((await recount(dated.database, rules, false)).mismatches).toEqual([]);
  } finally { await dated.end(); }
}, 60_000);
