/** Letters of apology: each of the four alerts opens when it should, not before, leads to its dossier, and closes by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '#contract/alert.ts';
import { apologyConditions, readExperience } from '#server/alerts/apologies.ts';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { rulesFrom } from '#server/rounds.ts';
import { zoneOf } from '#analytics/time/localDay.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const zone = zoneOf('Asia/Ho_Chi_Minh');
const config = loadConfig({ dir: fromRoot('config'), environment: {} });
/** As shipped, the one that is off switched on. */
const rules = rulesFrom({ ...config, alerts: config.alerts.map((rule) => ({ ...rule, enabled: true })) }, zone);
let centre: TestCentre;
let key: string;
const NOW = new Date('2026-03-31T12:00:00+07:00');
beforeAll(async () => { centre = await startTestCentre({ now: () => NOW }); key = await centre.keyFor(['dossiers'], ['75']); });
afterAll(async () => { await centre?.end(); });

let n = 0;
const event = (dossier: string, status: string, at: string, more: object = {}) => ({ eventId: `e${(n += 1)}`, dossier, status, at: `${at.replace(' ', 'T')}:00+07:00`, unit: '26068', procedure: '1.004199', ...more });
const promise = (date: string) => ({ newDueAt: `${date}T17:00:00+07:00` });
const send = async (...events: object[]) => { expect((await centre.send('dossiers', events, key)).body).toMatchObject({ accepted: events.length }); };
/** Which dossiers are in the condition of which rule at this moment. The centre's own rounds go on beside, with the moment of theirs. */
async function open(at: string): Promise<Record<string, string[]>> {
  const found = await apologyConditions(centre.database, rules, new Date(`${at.replace(' ', 'T')}:00+07:00`), async (when, leadDays) => await readExperience(centre.database, when, leadDays));
  return Object.fromEntries(found.flatMap(([rule, { conditions }]) => (conditions.length > 0 ? [[rule, conditions.map((one) => one.subject).sort()]] : [])));
}

describe('a letter of apology', () => {
  it('is due on the last day of a dossier whose like became late, and only then', async () => {
    // Received Friday 20 March 08:00 with seven working days: due Tuesday 31 March 08:00.
    await send(event('DUE', 'received', '2026-03-20 08:00'), event('PAUSED', 'received', '2026-03-20 08:00'), event('PAUSED', 'supplement_requested', '2026-03-23 08:00'), event('SENT', 'received', '2026-03-20 08:00'), event('SENT', 'apology_sent', '2026-03-30 07:45', promise('2026-04-03')), event('OTHER', 'received', '2026-03-20 08:00', { procedure: '1.000894', dueAt: '2026-03-31T08:00:00+07:00' }));
    // Nobody knows yet how such dossiers end.
    expect(await open('2026-03-30 09:00')).toEqual({});
    // Nineteen that were open on their last day, all late; those that ended before tell nothing.
    const past = (i: number, resolved: string, more: object = {}) => [event(`PAST${i}`, 'received', '2026-03-02 08:00', more), event(`PAST${i}`, 'resolved', resolved, more)];
    await send(...Array.from({ length: 19 }, (_, i) => past(i, '2026-03-12 08:00')).flat(), ...Array.from({ length: 50 }, (_, i) => past(100 + i, '2026-03-05 08:00')).flat());
    expect(await open('2026-03-30 09:00')).toEqual({});
    await send(...past(19, '2026-03-10 12:00'));
    expect(await open('2026-03-30 09:00')).toEqual({ apology_due: ['DUE'] });
    expect(await open('2026-03-27 16:00')).toEqual({});
    // Twenty more that made it in time: fewer than half become late.
    await send(...Array.from({ length: 20 }, (_, i) => past(20 + i, '2026-03-11 07:45')).flat());
    expect(await open('2026-03-30 09:00')).toEqual({});
    await send(...Array.from({ length: 20 }, (_, i) => past(50 + i, '2026-03-12 07:45')).flat());
    expect(await open('2026-03-30 09:00')).toEqual({ apology_due: ['DUE'] });
    await send(event('DUE', 'apology_sent', '2026-03-30 10:00', promise('2026-04-03')));
    expect(await open('2026-03-30 10:01')).toEqual({});
  });
  it('is missing, after a day of grace and for as long as an alert is of use', async () => {
    await send(event('LATE', 'received', '2026-03-16 08:00'));
    expect(await open('2026-03-26 07:59')).toEqual({});
    expect((await open('2026-03-26 08:01')).late_without_apology).toEqual(['LATE']);
    // A pause stops the clock: nobody has to apologise for it.
    await send(event('LATE', 'supplement_requested', '2026-03-26 09:00'));
    expect(await open('2026-03-26 09:00')).toEqual({});
    await send(event('LATE', 'supplement_received', '2026-03-26 09:30'));
    expect((await open('2026-04-24 08:29')).late_without_apology).toEqual(expect.arrayContaining(['LATE']));
    expect((await open('2026-04-24 08:31')).late_without_apology ?? []).not.toContain('LATE');
  });
  it('came after the deadline', async () => {
    await send(event('TOO-LATE', 'received', '2026-03-16 08:00'), event('TOO-LATE', 'apology_sent', '2026-03-25 08:01', promise('2026-03-30')), event('IN-TIME', 'received', '2026-03-16 08:00'), event('IN-TIME', 'apology_sent', '2026-03-25 08:00', promise('2026-03-30')));
    expect((await open('2026-03-26 08:00')).apology_after_deadline).toEqual(['TOO-LATE']);
  });
  it('promises a second new date: the same date told again is none', async () => {
    await send(event('TWICE', 'received', '2026-03-16 08:00'), event('TWICE', 'apology_sent', '2026-03-24 08:00', promise('2026-03-30')), event('TWICE', 'apology_sent', '2026-03-24 09:00', promise('2026-03-30')));
    expect((await open('2026-03-26 08:00')).second_reappointment).toBeUndefined();
    await send(event('TWICE', 'apology_sent', '2026-03-26 09:00', promise('2026-04-10')));
    expect((await open('2026-03-26 09:01')).second_reappointment).toEqual(['TWICE']);
    // The first deadline stays the one that is judged.
    expect((await centre.database.query("SELECT due_at, new_due_at, reappointments FROM dossiers WHERE code = 'TWICE'")).rows).toEqual([{ due_at: new Date('2026-03-25T08:00:00+07:00'), new_due_at: new Date('2026-04-10T17:00:00+07:00'), reappointments: 2 }]);
    await send(event('TWICE', 'resolved', '2026-03-27 09:00'));
    expect((await open('2026-03-27 09:01')).second_reappointment).toBeUndefined();
  });
  it('opens an alert that leads to the dossier, and the alert closes when the letter is there', async () => {
    const alertsOf = async (rule: string) => (await centre.call<{ alerts: AlertRow[] }>('GET', `/alerts?state=active&rule=${rule}`)).body.alerts;
    await expect.poll(async () => (await alertsOf('late_without_apology')).find((alert) => alert.subject === 'LATE'), { timeout: 15_000 }).toMatchObject({ dossier: 'LATE', unit: '26068', severity: 'notice', state: 'open', at: '2026-03-16T01:00:00.000Z' });
    expect(await alertsOf('apology_after_deadline')).toEqual([]);
    await send(event('LATE', 'apology_sent', '2026-03-31 11:00', promise('2026-04-10')));
    await expect.poll(async () => (await alertsOf('late_without_apology')).some((alert) => alert.subject === 'LATE'), { timeout: 15_000 }).toBe(false);
  }, 40_000);
});
