/** To whom an alert may be given: accounts that are there, enabled, see its unit, and lie in the giver's scope. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let alert: string;
beforeAll(async () => {
  centre = await startTestCentre();
  for (const [name, role, unit] of [['d-operator', 'operator', '731'], ['d-leader', 'leader', '731'], ['d-locked', 'leader', '731'], ['d-inspector', 'inspector', '731'], ['c-operator', 'operator', '25993'], ['other', 'operator', '740'], ['p-leader', 'leader', '75']] as const) await centre.createUser(name, [role], unit);
  expect((await centre.call('PATCH', '/users/d-locked', { body: { enabled: false } })).status).toBe(200);
  const row = await centre.database.query<{ id: number }>("INSERT INTO alerts (rule, severity, state, unit, subject, moment) VALUES ('unit_silent', 'critical', 'open', '25993', 'x', now()) RETURNING id");
  alert = String(row.rows[0]?.id);
});
afterAll(async () => { await centre?.end(); });
const assign = async (body: unknown, as = 'd-operator') => await centre.call<{ code?: string; assignee?: string | null; state?: string; next?: string; cause?: string }>('POST', `/alerts/${alert}/assign`, { as, body });

describe('giving an alert', () => {
  it('offers whom the giver may know: in scope, enabled, seeing the unit, allowed to act; the nearest first', async () => {
    const names = async (as: string) => (await centre.call<{ accounts: { username: string }[] }>('GET', `/alerts/${alert}/assignees`, { as })).body.accounts?.map((one) => one.username);
    expect(await names('d-operator')).toEqual(['c-operator', 'd-leader', 'd-operator']);
    expect(await names('c-operator')).toEqual(['c-operator']);
    expect(await names('p-leader')).toEqual(['c-operator', 'd-leader', 'd-operator', 'admin', 'p-leader']);
    expect((await centre.call('GET', `/alerts/${alert}/assignees`, { as: 'other' })).status).toBe(404);
    expect((await centre.call('GET', `/alerts/${alert}/assignees`, { as: 'd-inspector' })).status).toBe(403);
  });
  it('refuses, with one and the same answer, who is not there, is locked, does not see the unit or lies outside the scope', async () => {
    for (const name of ['nobody-here', 'd-locked', 'd-inspector', 'other', 'p-leader', 'admin']) {
      const { status, body } = await assign({ assignee: name });
      expect([name, status, body.code, typeof body.cause, typeof body.next]).toEqual([name, 422, 'assignee_unknown', 'string', 'string']);
    }
    expect((await assign({ assignee: ' ' })).status).toBe(400);
    expect((await centre.call<{ state: string; assignee: string | null; notes: unknown[] }>('GET', `/alerts/${alert}`)).body).toMatchObject({ state: 'open', assignee: null, notes: [] });
  });
  it('takes an account, and without one the caller; only assigning changes who has it', async () => {
    expect((await assign({ assignee: 'c-operator', note: 'x' })).body).toMatchObject({ state: 'assigned', assignee: 'c-operator' });
    expect((await assign({ note: 'mine' })).body).toMatchObject({ state: 'assigned', assignee: 'd-operator' });
    expect((await centre.call('POST', `/alerts/${alert}/answer`, { as: 'd-operator', body: { note: 'y', assignee: 'nobody-here' } })).body).toMatchObject({ state: 'answered', assignee: 'd-operator' });
    const audit = (await centre.call<{ entries: { action: string; detail: { assignee?: string } }[] }>('GET', `/audit?subject=${alert}&action=alert.assign`)).body.entries;
    expect(audit.map((entry) => entry.detail.assignee)).toEqual(['d-operator', 'c-operator']);
  });
});
