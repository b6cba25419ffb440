/** A database from before calendars were kept: its dossiers were counted without the days that the shipped calendar lacked. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCalendars } from '../../server/deadlines/calendars.ts';
import { recomputeDeadlines } from '../../server/deadlines/recompute.ts';
import { recount } from '../../server/figures/recount.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre(); });
afterAll(async () => { await centre?.end(); });

it('shows its dossiers as reckoned by an earlier calendar, keeps recount at nothing, and moves them when asked', async () => {
  const { database, rules } = centre;
  const at = new Date();
  await database.query('DELETE FROM calendars');
  expect((await openCalendars(database, rules, at)).current).toBe(1);
  const key = await centre.keyFor(['dossiers'], ['75']);
  // Two working days over 31 August 2026, a day off that the calendar of before did not know.
  const event = { eventId: 'r', dossier: 'OLD', status: 'received', at: '2026-08-28T09:00:00+07:00', unit: '26068', procedure: '1.000894' };
  await centre.send('dossiers', [event, { ...event, eventId: 'x', status: 'resolved', at: '2026-09-03T09:00:00+07:00' }], key);
  const due = async () => (await database.query<{ due_at: Date }>("SELECT due_at FROM dossiers WHERE code = 'OLD'")).rows[0]?.due_at.toISOString();
  const now = await due();

  // As an older version left it: no calendar is kept, and the deadline is the one without that day off.
  await database.query('DELETE FROM calendars');
  const opened = await openCalendars(database, rules, at);
  expect(opened.current).toBe(2);
  const earlier = (await opened.clocks(database, [1]))(1).deadline('26068', '1.000894', Date.parse(event.at));
  await database.query("UPDATE dossiers SET due_at = $1 WHERE code = 'OLD'", [new Date(earlier ?? 0)]);
  expect(await due()).not.toBe(now);
  expect((await recomputeDeadlines(database, rules, { actor: 'test', at, check: true })).differing).toBe(1);
  await recount(database, rules, true);
  await recomputeDeadlines(database, rules, { actor: 'test', at, check: false });
  expect(await due()).toBe(now);
  expect((await recount(database, rules, false)).differences).toBe(0);
});
