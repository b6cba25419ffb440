/** What was pending at the end of each day: the same, asked for day by day or all at once. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KpiAnswer } from '#contract/figures.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let key: string;
beforeAll(async () => { centre = await startTestCentre(); key = await centre.keyFor(['dossiers', 'feedback'], ['75']); });
afterAll(async () => { await centre?.end(); });

const UNIT = '26068';
const kpis = async (from: string, to: string, by = '') => (await centre.call<KpiAnswer>('GET', `/kpis?unit=${UNIT}&from=${from}&to=${to}${by && `&by=${by}`}`)).body;
const standing = ({ dossiers, feedback }: Pick<KpiAnswer, 'dossiers' | 'feedback'>) => ({ pending: dossiers.pending, overdue: dossiers.pendingOverdue, soon: dossiers.pendingDueSoon, paused: dossiers.pendingPaused, cases: feedback.pending, casesOverdue: feedback.pendingOverdue });
const dayOf = (n: number) => new Date(Date.UTC(2026, 4, 1 + n)).toISOString().slice(0, 10);

describe('by day', () => {
  it('a dossier that was late first and paused later was overdue on the days before its pause', async () => {
    await centre.send('dossiers', [
      { eventId: 'late-1', dossier: 'LATE', status: 'received', at: '2026-04-06T08:00:00+07:00', dueAt: '2026-04-07T17:00:00+07:00', unit: UNIT, procedure: '1.004199' },
      { eventId: 'late-2', dossier: 'LATE', status: 'supplement_requested', at: '2026-04-10T08:00:00+07:00' },
    ], key);
    const rows = (await kpis('2026-04-06', '2026-04-10', 'day')).rows ?? [];
    // Only days with events have a row; the receipt is the only one that counted.
    expect(rows.map((row) => row.key)).toEqual(['2026-04-06']);
    const more = (day: string) => ({ eventId: `other-${day}`, dossier: `OTHER-${day}`, status: 'received', at: `2026-04-${day}T08:00:00+07:00`, unit: UNIT, procedure: '1.004199', dueAt: '2026-12-31T17:00:00+07:00' });
    await centre.send('dossiers', ['07', '08', '09', '10'].map(more), key);
    expect(((await kpis('2026-04-06', '2026-04-10', 'day')).rows ?? []).map((row) => [row.key, row.dossiers.pendingOverdue, row.dossiers.pendingPaused])).toEqual([['2026-04-06', 0, 0], ['2026-04-07', 1, 0], ['2026-04-08', 1, 0], ['2026-04-09', 1, 0], ['2026-04-10', 0, 1]]);
  });

  it('is what each day, week or month says by itself, for any dossiers', async () => {
    const STATUSES = ['processing', 'supplement_requested', 'supplement_received', 'fee_requested', 'fee_paid', 'resolved', 'withdrawn', 'stopped'] as const;
    // Whole half-days: the ends of days and the due times meet often.
    const dossier = fc.record({ received: fc.nat(60), due: fc.option(fc.nat(40), { nil: null }), later: fc.array(fc.record({ after: fc.nat(50), status: fc.constantFrom(...STATUSES) }), { maxLength: 5 }) });
    const moment = (half: number) => new Date(Date.parse('2026-05-01T00:00:00+07:00') + half * 43_200_000 - (half % 3 === 0 ? 1 : 0)).toISOString();
    let n = 0;
    await fc.assert(fc.asyncProperty(fc.array(dossier, { minLength: 5, maxLength: 40 }), async (drawn) => {
      await centre.send('dossiers', drawn.flatMap(({ received, due, later }) => {
        n += 1;
        const first = { eventId: `o${n}`, dossier: `O-${n}`, status: 'received', at: moment(received + 1), unit: UNIT, procedure: '1.004199', ...(due === null ? {} : { dueAt: moment(received + due) }) };
        return [first, ...later.map((one, i) => ({ eventId: `o${n}-${i}`, dossier: `O-${n}`, status: one.status, at: moment(received + 1 + one.after) }))];
      }), key);
      const cases = drawn.map(({ received, due, later }, i) => ({ eventId: `k${n}-${i}`, case: `K-${n}-${i}`, unit: UNIT, status: 'received', at: moment(received + 1), dueAt: moment(received + (due ?? 3)), source: 'other', later }));
      await centre.send('feedback', cases.flatMap(({ later, dueAt, ...first }) => [{ ...first, dueAt }, ...later.slice(0, 1).map((one) => ({ ...first, eventId: `${first.eventId}-r`, status: 'resolved', at: new Date(Date.parse(first.at) + one.after * 43_200_000).toISOString() }))]), key);
      for (const [by, length] of [['day', 1], ['week', 7], ['month', 31]] as const) {
        const from = dayOf(0);
        const to = dayOf(59);
        for (const row of (await kpis(from, to, by)).rows ?? []) {
          const start = by === 'month' ? `${row.key}-01` : row.key;
          const end = by === 'month' ? new Date(Date.UTC(Number(row.key.slice(0, 4)), Number(row.key.slice(5)), 0)).toISOString().slice(0, 10) : new Date(Date.parse(start) + (length - 1) * 86_400_000).toISOString().slice(0, 10);
          const last = end > to ? to : end;
          expect([by, row.key, standing(row)]).toEqual([by, row.key, standing(await kpis(start < from ? from : start, last))]);
        }
      }
    }), { numRuns: 3 });
  });
});
