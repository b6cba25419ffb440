/** Who reports and who is silent: by the unit's own week where it has one, by the fixed limit where it has none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '#contract/alert.ts';
import type { CoverageAnswer } from '#contract/coverage.ts';
import type { KpiAnswer } from '#contract/figures.ts';
import { dayOf, dayText, weekday, zoneOf } from '#analytics/time/localDay.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

// A Tuesday; the lunar new year lies within the eight weeks before.
const NOW = new Date('2026-03-24T10:30:00+07:00');
const REGULAR = '25993', MONDAYS = '26068', NEW_SILENT = '26116', NEW = '26119', NEVER = '740';
const today = dayOf(NOW.getTime(), zoneOf('Asia/Ho_Chi_Minh'));
let centre: TestCentre;
let key: string;
let serial = 0;
const rating = (unit: string, day: number, clock: string) => ({ eventId: `s${serial += 1}`, unit, at: `${dayText(day)}T${clock}:00+07:00`, rating: 5, source: 'tablet' });
const hours = (unit: string, day: number) => Array.from({ length: 8 }, (_, i) => [':00', ':20', ':40'].map((minutes) => rating(unit, day, `${String(8 + i).padStart(2, '0')}${minutes}`))).flat();
const coverage = async (unit: string, as = 'admin') => (await centre.call<CoverageAnswer>('GET', `/coverage?unit=${unit}`, { as })).body;
const rowOf = async (unit: string) => (await coverage('75')).units.find((one) => one.unit === unit);
const silent = async () => (await centre.call<{ alerts: AlertRow[] }>('GET', '/alerts?rule=unit_silent')).body.alerts.map((one) => one.unit).sort();

beforeAll(async () => {
  centre = await startTestCentre({ now: () => NOW });
  key = await centre.keyFor(['surveys', 'dossiers'], ['75']);
  const past = Array.from({ length: 56 }, (_, i) => today - 1 - i);
  const events = [
    ...past.filter((day) => weekday(day) <= 5).flatMap((day) => hours(REGULAR, day)), rating(REGULAR, today, '08:00'),
    ...past.filter((day) => weekday(day) === 1).flatMap((day) => hours(MONDAYS, day)),
    rating(NEW_SILENT, today - 1, '08:00'), rating(NEW, today, '07:45'),
  ];
  expect((await centre.send('surveys', events, key)).body).toMatchObject({ accepted: events.length, rejected: [] });
  // Twice the same: the rhythm counts what was new.
  expect((await centre.send('surveys', events, key)).body).toMatchObject({ accepted: 0 });
  await centre.rhythms.refresh();
});
afterAll(async () => { await centre?.end(); });

describe('the coverage', () => {
  it('says who is silent against its own week: a regular unit after two hours and a half, a unit of Mondays not on a Tuesday', async () => {
    const regular = await rowOf(REGULAR);
    // Working time begins at 7:30; from 8:00 to 10:30 it would have sent 7.5 ratings. Holidays do not lower the mean.
    expect(regular).toMatchObject({ state: 'silent', silentMinutes: 150, lastEventAt: '2026-03-24T01:00:00.000Z' });
    expect(regular?.rhythm?.expected).toBeCloseTo(7.5, 1);
    expect(regular?.rhythm?.eventsPerWeek).toBeCloseTo(120, 0);
    expect(regular?.rhythm?.chance).toBeLessThan(0.0001);
    const mondays = await rowOf(MONDAYS);
    expect(mondays).toMatchObject({ state: 'reporting', silentMinutes: 260 });
    expect(mondays?.rhythm?.chance).toBeGreaterThan(0.1);
  });

  it('keeps the fixed limit for a unit without a rhythm', async () => {
    expect(await rowOf(NEW_SILENT)).toMatchObject({ state: 'silent', rhythm: null });
    expect(await rowOf(NEW)).toMatchObject({ state: 'reporting', rhythm: null, silentMinutes: 165 });
    expect(await rowOf(NEVER)).toMatchObject({ state: 'never', lastEventAt: null, silentMinutes: null, rhythm: null });
  });

  it('counts as the figures do', async () => {
    const figures = (await centre.call<KpiAnswer>('GET', '/kpis?unit=75')).body;
    expect((await coverage('75')).coverage).toEqual(figures.coverage);
  });

  it('names closed days and those that do not match', async () => {
    const close = async (day: string, received: number) => await centre.call('POST', '/ingest/day-close', { as: null, body: { unit: NEW, day, counts: { received } }, headers: { authorization: `Bearer ${key}` } });
    await close('2026-03-20', 0);
    await close('2026-03-21', 0);
    await close('2026-03-23', 1);
    await close('2026-01-05', 0);
    expect(await rowOf(NEW)).toMatchObject({ closedDays: 2, mismatches: 1, reopenedDays: 0, lastClosedDay: '2026-03-21' });
    await centre.send('dossiers', [{ eventId: 'd1', dossier: 'D1', status: 'received', at: '2026-03-21T08:00:00+07:00', unit: NEW, procedure: '1.004199' }], key);
    expect(await rowOf(NEW)).toMatchObject({ closedDays: 1, mismatches: 2, reopenedDays: 1, lastClosedDay: '2026-03-20' });
  });

  it('ends at the scope of the account', async () => {
    await centre.createUser('cov-731', ['leader'], '731');
    const seen = (await coverage('731', 'cov-731')).units.map((one) => one.unit);
    expect([seen.includes(REGULAR), seen.includes(NEVER), seen.includes('75')]).toEqual([true, false, false]);
    expect((await centre.call('GET', '/coverage?unit=75', { as: 'cov-731' })).status).toBe(404);
    expect((await centre.call<CoverageAnswer>('GET', '/coverage', { as: 'cov-731' })).body.unit).toBe('731');
  });
});

describe('the alert', () => {
  it('opens for those that are silent, and ends with the next event', async () => {
    await expect.poll(silent, { timeout: 30_000, interval: 500 }).toEqual([REGULAR, NEW_SILENT].sort());
    await centre.send('surveys', [rating(REGULAR, today, '10:29')], key);
    await expect.poll(silent, { timeout: 30_000, interval: 500 }).toEqual([NEW_SILENT]);
    expect((await centre.call<{ alerts: AlertRow[] }>('GET', `/alerts?rule=unit_silent&state=resolved&unit=${REGULAR}`)).body.alerts).toMatchObject([{ value: 150, limit: 60, closedReason: 'condition_ended' }]);
  });
});
