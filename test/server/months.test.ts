/** Figures of a period come from whole months and single days: they equal the sum of its days, wherever it begins and ends. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOfDate, dayText, parseDay } from '#analytics/time/localDay.ts';
import { wholeMonths } from '../../server/figures/getKpis.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const FIRST = dayOfDate(2024, 11, 20);
const LAST = dayOfDate(2026, 2, 10);
let centre: TestCentre;
beforeAll(async () => {
  centre = await startTestCentre();
  const key = await centre.keyFor(['surveys'], ['75']);
  const surveys = Array.from({ length: LAST - FIRST + 1 }, (_, i) => ({ eventId: `s${i}`, unit: ['26068', '731', '26005'][i % 3], at: `${dayText(FIRST + i)}T09:00:00+07:00`, rating: (i % 5) + 1, source: 'tablet' }));
  expect((await centre.send('surveys', surveys, key)).body.accepted).toBe(surveys.length);
});
afterAll(async () => { await centre?.end(); });

describe('whole months within a period', () => {
  it('are those that lie in it wholly', () => {
    const months = (from: string, to: string) => wholeMonths({ fromDay: parseDay(from) ?? 0, toDay: parseDay(to) ?? 0 });
    expect(months('2025-12-01', '2026-01-31')).toEqual({ first: '2025-12-01', last: '2026-01-01', after: '2026-02-01' });
    expect(months('2025-11-02', '2026-01-30')).toEqual({ first: '2025-12-01', last: '2025-12-01', after: '2026-01-01' });
    expect(months('2026-01-02', '2026-02-27')).toBeNull();
    expect(months('2026-02-01', '2026-02-28')).toEqual({ first: '2026-02-01', last: '2026-02-01', after: '2026-03-01' });
  });
  it('never begin before it or end after it', () => {
    fc.assert(fc.property(fc.integer({ min: FIRST, max: LAST }), fc.integer({ min: 0, max: 500 }), (fromDay, length) => {
      const found = wholeMonths({ fromDay, toDay: fromDay + length });
      if (!found) return length < 61;
      const [first, last, after] = [found.first, found.last, found.after].map((day) => parseDay(day) ?? 0) as [number, number, number];
      return found.first.endsWith('-01') && found.last.endsWith('-01') && found.after.endsWith('-01') && first >= fromDay && after <= fromDay + length + 1 && first <= last && last < after;
    }));
  });
});
describe('the figures of a period', () => {
  it('are the sum of its days, for the whole and for each unit', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: FIRST - 5, max: LAST }), fc.integer({ min: 0, max: 450 }), async (from, length) => {
      const query = `unit=75&from=${dayText(from)}&to=${dayText(from + length)}`;
      interface Answer { satisfaction: { responses: number; satisfied: number }; rows: Answer[]; coverage: { reporting: number } }
      const [days, units] = await Promise.all(['day', 'unit'].map(async (by) => (await centre.call<Answer>('GET', `/kpis?${query}&by=${by}`)).body));
      const sum = (rows: Answer[], what: 'responses' | 'satisfied') => rows.reduce((total, row) => total + row.satisfaction[what], 0);
      for (const what of ['responses', 'satisfied'] as const) for (const split of [days, units]) expect(sum(split?.rows ?? [], what)).toBe(days?.satisfaction[what]);
      expect(days?.satisfaction.responses).toBe(Math.max(0, Math.min(LAST, from + length) - Math.max(FIRST, from) + 1));
    }), { numRuns: 30 });
  });
  it('are the same under the tree of then and of now where units have no dates, and say nothing of trees', async () => {
    const [plain, then, now] = await Promise.all(['', '&tree=as_of_date', '&tree=now'].map(async (tree) => { const { asOf: _, ...body } = (await centre.call('GET', `/kpis?unit=731&from=2025-01-01&to=2025-03-10&by=unit${tree}`)).body; return body; }));
    expect([then, now]).toEqual([plain, plain]);
    expect(Object.keys(plain ?? {})).not.toContain('tree');
    const { units, dated } = (await centre.call<{ units: object[]; dated: boolean }>('GET', '/units?at=2020-01-01')).body;
    expect([units.length, dated]).toEqual([182, false]);
    expect((await centre.call('GET', '/kpis?unit=26014@2025-01-01')).status).toBe(404);
  });
  it('say who reported by days, never by the row of a month', async () => {
    // The first of January falls into the period, the only day with ratings of the month is outside of it.
    const key = await centre.keyFor(['surveys'], ['75']);
    await centre.send('surveys', [{ eventId: 'lonely', unit: '26080', at: '2023-01-25T09:00:00+07:00', rating: 5, source: 'tablet' }], key);
    expect((await centre.call<{ coverage: { reporting: number } }>('GET', '/kpis?unit=26080&from=2023-01-01&to=2023-01-10')).body.coverage.reporting).toBe(0);
  });
  it('end before midnight: what is received or ended then belongs to the next day, in the figure, by day, and in the list behind it', async () => {
    const key = await centre.keyFor(['dossiers'], ['75']);
    const event = (dossier: string, status: string, at: string) => ({ eventId: `${dossier}-${status}`, dossier, status, at, unit: '26284', procedure: '1.004199' });
    await centre.send('dossiers', [event('M1', 'received', '2026-01-10T00:00:00+07:00'), event('M1', 'resolved', '2026-01-12T00:00:00+07:00')], key);
    interface Answer { dossiers: { pending: number }; rows: { key: string; dossiers: { pending: number } }[] }
    const pending = await Promise.all(['09', '10', '11', '12'].map(async (day) => {
      const period = `unit=26284&from=2026-01-${day}&to=2026-01-${day}`;
      const answer = (await centre.call<Answer>('GET', `/kpis?${period}&by=day`)).body;
      return [answer.dossiers.pending, (await centre.call<{ total: number }>('GET', `/kpis/pending/explain?${period}`)).body.total];
    }));
    expect(pending).toEqual([[0, 0], [1, 1], [1, 1], [0, 0]]);
    const days = (await centre.call<Answer>('GET', '/kpis?unit=26284&from=2026-01-10&to=2026-01-12&by=day')).body.rows.map((row) => [row.key, row.dossiers.pending]);
    expect(days).toEqual([['2026-01-10', 1], ['2026-01-12', 0]]);
  });
});
