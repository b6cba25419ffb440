/** Scores of Decision 766 and Circular 01/2018: by hand, down to the dossiers, signed before they count, kept as they were. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuleSetAnswer, Score, ScoreItem, ScoresAnswer } from '#contract/scores.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
const ask = async (unit: string, period = '2026-03', by = '') => (await centre.call<ScoresAnswer>('GET', `/scores?unit=${unit}&period=${period}${by}`)).body;
const itemsOf = (answer: ScoresAnswer, set = 'decision-766') => new Map((answer.scores.find((one) => one.id === set) as Score).groups.flatMap((group) => group.items).map((item): [string, ScoreItem] => [item.id, item]));
const at = (day: number, hour = 9) => `2026-03-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00+07:00`;

beforeAll(async () => {
  centre = await startTestCentre({ now: () => new Date('2026-04-10T03:00:00Z') });
  const key = await centre.keyFor(['dossiers', 'surveys', 'feedback', 'indicators'], ['75']);
  const one = (dossier: string, steps: [string, number, object?][]) => steps.map(([status, day, more], i) => ({ eventId: `${dossier}${i}`, dossier, status, at: at(day), ...more }));
  const given = { unit: '26068', procedure: '1.000894', channel: 'online_full', dueAt: at(20, 17), facts: { digitized: true, feeRequired: true, paidOnline: true } };
  const events = [
    // A source that tells a request twice has made one.
    ...one('early', [['received', 2, given], ['supplement_requested', 3], ['supplement_requested', 3], ['supplement_received', 3], ['resolved', 10, { facts: { electronicResult: true } }]]),
    ...one('late', [['received', 2, { ...given, channel: 'in_person', facts: { digitized: false, feeRequired: true, paidOnline: false } }], ['resolved', 25, { facts: { electronicResult: false } }]]),
    // Asked twice: on time by the clock of the desk, late by that of Decision 766.
    ...one('twice', [['received', 2, given], ['supplement_requested', 3], ['supplement_received', 4], ['supplement_requested', 5], ['supplement_requested', 5], ['supplement_received', 6], ['resolved', 12]]),
    // Waits for the citizen since before its time ran out.
    ...one('waits', [['received', 3, given], ['supplement_requested', 5]]),
    ...one('open', [['received', 30, { ...given, dueAt: '2026-04-30T17:00:00+07:00' }]]),
    ...one('overdue', [['received', 4, given]]),
    ...one('refused', [['received', 4, given], ['refused', 5]]),
  ];
  expect((await centre.send('dossiers', events, key)).body.rejected).toEqual([]);
  await centre.send('surveys', [{ eventId: 'bad', unit: '26068', dossier: 'early', at: at(11), rating: 1, source: 'tablet' }, { eventId: 'well', unit: '26068', dossier: 'late', at: at(26), rating: 5, source: 'tablet' }], key);
  await centre.send('feedback', [
    { eventId: 'a1', case: 'a', unit: '26068', status: 'received', at: at(3), dueAt: at(10), source: 'national_portal', dossier: 'twice' }, { eventId: 'a2', case: 'a', unit: '26068', status: 'resolved', at: at(8), source: 'national_portal', satisfied: true },
    { eventId: 'b1', case: 'b', unit: '26068', status: 'received', at: at(3), dueAt: at(10), source: 'hotline_1022' }, { eventId: 'b2', case: 'b', unit: '26068', status: 'resolved', at: at(12), source: 'hotline_1022', satisfied: true },
    { eventId: 'c1', case: 'c', unit: '26068', status: 'received', at: at(28), dueAt: '2026-04-20T17:00:00+07:00', source: 'hotline_1022' },
    { eventId: 'd1', case: 'd', unit: '26068', status: 'received', at: at(3), dueAt: at(10), source: 'hotline_1022' }, { eventId: 'd2', case: 'd', unit: '26068', status: 'resolved', at: at(4), source: 'hotline_1022', satisfied: false },
  ], key);
  await centre.send('indicators', [{ eventId: 'i', unit: '26068', indicator: 'dossierSyncRate', period: '2026-03', value: 0.5, source: 'eGov' }], key);
});
afterAll(async () => { await centre?.end(); });

describe('Decision 766', () => {
  it('has its own clock: a second request for a supplement is late, waiting for the citizen is not, what is still within its time counts', async () => {
    // In time: early, waits, open, refused. Late: late, twice, overdue.
    expect(itemsOf(await ask('26068')).get('2.1')).toMatchObject({ of: 4, in: 7, points: (4 / 7) * 20, lists: { rest: 'late766' } });
    const late = (await centre.call<{ items: { id: string }[] }>('GET', '/kpis/late766/explain?unit=26068&from=2026-03-01&to=2026-03-31')).body.items.map((item) => item.id).sort();
    expect(late).toEqual(['late', 'overdue', 'twice']);
    // By the desk's own clock «twice» is early.
    expect((await centre.call<{ dossiers: { resolvedEarly: number; resolvedLate: number } }>('GET', '/kpis?unit=26068&from=2026-03-01&to=2026-03-31')).body.dossiers).toMatchObject({ resolvedEarly: 2, resolvedLate: 1 });
  });
  it('judges a past day as it was then', async () => {
    // On 12 March nothing was late but what had been asked twice.
    expect((await centre.call<{ items: { id: string }[] }>('GET', '/kpis/late766/explain?unit=26068&from=2026-03-01&to=2026-03-12')).body.items.map((item) => item.id)).toEqual(['twice']);
  });
  it('has its own satisfaction: all less what was late, less what was disliked or complained of; not the mean of a survey', async () => {
    // Late 3, disliked or with a case: early (rating), twice (case): (7 − 3 − 2) / 7, full marks at 90 %.
    const items = itemsOf(await ask('26068'));
    expect(items.get('5.4')?.value).toBeCloseTo(2 / 7);
    expect(items.get('5.4')?.points).toBeCloseTo((2 / 7 / 0.9) * 6);
    // In time: a, c (still within its time), d. Content: a, c.
    expect(items.get('5.2')).toMatchObject({ of: 3, in: 4 });
    expect(items.get('5.3')).toMatchObject({ of: 2, in: 4, points: 3 });
  });
  it('counts online, paid and digitised as the formulas say', async () => {
    const items = itemsOf(await ask('26068'));
    expect(items.get('3.0')).toMatchObject({ of: 6, in: 7, points: (6 / 7) * 12 });
    expect(items.get('3.6')).toMatchObject({ of: 6, in: 7 });
    // Of four resolved… three: early has both, late neither, twice no result.
    expect(items.get('4.2')).toMatchObject({ of: 1, in: 3, points: (1 / 3 / 0.8) * 4 });
    expect(items.get('1.4')).toMatchObject({ value: 0.5, points: 3 });
  });
  it('says out of how many points it could measure, and gives neither zero nor full marks for the rest', async () => {
    const answer = await ask('26068');
    const score = answer.scores.find((one) => one.id === 'decision-766') as Score;
    const items = [...itemsOf(answer).values()].filter((item) => item.max > 0);
    expect(items.reduce((sum, item) => sum + item.max, 0)).toBe(100);
    for (const id of ['1.1', '1.2', '1.3', '4.3', '4.4', '4.5a', '4.5b']) expect([id, items.find((item) => item.id === id)?.points]).toEqual([id, null]);
    expect(score.measurable).toBe(items.filter((item) => item.points !== null).reduce((sum, item) => sum + item.max, 0));
    expect(score.points).toBeCloseTo(items.reduce((sum, item) => sum + (item.points ?? 0), 0));
    expect([score.official, score.inForce, score.groups.length]).toEqual([true, true, 6]);
  });
  it('of a unit without anything has no score', async () => {
    const score = (await ask('26080', '2024-05')).scores.find((one) => one.id === 'decision-766') as Score;
    expect([score.band, itemsOf(await ask('26080', '2024-05')).get('2.1')?.points]).toEqual([null, null]);
  });
  it('of a period of another kind is that of its days; an unknown kind is refused', async () => {
    for (const [period, from, to] of [['2026-Q1', '2026-01-01', '2026-03-31'], ['2026-H1', '2026-01-01', '2026-06-30'], ['2026-9M', '2026-01-01', '2026-09-30'], ['2026', '2026-01-01', '2026-12-31']]) expect(await ask('26068', period)).toMatchObject({ from, to });
    for (const period of ['2026-Q5', '0000', '9999-13']) expect((await centre.call('GET', `/scores?unit=26068&period=${period}`)).status).toBe(400);
  });
  it('of every unit stands in the rows as it stands alone', async () => {
    const answer = await ask('731', '2026-03', '&by=unit');
    for (const row of answer.rows?.['decision-766'] ?? []) {
      if (!['26068', '731', '26005'].includes(row.unit)) continue;
      const alone = (await ask(row.unit)).scores.find((one) => one.id === 'decision-766') as Score;
      expect([row.unit, row.points, row.measurable]).toEqual([row.unit, alone.points, alone.measurable]);
      // Seven dossiers are too few to be ranked.
      expect(row.place).toBeNull();
    }
  });
});

describe('a rule set from memory', () => {
  const circular = async (period = '2026-03') => (await ask('26068', period)).scores.find((one) => one.id === 'circular-01-2018') as Score;
  const set = async () => (await centre.call<{ sets: RuleSetAnswer[] }>('GET', '/scoring')).body.sets.find((one) => one.id === 'circular-01-2018') as RuleSetAnswer;
  it('is computed, but does not count before it is signed', async () => {
    expect(await circular()).toMatchObject({ official: false, signature: null, max: 18 });
    // In force until the end of June 2025 only.
    expect([(await circular()).inForce, (await circular('2025-06')).inForce]).toEqual([false, true]);
  });
  it('is signed as the very text that was read, with a note, by an administrator of the centre, in the audit; and the signature can be withdrawn', async () => {
    const { version, fingerprint } = await set();
    const sign = (body: object, as = 'admin') => centre.call('POST', '/scoring/circular-01-2018/sign', { as, body: { version, fingerprint, signed: true, note: 'Đã đối chiếu với Thông tư', ...body } });
    expect((await sign({ fingerprint: 'another' })).body).toMatchObject({ code: 'changed_meanwhile' });
    expect((await sign({ note: ' x ' })).status).toBe(400);
    await centre.createUser('lead', ['leader'], '75');
    await centre.createUser('far', ['admin'], '731');
    expect([(await sign({}, 'lead')).status, (await sign({}, 'far')).status]).toEqual([403, 404]);
    expect((await sign({})).status).toBe(200);
    expect(await circular()).toMatchObject({ official: true, signature: { byWhom: 'admin', note: 'Đã đối chiếu với Thông tư' } });
    const audit = (await centre.call<{ rows?: object[]; entries?: object[] }>('GET', '/audit?limit=20')).body;
    expect(JSON.stringify(audit)).toContain('scoring.sign');
    expect((await sign({ signed: false, note: 'Rút để sửa ngưỡng' })).status).toBe(200);
    expect(await circular()).toMatchObject({ official: false });
  });
  it('gives points by steps', async () => {
    const items = itemsOf(await ask('26068'), 'circular-01-2018');
    // On time by the desk's clock: two of three. One of three was asked for a supplement more than once.
    expect([items.get('CS1'), items.get('CS3')]).toMatchObject([{ of: 2, in: 3, points: 0 }, { of: 2, in: 3, points: 0 }]);
    expect(items.get('CS7')).toMatchObject({ value: 0.5, points: 0 });
    expect([items.get('CS2')?.points, items.get('CS4')?.points]).toEqual([null, null]);
  });
});

describe('what a score was', () => {
  it('is kept when it changes, and only then', async () => {
    const { scores } = centre;
    expect(await scores.keep()).toBeGreaterThan(0);
    expect(await scores.keep()).toBe(0);
    const key = await centre.keyFor(['dossiers'], ['75']);
    await centre.send('dossiers', [{ eventId: 'more', dossier: 'more', status: 'received', at: at(6), unit: '26068', procedure: '1.000894', dueAt: at(9) }], key);
    expect(await scores.keep()).toBeGreaterThan(0);
    const { earlier } = (await ask('26068')).scores.find((one) => one.id === 'decision-766') as Score;
    expect(earlier.length).toBe(2);
    expect(earlier[0]?.points).not.toBe(earlier[1]?.points);
  });
});

describe('Decision 766 by date', () => {
  it('is judged by the version of the period, and says what of it could not be checked', async () => {
    const of = async (period: string) => { const score = (await ask('75', period)).scores.find((one) => one.id === 'decision-766') as Score; return { score, items: new Map(score.groups.flatMap((group) => group.items).map((item) => [item.id, item])) }; };
    const [before, since] = [await of('2025-12'), await of('2026-01')];
    expect([before.score, since.score].map((score) => [score.version, score.max, score.inForce, score.official])).toEqual([['2022', 100, true, false], ['2026', 100, true, true]]);
    const points = ({ items }: typeof before) => ['3.0', '3.1', '3.3'].map((id) => items.get(id)?.max);
    expect([points(before), points(since)]).toEqual([[0, 6, 6], [12, 0, 0]]);
    expect([before.score.groups, since.score.groups].map((groups) => groups.map((group) => group.max))).toEqual([[18, 20, 12, 10, 22, 18], [18, 20, 12, 10, 22, 18]]);
    const unchecked = ({ items }: typeof before) => [...items.values()].filter((item) => item.unchecked !== null).map((item) => item.id);
    expect([unchecked(before), unchecked(since)]).toEqual([['3.1', '3.3'], ['3.0']]);
    expect([before.score.unchecked?.vi, since.score.unchecked?.vi].every((text) => text?.includes('theo trí nhớ'))).toBe(true);
    const { sets } = (await centre.call<{ sets: RuleSetAnswer[] }>('GET', '/scoring')).body;
    expect(sets.map((set) => [set.id, set.version, set.needsSignature, set.unchecked !== null, set.uncheckedItems.map((one) => one.id)])).toEqual([['circular-01-2018', '2019-01', true, true, []], ['decision-766', '2022', true, true, ['3.1', '3.3']], ['decision-766', '2026', false, true, ['3.0']]]);
  });
});
