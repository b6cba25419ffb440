/** The real history of Đồng Nai on a real database: dossiers on days before and after 1/11/2024 and 1/7/2025, their sums under the tree of then and of now. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IndicatorDefinition, IndicatorValues } from '#contract/indicators.ts';
import type { ScoresAnswer } from '#contract/scores.ts';
import type { FigureRow, KpiAnswer, UnitLife, UnitRow } from '#contract/figures.ts';
import { dayOfDate, dayText } from '#analytics/time/localDay.ts';
import { rulesOf } from '#server/centre.ts';
import { recount } from '#server/figures/recount.ts';
import { loadConfig } from '#config/load.ts';
import { startTestCentre, unlimited, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let key: string;
let made = 0;
const NOW = new Date('2026-06-15T10:00:00+07:00');
const send = async (kind: string, events: Record<string, unknown>[]) => (await centre.send(kind, events.map((event) => ({ eventId: `e${made += 1}`, ...event })), key)).body;
const received = (dossier: string, unit: string, day: string) => ({ dossier, status: 'received', at: `${day}T09:00:00+07:00`, unit, procedure: '1.004199' });
const later = (dossier: string, status: string, day: string, more = {}) => ({ dossier, status, at: `${day}T10:00:00+07:00`, ...more });
const kpis = async (query: string, as = 'admin') => (await centre.call<KpiAnswer>('GET', `/kpis?${query}`, { as })).body;
const behind = async (name: string, query: string) => (await centre.call<{ total: number; items: { id: string; unitName: string }[] }>('GET', `/kpis/${name}/explain?${query}`)).body;
const rowOf = (answer: KpiAnswer, unit: string): FigureRow | undefined => answer.rows?.find((row) => row.key === unit);
const flows = (figures: FigureRow | KpiAnswer | undefined) => figures && [figures.dossiers.received, figures.dossiers.resolved, figures.dossiers.pending];

beforeAll(async () => {
  centre = await startTestCentre({ environment: { UNIT_TREE: 'history' }, now: () => NOW, change: unlimited });
  key = await centre.keyFor(['dossiers', 'surveys', 'queue', 'feedback'], ['75']);
});
afterAll(async () => { await centre?.end(); });

describe('the tree of a day', () => {
  const unitsAt = async (day?: string) => (await centre.call<{ units: UnitRow[]; dated: boolean }>('GET', `/units${day === undefined ? '' : `?at=${day}`}`)).body;
  it('is that of the law', async () => {
    const communes = async (day: string) => { const { units } = await unitsAt(day); return [units.filter((unit) => unit.level === 'commune').length, units.filter((unit) => unit.level === 'district').length]; };
    expect([await communes('2024-10-31'), await communes('2024-11-01'), await communes('2025-06-30'), await communes('2025-07-01'), await communes('2026-04-30')]).toEqual([[170, 11], [159, 11], [159, 11], [95, 0], [95, 0]]);
    const name = async (code: string, day: string) => { const unit = (await unitsAt(day)).units.find((one) => one.code === code); return unit && [unit.name, unit.parent, unit.validFrom, unit.validTo]; };
    expect([await name('26014', '2024-10-31'), await name('26014', '2024-11-01'), await name('26014', '2025-07-01')]).toEqual([['Phường Tân Tiến', '731', null, '2024-10-31'], ['Phường Tân Mai', '731', '2024-11-01', '2025-06-30'], undefined]);
    // The same unit under another parent, and under another name.
    expect([await name('26374', '2025-06-30'), await name('26374', '2025-07-01')]).toEqual([['Phường Tam Phước', '731', null, null], ['Phường Tam Phước', '75', null, null]]);
    expect([await name('75', '2026-04-29'), await name('75', '2026-04-30')]).toEqual([['Tỉnh Đồng Nai', null, null, null], ['Thành phố Đồng Nai', null, null, null]]);
    expect((await unitsAt()).dated).toBe(true);
    expect((await unitsAt()).units).toEqual((await unitsAt('2026-06-15')).units);
    expect((await centre.call('GET', '/units?at=2026-02-30')).status).toBe(400);
  });
  it('tells what a unit came from and what it became', async () => {
    const life = async (unit: string, query = '') => (await centre.call<UnitLife>('GET', `/units/${unit}/history${query}`)).body;
    const now = await life('26017');
    expect([now.name, now.validFrom, now.predecessors.map((one) => one.unit).sort()]).toEqual(['Phường Tam Hiệp', '2025-07-01', ['26008@2025-06-30', '26014@2025-06-30', '26017@2025-06-30', '26047@2025-06-30']]);
    expect((await life('26014@2025-06-30')).predecessors.map((one) => [one.unit, one.name, one.on, one.source])).toEqual([['26014@2024-10-31', 'Phường Tân Tiến', '2024-11-01', '1194/NQ-UBTVQH15'], ['26026@2024-10-31', 'Phường Tân Mai', '2024-11-01', '1194/NQ-UBTVQH15']]);
    expect((await life('26449', '?at=2025-01-01')).successors.map((one) => [one.unit, one.weight])).toEqual([['26359@2025-07-01', 0.5], ['26446@2025-07-01', 0.5]]);
    expect((await life('75')).periods.map((one) => one.name)).toEqual(['Tỉnh Đồng Nai', 'Tỉnh Đồng Nai', 'Thành phố Đồng Nai']);
    for (const none of ['26014@2026-01-01', '26014@x', 'nowhere']) expect((await centre.call('GET', `/units/${none}/history`)).status).toBe(404);
  });
});

describe('dossiers round 1/11/2024 and 1/7/2025', () => {
  beforeAll(async () => {
    const answer = await send('dossiers', [
      received('A1', '26014', '2024-10-30'), later('A1', 'resolved', '2024-10-31'),
      received('A2', '26026', '2024-10-30'), later('A2', 'resolved', '2024-11-05'),
      received('A3', '26014', '2024-10-30'), later('A3', 'resolved', '2024-11-05', { unit: '26014' }),
      received('A4', '26014', '2024-11-04'),
      received('B1', '26047', '2025-06-20'), later('B1', 'processing', '2025-07-05', { unit: '26017' }), later('B1', 'resolved', '2025-07-10', { unit: '26017' }),
      received('S1', '26449', '2025-06-10'), later('S1', 'resolved', '2025-06-20'),
      received('S2', '26449', '2025-06-10'), later('S2', 'resolved', '2025-07-15', { unit: '26449' }),
      received('N1', '26017', '2025-07-03'), received('D1', '731', '2025-06-25'), later('D1', 'resolved', '2025-07-08'),
    ]);
    expect(answer).toMatchObject({ accepted: 17, rejected: [] });
  });

  it('a code that was given again is two units: nothing of one in the other', async () => {
    const whole = await kpis('unit=731&from=2024-10-01&to=2024-12-31&by=unit');
    expect(flows(whole)).toEqual([4, 3, 1]);
    expect([flows(rowOf(whole, '26014')), flows(rowOf(whole, '26014@2024-10-31')), flows(rowOf(whole, '26026'))]).toEqual([[1, 2, 1], [2, 1, 0], [1, 0, 0]]);
    expect([rowOf(whole, '26014')?.name, rowOf(whole, '26014@2024-10-31')?.name, rowOf(whole, '26014@2024-10-31')?.validTo]).toEqual(['Phường Tân Mai', 'Phường Tân Tiến', '2024-10-31']);
    // The code alone is the unit of that code at `to`; the other is asked for by a day of its life, or as that day saw it.
    expect(flows(await kpis('unit=26014&from=2024-10-01&to=2024-12-31'))).toEqual([1, 2, 1]);
    expect(await kpis('unit=26014&from=2024-10-01&to=2024-12-31')).toMatchObject({ tree: 'as_of_date', validFrom: '2024-11-01', validTo: '2025-06-30', estimated: false });
    expect(flows(await kpis('unit=26014@2024-10-31&from=2024-10-01&to=2024-12-31'))).toEqual([2, 1, 0]);
    expect(flows(await kpis('unit=26014&from=2024-10-01&to=2024-10-31'))).toEqual([2, 1, 1]);
  });
  it('opens to the dossiers behind', async () => {
    const ids = async (name: string, query: string) => (await behind(name, query)).items.map((item) => item.id).sort();
    const range = 'from=2024-10-01&to=2024-12-31';
    expect([await ids('received', `unit=26014&${range}`), await ids('resolved', `unit=26014&${range}`), await ids('pending', `unit=26014&${range}`)]).toEqual([['A4'], ['A2', 'A3'], ['A4']]);
    expect([await ids('received', `unit=26014@2024-10-31&${range}`), await ids('resolved', `unit=26014@2024-10-31&${range}`)]).toEqual([['A1', 'A3'], ['A1']]);
    expect((await behind('received', `unit=731&${range}`)).items.map((item) => [item.id, item.unitName]).sort()).toEqual([['A1', 'Phường Tân Tiến'], ['A2', 'Phường Tân Mai'], ['A3', 'Phường Tân Tiến'], ['A4', 'Phường Tân Mai']]);
    expect([await ids('resolved', 'unit=26017&from=2024-10-01&to=2025-12-31'), await ids('resolved', 'unit=26017&from=2024-10-01&to=2025-12-31&tree=now')]).toEqual([['B1'], ['A1', 'A2', 'A3', 'B1']]);
    expect(await ids('pending', 'unit=26017&from=2025-07-01&to=2026-01-31')).toEqual(['A4', 'N1']);
  });
  it('a district that was abolished keeps its days, and the province loses nothing', async () => {
    const year = await kpis('unit=75&from=2024-10-01&to=2025-12-31&by=unit');
    expect(flows(year)).toEqual([9, 7, 2]);
    // As of each day: the district until its end with its communes, and its own dossier that was resolved after it.
    expect(flows(await kpis('unit=731&from=2024-10-01&to=2025-12-31'))).toEqual([6, 4, 0]);
    expect(flows(rowOf(year, '731'))).toEqual([1, 1, 0]);
    expect(flows(rowOf(year, '26017'))).toEqual([1, 1, 2]);
    // What goes on with the successor does not move its receipt there.
    expect(flows(rowOf(year, '26047'))).toEqual([1, 0, 0]);
  });
  it('under the tree of now everything is with today’s units, a split one by its shares and marked', async () => {
    const now = await kpis('unit=75&from=2024-10-01&to=2025-12-31&by=unit&tree=now');
    expect([flows(now), now.estimated]).toEqual([[9, 7, 2], false]);
    expect([flows(rowOf(now, '26017')), rowOf(now, '26017')?.estimated]).toEqual([[6, 4, 2], undefined]);
    // 26449: two received, one resolved before the day, by halves; what was open went wholly to the one that took over.
    expect([flows(rowOf(now, '26359')), rowOf(now, '26359')?.estimated, flows(rowOf(now, '26446')), rowOf(now, '26446')?.estimated]).toEqual([[1, 1.5, 0], true, [1, 0.5, 0], true]);
    expect(await kpis('unit=26446&from=2024-10-01&to=2025-12-31&tree=now')).toMatchObject({ tree: 'now', estimated: true, dossiers: { received: 1, resolved: 0.5 } });
    expect(now.rows?.some((row) => row.key.includes('@2024') || row.key === '26026')).toBe(false);
  });
  it('months and days of it sum to it', async () => {
    for (const tree of ['as_of_date', 'now']) for (const unit of ['75', '26017', '26014@2025-06-30', '731']) {
      const whole = await kpis(`unit=${unit}&from=2024-10-15&to=2025-07-20&tree=${tree}`);
      for (const by of ['day', 'week', 'month', 'procedure']) {
        const rows = (await kpis(`unit=${unit}&from=2024-10-15&to=2025-07-20&tree=${tree}&by=${by}`)).rows ?? [];
        for (const name of ['received', 'resolved'] as const) expect(rows.reduce((sum, row) => sum + row.dossiers[name], 0), `${tree} ${unit} ${by}`).toBeCloseTo(whole.dossiers[name], 6);
      }
    }
    const pending = (await kpis('unit=26014@2025-06-30&from=2024-11-01&to=2025-07-31&by=month')).rows?.map((row) => [row.key, row.dossiers.pending]);
    expect(pending).toEqual([['2024-11', 1]]);
  });
});

describe('an event of a unit that was not there on its day', () => {
  it('is kept under the one that took over, or refused by name', async () => {
    const rating = (unit: string, day: string) => ({ unit, at: `${day}T09:00:00+07:00`, rating: 5, source: 'tablet' });
    const answer = await send('surveys', [rating('26026', '2024-11-20'), rating('26359', '2020-01-06'), rating('25195', '2025-06-30'), rating('26449', '2025-07-20'), rating('731', '2025-07-20'), rating('26026', '2025-07-20')]);
    expect([answer.accepted, answer.rejected.map((one) => [one.index, one.code])]).toEqual([3, [[2, 'unit_not_valid_then'], [3, 'unit_not_valid_then'], [4, 'unit_not_valid_then']]]);
    expect(answer.rejected[1]?.message).toMatch(/26359, 26446/);
    expect((await kpis('unit=26014&from=2024-11-20&to=2024-11-20')).satisfaction.responses).toBe(1);
    expect((await kpis('unit=26017&from=2025-07-20&to=2025-07-20')).satisfaction.responses).toBe(1);
    const dossiers = await send('dossiers', [received('X1', '26026', '2024-12-02'), received('X2', '731', '2025-07-02'), received('X3', '25195', '2025-06-02')]);
    expect([dossiers.accepted, dossiers.rejected.map((one) => [one.index, one.code])]).toEqual([1, [[1, 'unit_not_valid_then'], [2, 'unit_not_valid_then']]]);
    expect((await kpis('unit=26014&from=2024-12-02&to=2024-12-02')).dossiers.received).toBe(1);
    const feedback = await send('feedback', [{ case: 'C1', unit: '26449', status: 'received', at: '2025-06-25T08:00:00+07:00', source: 'hotline_1022' }]);
    expect(feedback.accepted).toBe(1);
    expect((await send('feedback', [{ case: 'C1', unit: '26449', status: 'resolved', at: '2025-07-02T08:00:00+07:00', source: 'hotline_1022' }, { case: 'C2', unit: '26449', status: 'received', at: '2025-07-02T08:00:00+07:00', source: 'hotline_1022' }])).rejected.map((one) => [one.index, one.code])).toEqual([[1, 'unit_not_valid_then']]);
    expect([(await kpis('unit=26449&from=2025-06-01&to=2025-06-30')).feedback.received, (await kpis('unit=26359&from=2025-07-01&to=2025-07-31')).feedback.resolved]).toEqual([1, 1]);
  });
});

describe('an account', () => {
  it('sees what came into its unit whole, and nothing of others, whatever their codes are or were', async () => {
    await centre.createUser('tam-hiep', ['leader'], '26017');
    await centre.createUser('xuan-dong', ['leader'], '26359');
    await centre.createUser('tinh', ['leader'], '75');
    const status = async (as: string, query: string) => (await centre.call('GET', `/kpis?${query}`, { as })).status;
    const past = 'from=2024-10-01&to=2024-10-31';
    expect([await status('tam-hiep', 'unit=26017'), await status('tam-hiep', `unit=26014&${past}`), await status('tam-hiep', 'unit=26026@2024-10-31'), await status('tam-hiep', `unit=26014@2025-01-01&${past}`)]).toEqual([200, 200, 200, 200]);
    expect([await status('tam-hiep', `unit=26041&${past}`), await status('tam-hiep', 'unit=26041'), await status('tam-hiep', `unit=731&${past}`), await status('tam-hiep', `unit=75&${past}`), await status('tam-hiep', 'unit=25195&tree=now')]).toEqual([404, 404, 404, 404, 404]);
    // A unit of which a part went elsewhere is seen by who is above all its parts; its share is in the figures of now.
    expect([await status('xuan-dong', 'unit=26449&from=2025-06-01&to=2025-06-30'), await status('tinh', 'unit=26449&from=2025-06-01&to=2025-06-30'), await status('xuan-dong', 'unit=26359&from=2025-06-01&to=2025-06-30&tree=now')]).toEqual([404, 200, 200]);
    const seen = async (day: string) => (await centre.call<{ units: UnitRow[] }>('GET', `/units?at=${day}`, { as: 'tam-hiep' })).body.units.map((unit) => unit.code).sort();
    expect([await seen('2024-10-31'), await seen('2025-01-01'), await seen('2026-01-01')]).toEqual([['26008', '26014', '26017', '26026', '26035', '26047'], ['26008', '26014', '26017', '26047'], ['26017']]);
    for (const path of ['/units/26041@2024-10-31/history', '/kpis/received/explain?unit=26041&to=2024-10-31', '/coverage?unit=26041', '/day-closes?unit=26014@2024-10-31&to=2024-10-31']) expect((await centre.call('GET', path, { as: 'tam-hiep' })).status, path).toBe(404);
  });
});

describe('many dossiers, tickets, ratings and cases of two years', () => {
  it('the children and the unit itself sum to it on any day, in both trees; the lists and a recount agree', async () => {
    const config = loadConfig({ dir: '', environment: { UNIT_TREE: 'history' } });
    const there = (day: string) => config.units.filter((unit) => (unit.validFrom ?? day) <= day && day <= (unit.validTo ?? day)).map((unit) => unit.code);
    let seed = 7;
    const chance = (below: number) => { seed = (seed * 48_271) % 2_147_483_647; return seed % below; };
    const dossiers: Record<string, unknown>[] = [];
    const ratings: Record<string, unknown>[] = [];
    const tickets: Record<string, unknown>[] = [];
    for (const [first, days] of [[dayOfDate(2024, 10, 18), 30], [dayOfDate(2025, 6, 15), 35]] as const) for (let day = first; day < first + days; day += 1) for (let i = 0; i < 12; i += 1) {
      const text = dayText(day);
      // Units that are split or merged more often than others.
      const codes = there(text);
      const special = ['26014', '26026', '26449', '26041', '26047', '731', '26146'].filter((code) => codes.includes(code));
      const unit = (chance(3) === 0 && special.length > 0 ? special[chance(special.length)] : codes[chance(codes.length)]) ?? '75';
      const name = `R${day}-${i}`;
      dossiers.push(received(name, unit, text));
      if (chance(4) > 0) dossiers.push(later(name, chance(5) === 0 ? 'withdrawn' : 'resolved', dayText(day + chance(25)), chance(2) === 0 ? { unit } : {}));
      ratings.push({ unit, at: `${text}T15:00:00+07:00`, rating: 1 + chance(5), source: 'tablet' });
      tickets.push({ unit, ticket: `A${i}`, status: 'issued', at: `${text}T08:00:00+07:00` }, { unit, ticket: `A${i}`, status: 'served', at: `${text}T08:${String(10 + chance(40))}:00+07:00`, counter: '1' });
    }
    expect([(await send('dossiers', dossiers)).rejected, (await send('surveys', ratings)).rejected, (await send('queue', tickets)).rejected]).toEqual([[], [], []]);

    const numbers = (figures: FigureRow | KpiAnswer) => [figures.dossiers.received, figures.dossiers.resolved, figures.dossiers.withdrawn, figures.dossiers.pending, figures.queue.served, figures.satisfaction.responses, figures.satisfaction.satisfied, figures.feedback.received];
    const add = (all: number[][]) => all.reduce((sum, one) => sum.map((value, i) => value + (one[i] ?? 0)), [0, 0, 0, 0, 0, 0, 0, 0]);
    for (const tree of ['as_of_date', 'now']) for (const [from, to] of [['2024-10-01', '2025-12-31'], ['2024-10-31', '2024-11-01'], ['2024-10-20', '2024-10-31'], ['2025-06-30', '2025-07-01'], ['2025-07-01', '2025-07-31'], ['2024-10-31', '2024-10-31']]) {
      const range = `from=${from}&to=${to}&tree=${tree}`;
      const whole = await kpis(`unit=75&by=unit&${range}`);
      const sums = add((whole.rows ?? []).map(numbers));
      numbers(whole).forEach((value, i) => { expect(sums[i], `${range} ${i}`).toBeCloseTo(value, 4); });
      // A row is what the same address gives by itself, where nothing is under it.
      for (const row of (whole.rows ?? []).filter((one) => one.level === 'commune' && one.dossiers.received > 0).slice(0, 6)) expect(numbers(await kpis(`unit=${row.key}&${range}`)), `${range} ${row.key}`).toEqual(numbers(row));
      for (const name of ['received', 'resolved', 'pending', 'withdrawn'] as const) expect((await behind(name, `unit=75&${range}`)).total, `${range} ${name}`).toBe(whole.dossiers[name]);
      if (tree === 'now') continue;
      const units = (await centre.call<{ units: UnitRow[] }>('GET', `/units?at=${to}`)).body.units;
      // On the last day alone: the province is its children and itself.
      const day = await kpis(`unit=75&from=${to}&to=${to}`);
      const children = await Promise.all(units.filter((unit) => unit.parent === '75').map(async (unit) => numbers(await kpis(`unit=${unit.code}&from=${to}&to=${to}`))));
      const own = (await kpis(`unit=75&from=${to}&to=${to}&by=unit`)).rows?.filter((row) => row.key === '75' || (row.validTo !== null && row.validTo !== undefined && row.validTo < (to ?? ''))) ?? [];
      expect(add([...children, ...own.map(numbers)])).toEqual(numbers(day));
    }
    // Day by day, over a change, what was pending at the end of each is what it was on that day by itself; channels are all there is.
    for (const [unit, from, to] of [['75', '2024-10-30', '2024-11-02'], ['75', '2025-06-29', '2025-07-02'], ['26017', '2025-07-01', '2025-07-03'], ['731', '2024-10-31', '2024-11-01']]) {
      const days = (await kpis(`unit=${unit}&from=${from}&to=${to}&by=day`)).rows ?? [];
      expect(days.length).toBeGreaterThan(0);
      for (const row of days) expect([row.key, row.dossiers.pending, row.dossiers.pendingOverdue, row.queue.p90WaitSeconds]).toEqual([row.key, ...await kpis(`unit=${unit}&from=${row.key}&to=${row.key}`).then((day) => [day.dossiers.pending, day.dossiers.pendingOverdue, day.queue.p90WaitSeconds])]);
    }
    const waits = await centre.database.query<{ p90: number }>("SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM waited_until - issued_at)) AS p90 FROM tickets WHERE day BETWEEN '2024-10-20' AND '2025-07-10'");
    for (const tree of ['as_of_date', 'now']) expect((await kpis(`unit=75&from=2024-10-20&to=2025-07-10&tree=${tree}`)).queue.p90WaitSeconds).toBeCloseTo(waits.rows[0]?.p90 ?? 0, 3);
    const whole = await kpis('unit=75&from=2024-10-01&to=2025-12-31');
    const all = await centre.database.query<{ n: number }>('SELECT count(*) AS n FROM dossiers WHERE received_at IS NOT NULL');
    expect(whole.dossiers.received).toBe(all.rows[0]?.n);
    expect((await recount(centre.database, rulesOf(config), false)).mismatches).toEqual([]);
    // What is pending by unit, from the two ends of being pending, follows the dossiers over the change.
    const counted = await centre.database.query<{ n: number }>(`SELECT sum(entered - "left") AS n FROM counter_days WHERE unit = '26026' AND dimension = 0`);
    expect(counted.rows[0]?.n).toBe(0);
  }, 120_000);
});

describe('what an indicator or a score is made of', () => {
  it('opens to lists as long as its figures, under the units by which it was reckoned', async () => {
    const { indicators } = (await centre.call<{ indicators: IndicatorDefinition[] }>('GET', '/indicators')).body;
    const lengths = new Map<string, number>();
    const total = async (name: string, query: string) => { const asked = `${name} ${query}`; const known = lengths.get(asked) ?? (await behind(name, `${query}&limit=1`)).total; lengths.set(asked, known); return known; };
    const sum = async (names: readonly string[], query: string) => { let all = 0; for (const name of names) all += await total(name, query); return all; };
    let differs = 0;
    let compared = 0;
    for (const unit of ['75', '26017', '26359', '26446', '26374', '26041']) for (const [from, to, period] of [['2024-10-01', '2024-12-31', '2024-Q4'], ['2025-01-01', '2025-12-31', '2025'], ['2025-07-01', '2025-07-31', '2025-07']] as const) {
      const query = `unit=${unit}&from=${from}&to=${to}`;
      const { values } = (await centre.call<IndicatorValues>('GET', `/indicators/values?${query}`)).body;
      for (const { id, source, lists } of indicators) {
        const value = values.find((one) => one.id === id);
        if (!value || (source !== 'share' && source !== 'count') || value.of === null) continue;
        expect([query, id, value.of, value.in], `${query} ${id}`).toEqual([query, id, await sum(lists.of, `${query}&tree=whole`), source === 'share' ? await sum(lists.in, `${query}&tree=whole`) : null]);
        if (value.of !== await sum(lists.of, query)) differs += 1;
        compared += 1;
      }
      const { scores } = (await centre.call<ScoresAnswer>('GET', `/scores?unit=${unit}&period=${period}`)).body;
      for (const item of scores.flatMap((score) => score.groups.flatMap((group) => group.items))) {
        if (item.source !== 'share' || item.of === null) continue;
        const above = await sum(item.lists.of, `${query}&tree=whole`) - await sum(item.lists.minus, `${query}&tree=whole`);
        expect([item.id, item.of, item.in], `${query} ${item.id}`).toEqual([item.id, Math.max(0, above), await sum(item.lists.in, `${query}&tree=whole`)]);
        compared += 1;
      }
    }
    // There is something to compare, and the lists of each day's tree are others.
    expect([compared > 100, differs > 5]).toEqual([true, true]);
    // It is the unit of today that is asked about: one that is no more has no such list, and nobody sees it who may not see the unit.
    expect((await centre.call('GET', '/kpis/received/explain?unit=26014@2024-10-31&tree=whole')).status).toBe(404);
    expect((await centre.call('GET', '/kpis/received/explain?unit=26041&tree=whole', { as: 'tam-hiep' })).status).toBe(404);
  }, 120_000);
});
