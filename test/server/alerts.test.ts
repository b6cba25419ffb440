/** Alerts on a real database: every scope sees its own and the true number, rounds open and close them for a reason. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertRow } from '#contract/alert.ts';
import type { AlertCounts, Snapshot } from '#contract/live.ts';
import { dayOf } from '#analytics/time/localDay.ts';
import { NO_PICTURE_RULES } from '#server/alerts/pictures.ts';
import { NO_SECURITY_RULES } from '#server/alerts/security.ts';
import { evaluateAlerts, type RoundInput, type RuleSettings } from '#server/alerts/evaluate.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
const open: Socket[] = [];
beforeAll(async () => { centre = await startTestCentre(); await centre.createUser('commune', ['operator'], '26068'); });
afterAll(async () => { for (const socket of open) socket.disconnect(); await centre?.end(); });

/** Alerts that no rule looks after any more, but that nobody closed: they stay as they are. */
async function standing(unit: string, name: string, n: number, { severity = 'critical', minutes = 1, moment = new Date(), opened = new Date(Date.now() - minutes * 60_000) } = {}): Promise<void> {
  await centre.database.query(
    "INSERT INTO alerts (rule, severity, state, unit, subject, opened_at, moment, condition_ended_at) SELECT 'dossier_overdue', $4, 'open', $1, $2 || i, $5, $6, now() FROM generate_series(1, $3::int) i", [unit, name, n, severity, opened, moment]);
}
async function snapshotOf(username: string, unit: string): Promise<Snapshot> {
  const socket = io(centre.url, { path: '/live', transports: ['websocket'], extraHeaders: { cookie: await centre.cookieOf(username) }, forceNew: true, reconnection: false });
  open.push(socket);
  return await new Promise((resolve) => { socket.on('snapshot', resolve); socket.on('connect', () => socket.emit('watch', { units: [unit], topics: ['kpis', 'alerts'] })); });
}

describe('the live list', () => {
  it('takes no alert away from a unit because others have many, and tells how many there are', async () => {
    await standing('26068', 'quiet-', 1, { severity: 'notice', minutes: 60 });
    for (const [unit, n] of [['25993', 1_500], ['731', 1_000]] as const) await standing(unit, `many-${unit}-`, n);
    await new Promise((resolve) => { setTimeout(resolve, 6_000); });
    const commune = await snapshotOf('commune', '26068');
    expect(Object.values(commune.state.alerts ?? {}).map((alert) => alert.subject)).toEqual(['quiet-1']);
    const province = await snapshotOf('admin', '75');
    const counts = Object.entries(province.state.kpis ?? {}).flatMap(([key, row]) => (key.startsWith('alerts:') ? [row as AlertCounts] : []));
    expect(counts.reduce((sum, one) => sum + one.total, 0)).toBe(2_501);
    expect(counts.find((one) => one.unit === '25993')).toEqual({ unit: '25993', total: 1_500, criticalOpen: 1_500, byRule: { dossier_overdue: 1_500 } });
    expect(Object.values(commune.state.kpis ?? {}).some((row) => row.unit === '25993')).toBe(false);
    // The list itself stays bounded.
    expect(Object.keys(province.state.alerts ?? {}).length).toBe(401);
  });
});

describe('GET /alerts', () => {
  it('shows of a day what happened or was opened on it, and nothing of other days', async () => {
    const day = (text: string) => new Date(`${text}T09:00:00+07:00`);
    await standing('26080', 'before-and-after-', 1, { moment: day('2026-03-01'), opened: day('2026-03-03') });
    await standing('26080', 'happened-', 1, { moment: day('2026-03-02'), opened: day('2026-03-05') });
    await standing('26080', 'opened-', 1, { moment: day('2026-02-01'), opened: day('2026-03-02') });
    const of = async (query: string) => (await centre.call<{ alerts: AlertRow[] }>('GET', `/alerts?unit=26080&state=all${query}`)).body.alerts.map((alert) => alert.subject).sort();
    const from = `&from=${encodeURIComponent('2026-03-02T00:00:00+07:00')}`;
    const to = `&to=${encodeURIComponent('2026-03-03T00:00:00+07:00')}`;
    expect(await of(from + to)).toEqual(['happened-1', 'opened-1']);
    expect(await of(from)).toEqual(['before-and-after-1', 'happened-1', 'opened-1']);
    expect(await of(to)).toEqual(['before-and-after-1', 'happened-1', 'opened-1']);
    expect(await of('')).toHaveLength(3);
  });
});

