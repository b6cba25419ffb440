/** The indicators of the planning documents: each figure is the length of its list, and what nobody told has no value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BehindIndicator, IndicatorDefinition, IndicatorValue, IndicatorValues } from '#contract/indicators.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
const values = async (unit: string, from = '2026-03-01', to = '2026-03-31') => new Map((await centre.call<IndicatorValues>('GET', `/indicators/values?unit=${unit}&from=${from}&to=${to}`)).body.values.map((value) => [value.id, value]));
const brief = (value: IndicatorValue | undefined) => value && { value: value.value, of: value.of, in: value.in, state: value.state };
const at = (day: number, hour = 9) => `2026-03-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00+07:00`;

beforeAll(async () => {
  centre = await startTestCentre({ now: () => new Date('2026-04-10T03:00:00Z') });
  const key = await centre.keyFor(['dossiers', 'surveys', 'feedback', 'indicators'], ['75']);
  const events: object[] = [];
  for (let i = 0; i < 120; i += 1) {
    const dossier = `D${i}`;
    const unit = ['26068', '731', '26005', '26080'][i % 4];
    const add = (status: string, day: number, more: object = {}) => events.push({ eventId: `${dossier}:${status}:${day}:${events.length}`, dossier, status, at: at(Math.min(day, 31)), ...more });
    const received = 2 + (i % 20);
    add('received', received, { unit, procedure: ['2.000815', '1.004873', '1.000894'][i % 3], channel: ['online_full', 'in_person', 'online_partial', 'postal'][i % 4 === 0 ? i % 3 : i % 4], dueAt: at(received + 5, 17), facts: { feeRequired: i % 3 < 2, paidOnline: i % 6 === 0, digitized: i % 2 === 0, certifiedCopy: i % 12 === 0, identityVerified: i % 5 === 0 } });
    for (let asked = 0; asked < i % 4 - 1; asked += 1) { add('supplement_requested', received + 1 + asked); add('supplement_received', received + 1 + asked, { at: at(Math.min(31, received + 1 + asked), 15) }); }
    if (i % 7 === 0) add('apology_sent', received + 4, { newDueAt: at(31) });
    if (i % 5 !== 0) add('resolved', received + (i % 9), { facts: { electronicResult: i % 3 === 0, resultByPost: i % 10 === 1 } });
  }
  expect((await centre.send('dossiers', events, key)).body).toMatchObject({ accepted: events.length, rejected: [] });
  await centre.send('surveys', Array.from({ length: 40 }, (_, i) => ({ eventId: `s${i}`, unit: '26068', dossier: `D${i}`, at: at(10 + (i % 15)), rating: (i % 5) + 1, source: 'tablet', ...(i % 10 === 0 ? { fault: true } : {}) })), key);
  const cases = Array.from({ length: 20 }, (_, i) => [
    { eventId: `c${i}r`, case: `C${i}`, unit: '731', status: 'received', at: at(3 + (i % 10)), dueAt: at(10 + (i % 10)), source: i % 2 === 0 ? 'hotline_1022' : 'national_portal', ...(i < 3 ? { dossier: `D${4 * i + 1}` } : {}) },
    ...(i % 4 === 3 ? [] : [{ eventId: `c${i}x`, case: `C${i}`, unit: '731', status: 'resolved', at: at(9 + (i % 12)), source: 'other', satisfied: i % 5 !== 0 }]),
    ...(i === 4 ? [{ eventId: 'again', case: 'C4', unit: '731', status: 'reopened', at: at(28), source: 'other' }] : []),
  ]).flat();
  expect((await centre.send('feedback', cases, key)).body).toMatchObject({ accepted: cases.length, rejected: [] });
  const told = (unit: string, indicator: string, period: string, value: number) => ({ eventId: `${unit} ${indicator} ${period} ${value}`, unit, indicator, period, value, source: 'eGov' });
  await centre.send('indicators', [
    told('75', 'statusSyncRate', '2026-02', 0.91), told('75', 'statusSyncRate', '2026-03', 0.97), told('75', 'statusSyncRate', '2026-03', 0.98), told('26068', 'resultSyncRate', '2026-03', 0.5),
    told('26068', 'messagesSent', '2026-03', 120), told('731', 'messagesSent', '2026-03', 30), told('731', 'messagesSent', '2026-Q1', 500), told('26068', 'deskRegulation', '2026', 1), told('731', 'deskRegulation', '2026', 0),
    told('75', 'certifiedCopies', '2025-03', 8),
  ], key);
});
afterAll(async () => { await centre?.end(); });

describe('an indicator', () => {
  it('has a name, a formula, fields and a document in both languages, and every row of the requirements is there', async () => {
    const { indicators } = (await centre.call<{ indicators: IndicatorDefinition[] }>('GET', '/indicators')).body;
    for (const one of indicators) { expect(one.name.vi).not.toBe(one.name.en); expect(one.formula.vi.length).toBeGreaterThan(5); expect(one.documents.length).toBeGreaterThan(0); expect(one.fields.length).toBeGreaterThan(0); }
    const rows = new Set(indicators.flatMap((one) => one.rows));
    expect(Array.from({ length: 47 }, (_, i) => `K${i + 1}`).filter((row) => !rows.has(row))).toEqual([]);
  });
  it('counts what its lists list, for every unit and period', async () => {
    const { indicators } = (await centre.call<{ indicators: IndicatorDefinition[] }>('GET', '/indicators')).body;
    for (const [unit, from, to] of [['75', '2026-03-01', '2026-03-31'], ['731', '2026-03-05', '2026-03-19'], ['26068', '2026-02-01', '2026-04-10'], ['26080', '2026-03-12', '2026-03-12']] as const) {
      const found = await values(unit, from, to);
      const total = async (names: string[]) => { let sum = 0; for (const name of names) sum += (await centre.call<{ total: number }>('GET', `/kpis/${name}/explain?unit=${unit}&from=${from}&to=${to}&limit=1`)).body.total; return sum; };
      for (const { id, source, lists } of indicators) {
        const value = found.get(id);
        if (source === 'share' && value?.of !== null) { expect([id, value?.of, value?.in]).toEqual([id, await total(lists.of), await total(lists.in)]); if (lists.rest) expect([id, await total([lists.rest])]).toEqual([id, (value?.in ?? 0) - (value?.of ?? 0)]); }
        if (source === 'count') expect([id, value?.value]).toEqual([id, await total(lists.of)]);
      }
    }
  });
  it('agrees with the figures of the contract', async () => {
    const found = await values('75');
    const kpis = (await centre.call<{ dossiers: Record<string, number>; satisfaction: Record<string, number>; feedback: Record<string, number> }>('GET', '/kpis?unit=75&from=2026-03-01&to=2026-03-31')).body;
    for (const name of ['onTimeRate', 'onlineRate', 'digitizedRate', 'electronicResultRate', 'paidOnlineRate'] as const) expect([name, found.get(name)?.value]).toEqual([name, kpis.dossiers[name]]);
    expect(found.get('satisfiedRate')?.value).toBe(kpis.satisfaction.satisfiedRate);
    expect(found.get('feedbackOnTimeRate')?.value).toBe(kpis.feedback.onTimeRate);
    expect(found.get('feedbackSatisfiedRate')?.value).toBe(kpis.feedback.satisfiedRate);
  });
  it('that is reported takes the latest word of the period; amounts add up without counting a quarter twice; shares of others are not averaged', async () => {
    const found = await values('75');
    expect(found.get('statusSyncRate')).toMatchObject({ value: 0.98, state: 'measured', reported: { period: '2026-03', source: 'eGov' }, met: false });
    expect(found.get('messagesSent')).toMatchObject({ value: 150, state: 'measured' });
    expect(found.get('resultSyncRate')).toMatchObject({ value: null, state: 'not_reported', reportedBelow: 1, met: null });
    expect((await values('26068')).get('resultSyncRate')).toMatchObject({ value: 0.5, reportedBelow: 0 });
    expect((await values('75', '2026-02-01', '2026-02-28')).get('statusSyncRate')?.value).toBe(0.91);
  });
  it('without anything told has no value, and is never zero', async () => {
    const found = await values('26080', '2024-01-01', '2024-01-31');
    for (const id of ['onTimeRate', 'onlineRate', 'digitizedRate', 'satisfiedRate', 'feedbackOnTimeRate', 'certifiedCopies']) expect([id, brief(found.get(id))?.value, found.get(id)?.state]).toEqual([id, null, 'nothing']);
    for (const id of ['statusSyncRate', 'staffTrainedRate', 'certifiedCopyCommunesRate']) expect([id, found.get(id)?.value, found.get(id)?.state]).toEqual([id, null, 'not_reported']);
    expect(found.get('cameraUptimeRate')).toMatchObject({ value: null, state: 'not_known' });
    // What the list of procedures says is known all the same, and that nobody reported is itself a figure.
    expect([...found.values()].filter((one) => one.value !== null).map((one) => one.id).sort()).toEqual(['desksEvaluatedRate', 'onlineServiceRate', 'portalIntegrationRate', 'sampleDossierRate']);
  });
  it('that counts units or procedures opens to them', async () => {
    const found = await values('75');
    const behind = async (id: string) => (await centre.call<BehindIndicator>('GET', `/indicators/${id}/behind?unit=75&from=2026-03-01&to=2026-03-31`)).body.rows;
    expect(found.get('deskRegulationRate')).toMatchObject({ of: 1, in: 170 });
    const desks = await behind('deskRegulationRate');
    expect([desks.length, desks.filter((row) => row.has).map((row) => row.key), desks.find((row) => row.key === '731')?.has, desks.find((row) => row.key === '26005')?.has]).toEqual([170, ['26068'], false, null]);
    for (const id of ['softwareIntakeRate', 'onlineProceduresUsedRate', 'onlineServiceRate', 'feeProceduresPayableOnlineRate', 'sampleDossierRate', 'certifiedCopyCommunesRate', 'desksEvaluatedRate']) {
      const rows = await behind(id);
      expect([id, rows.filter((row) => row.has).length, rows.filter((row) => row.has !== null).length]).toEqual([id, found.get(id)?.of, found.get(id)?.in]);
    }
    expect((await behind('softwareIntakeRate')).filter((row) => row.has).map((row) => row.key).sort()).toEqual(['1.000894', '1.004873', '2.000815']);
    expect((await centre.call('GET', '/indicators/nothing/behind?unit=75')).status).toBe(404);
  });
  it('of a fact that dossiers are there for, but that nobody told, says so', async () => {
    const scores = (await centre.call<{ scores: { id: string; groups: { items: { id: string; state: string }[] }[] }[] }>('GET', '/scores?unit=75&period=2026-03')).body.scores.find((one) => one.id === 'decision-766');
    const items = new Map(scores?.groups.flatMap((group) => group.items).map((item) => [item.id, item.state]));
    expect([items.get('4.3'), items.get('4.4'), items.get('4.5b')]).toEqual(['not_reported', 'not_reported', 'measured']);
  });
  it('that was reported a year ago and not now has not fallen by all of it', async () => {
    expect((await values('26005', '2026-01-01', '2026-01-31')).get('certifiedCopies')?.value).toBeNull();
    const key = await centre.keyFor(['indicators'], ['75']);
    await centre.send('indicators', [{ eventId: 'old', unit: '26005', indicator: 'certifiedCopies', period: '2025-01', value: 500, source: 'eGov' }, { eventId: 'half', unit: '26005', indicator: 'certifiedCopies', period: '2024-H1', value: 1, source: 'eGov' }], key);
    expect((await values('26005', '2026-01-01', '2026-01-31')).get('certifiedCopies')).toMatchObject({ value: null, state: 'not_reported' });
  });
  it('that was kept as 97 where a share is meant gives no value, and no points', async () => {
    // As an earlier version took it.
    await centre.database.query("INSERT INTO indicators (event_id, unit, indicator, period, value, channel, source, simulated) VALUES ('percent', '26080', 'resultSyncRate', '2026-03', 97, 'eGov', 'k', false)");
    expect((await values('26080')).get('resultSyncRate')).toMatchObject({ value: null, state: 'not_known', met: null });
  });
  it('compares certified copies with the year before', async () => {
    // Ten dossiers of this March against the eight that were reported for the last.
    expect(brief((await values('75')).get('certifiedCopies'))).toEqual({ value: 0.25, of: 10, in: 8, state: 'measured' });
  });
});

describe('a reported value', () => {
  const report = (indicator: string, value: number, eventId = `range ${indicator} ${value}`) => ({ eventId, unit: '26008', indicator, period: '2026-02', value, source: 'eGov' });
  it('that cannot be is refused with its cause and kept among the refused; what can be is taken beside it', async () => {
    const key = await centre.keyFor(['indicators'], ['75']);
    // Shares of the catalogue, counted or reported; amounts of it, of a growth and of a list of units; shares that only a rule of scoring knows.
    const wrong = [report('resultSyncRate', 97), report('resultSyncRate', -0.01), report('onTimeRate', 1.0001), report('messagesSent', -1), report('certifiedCopies', -5), report('deskRegulation', -1), report('dossierSyncRate', 98)];
    const right = [report('resultSyncRate', 0), report('resultSyncRate', 1), report('messagesSent', 0), report('messagesSent', 120_000), report('certifiedCopies', 812), report('deskRegulation', 1), report('dossierSyncRate', 0.98)];
    const { body } = await centre.send('indicators', [...wrong, ...right], key);
    expect(body).toMatchObject({ accepted: right.length, duplicates: 0 });
    expect(body.rejected.map((one) => [one.eventId, one.code])).toEqual(wrong.map((one) => [one.eventId, 'value_out_of_range']));
    const kept = (await centre.call<{ rejections: { id: number; eventId: string; code: string; unit: string; body: { value: number } }[] }>('GET', '/ingest/rejections?kind=indicators')).body.rejections;
    expect(kept.filter((one) => one.code === 'value_out_of_range').map((one) => [one.eventId, one.unit, one.body.value]).sort()).toEqual(wrong.map((one) => [one.eventId, '26008', one.value]).sort());
    // Its id was not taken: the corrected value may come under it. Sent again as it was, it is refused again.
    expect((await centre.send('indicators', [report('resultSyncRate', 0.97, 'range resultSyncRate 97')], key)).body.accepted).toBe(1);
    expect((await centre.call<{ rejected: unknown[] }>('POST', `/ingest/rejections/${kept.find((one) => one.eventId === 'range onTimeRate 1.0001')?.id}/replay`)).body.rejected).toHaveLength(1);
  });
  it('under an id that nobody knows is kept, and listed for the administrator', async () => {
    const key = await centre.keyFor(['indicators'], ['75']);
    expect((await centre.send('indicators', [report('sipas', 85.4), report('someIndex', -3), report('messagesSent', 7)], key)).body).toMatchObject({ accepted: 3, rejected: [] });
    const { unknownIndicators } = (await centre.call<{ unknownIndicators: { code: string }[] }>('GET', '/system')).body;
    expect(unknownIndicators.map((one) => one.code).sort()).toEqual(['sipas', 'someIndex']);
  });
});

describe('a feedback case that came without a due time', () => {
  it('counts as in time, and how many do so is said beside the figure and opens', async () => {
    const key = await centre.keyFor(['feedback'], ['75']);
    const one = (id: string, status: string, day: number, more = {}) => ({ eventId: `${id} ${status}`, case: id, unit: '26260', status, at: at(day), source: 'other', ...more });
    await centre.send('feedback', [one('U1', 'received', 3), one('U1', 'resolved', 28), one('U2', 'received', 3, { dueAt: at(10) }), one('U2', 'resolved', 9), one('U3', 'received', 5)], key);
    expect((await values('26260')).get('feedbackOnTimeRate')).toMatchObject({ of: 2, in: 2, aside: 1 });
    expect((await values('26260')).get('feedbackSatisfiedRate')).toMatchObject({ aside: null });
    const list = async (name: string) => (await centre.call<{ items: { id: string; dueAt: string | null }[] }>('GET', `/kpis/${name}/explain?unit=26260&from=2026-03-01&to=2026-03-31`)).body.items.map((item) => [item.id, item.dueAt]).sort();
    expect([await list('feedbackWithoutDue'), await list('casesWithoutDue766')]).toEqual([[['U1', null]], [['U1', null], ['U3', null]]]);
    const { scores } = (await centre.call<{ scores: { id: string; groups: { items: { id: string; of: number; aside: number | null }[] }[] }[] }>('GET', '/scores?unit=26260&period=2026-03')).body;
    expect(scores.find((score) => score.id === 'decision-766')?.groups.flatMap((group) => group.items).find((item) => item.id === '5.2')).toMatchObject({ of: 3, in: 3, aside: 2 });
  });
});