describe('a round', () => {
  const OFF: RuleSettings = { dossier_overdue: null, dossier_due_soon: null, queue_long: null, camera_away: null, unit_silent: null, day_mismatch: null, disk_low: null, disk_critical: null, disk_fault: null, recording_shortened: null, ...NO_SECURITY_RULES, apology_due: null, late_without_apology: null, apology_after_deadline: null, second_reappointment: null, ...NO_PICTURE_RULES };
  const input = (at: Date, more: Partial<RoundInput> = {}): RoundInput => ({ at, today: dayOf(at.getTime(), centre.rules.zone), silences: [], queues: [], cameras: [], disks: [], camerasKnown: true, experienceOf: () => Promise.resolve(new Map()), ...more });
  const alertOf = async (subject: string) => (await centre.database.query<{ state: string; closed_reason: string | null; simulated: boolean }>('SELECT state, closed_reason, simulated FROM alerts WHERE subject = $1 ORDER BY id DESC', [subject])).rows[0] ?? null;
  const later = (days: number) => new Date(Date.now() + days * 86_400_000);
  const DAYS = 60;
  // The rounds of the centre itself would judge by its own clock: what is tried lies where they change nothing.
  const overdue: RuleSettings = { ...OFF, dossier_overdue: { severity: 'warning', maxAgeDays: DAYS } };

  it('opens one alert of a camera that comes and goes, and closes it when it holds', async () => {
    const rules: RuleSettings = { ...OFF, camera_away: { severity: 'warning', patienceSeconds: 45 } };
    const camera = (state: string, reason: string | null, at: Date) => ({ id: 'flapping', unit: '26080', counter: null, enabled: true, simulated: false, state, reason, since: at.toISOString(), lastFrameAt: at.toISOString() }) as RoundInput['cameras'][number];
    const began = Date.now();
    for (let round = 0; round < 40; round += 1) {
      const at = new Date(began + round * 3000);
      await evaluateAlerts(centre.database, rules, input(at, { cameras: [camera(round % 2 === 0 ? 'offline' : 'online', round < 8 ? (round % 2 === 0 ? 'ended' : null) : 'unstable', at)] }));
    }
    const all = async () => (await centre.database.query<{ ended: boolean }>("SELECT condition_ended_at IS NOT NULL AS ended FROM alerts WHERE subject = 'flapping'")).rows;
    expect(await all()).toEqual([{ ended: false }]);
    const at = new Date(began + 300_000);
    await evaluateAlerts(centre.database, rules, input(at, { cameras: [camera('online', null, at)] }));
    expect(await all()).toEqual([{ ended: true }]);
  });

  it('keeps an alert open while its condition lasts, however old it grows, and opens none so old', async () => {
    const key = await centre.keyFor(['dossiers'], ['75']);
    const due = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    await centre.send('dossiers', [['AGE-1', 1], ['AGE-2', 200]].map(([dossier, days]) => ({ eventId: `${dossier}`, dossier, status: 'received', at: due(Number(days) + 1), dueAt: due(Number(days)), unit: '26080', procedure: '1.004199' })), key);
    await evaluateAlerts(centre.database, overdue, input(new Date()));
    expect([(await alertOf('AGE-1'))?.state, await alertOf('AGE-2')]).toEqual(['open', null]);
    await evaluateAlerts(centre.database, overdue, input(later(DAYS + 30)));
    expect(await alertOf('AGE-1')).toMatchObject({ state: 'open', closed_reason: null });
    await centre.send('dossiers', [{ eventId: 'AGE-1-end', dossier: 'AGE-1', status: 'resolved', at: new Date(Date.now() - 1000).toISOString() }], key);
    await evaluateAlerts(centre.database, overdue, input(later(DAYS + 30)));
    expect(await alertOf('AGE-1')).toMatchObject({ state: 'resolved', closed_reason: 'condition_ended' });
  });

  it('does the same for a day that does not match, and cuts its age by the days of the centre', async () => {
    const state = async (unit: string, day: string) => { await centre.database.query("INSERT INTO day_states (unit, day, simulated, matches, received, resolved, pending, farthest, late_events, late_total, reopenings, changed_at) VALUES ($1, $2, false, false, 1, 0, 0, 1, 0, 0, 0, now())", [unit, day]); };
    await state('26080', '2026-03-05');
    await state('26080', '2026-03-04');
    const rules: RuleSettings = { ...OFF, day_mismatch: { severity: 'notice', maxAgeDays: 10 } };
    // Two in the morning of 15 March in Việt Nam is still the 14th in UTC.
    await evaluateAlerts(centre.database, rules, input(new Date('2026-03-15T02:00:00+07:00')));
    expect([await alertOf('26080/2026-03-05'), await alertOf('26080/2026-03-04')]).toEqual([null, null]);
    await evaluateAlerts(centre.database, rules, input(new Date('2026-03-14T23:00:00+07:00')));
    expect([(await alertOf('26080/2026-03-05'))?.state, await alertOf('26080/2026-03-04')]).toEqual(['open', null]);
    await evaluateAlerts(centre.database, rules, input(new Date('2026-05-01T09:00:00+07:00')));
    expect((await alertOf('26080/2026-03-05'))?.state).toBe('open');
    await centre.database.query("UPDATE day_states SET matches = true");
    await evaluateAlerts(centre.database, rules, input(new Date('2026-05-01T09:00:00+07:00')));
    expect((await alertOf('26080/2026-03-05'))?.closed_reason).toBe('condition_ended');
  });

  it('closes what a rule left behind that was switched off, and says so', async () => {
    const queue = { unit: '26071', waiting: 50, longestWaitSeconds: 9_000, servedToday: 0, averageWaitSeconds: null, p90WaitSeconds: null, noShowToday: 0, expectedWaitSeconds: null, openCounters: 0, lastEventAt: null, simulated: true };
    const rules: RuleSettings = { ...OFF, queue_long: { severity: 'warning', openSeconds: 600, clearSeconds: 300, waiting: 20 } };
    await evaluateAlerts(centre.database, rules, input(new Date(), { queues: [queue] }));
    // A queue of the simulated province is no real alarm.
    expect(await alertOf('26071')).toMatchObject({ state: 'open', simulated: true });
    await evaluateAlerts(centre.database, OFF, input(new Date()));
    expect(await alertOf('26071')).toMatchObject({ state: 'resolved', closed_reason: 'rule_off' });
  });
});
