/** What is away becomes an outage with its cause; a line that is cut is one outage, not one a camera. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraFigures, CameraOutage } from '#contract/cameraFigures.ts';
import { judgeOutages, type Open, type Seen } from '#server/cameras/judgeOutages.ts';
import { keepOutages } from '#server/cameras/outages.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

const T0 = Date.parse('2026-03-10T01:00:00Z');
const iso = (minute: number) => new Date(T0 + minute * 60_000).toISOString();
const camera = (id: string, state: Seen['state'], reason: Seen['reason'], sinceMinute: number | null, more: Partial<Seen> = {}): Seen => ({ id, unit: 'u', enabled: state !== 'disabled', state, reason, since: sinceMinute === null ? null : iso(sinceMinute), simulated: false, ...more });
/** Plays minutes one after another, as the rounds do. */
function play(minutes: readonly Seen[][]) {
  let open: Open[] = [];
  const ended = new Map<string, number>();
  const log: string[] = [];
  minutes.forEach((seen, minute) => {
    const { opened, closed } = judgeOutages(seen, open, ended, T0 + minute * 60_000, 5 * 60_000);
    for (const one of closed) { log.push(`${minute} ${one.as} ${one.outage.kind} ${one.outage.camera ?? '-'} ${Math.round((one.at - one.outage.beganAt) / 60_000)}`); if (one.outage.kind !== 'camera') ended.set(one.outage.unit, one.at); }
    for (const one of opened) log.push(`${minute} open ${one.kind} ${one.camera ?? '-'} ${one.cause} ${Math.round((one.beganAt - T0) / 60_000)}`);
    open = [...open.filter((one) => !closed.some((other) => other.outage === one)), ...opened];
  });
  return { log, open };
}
const during = (from: number, to: number, away: (minute: number) => Seen[], there: Seen[], length = 20) => Array.from({ length }, (_, minute) => (minute >= from && minute < to ? away(minute) : there));
const on = (id: string, since = -60) => camera(id, 'online', null, since);

describe('outages', () => {
  it('of a camera: opened after the patience, with the cause, closed when it is back', () => {
    const { log } = play([...during(2, 12, () => [camera('a', 'offline', 'wrong_password', 2), on('b')], [on('a'), on('b')], 12), [on('a', 12), on('b')]]);
    expect(log).toEqual(['7 open camera a wrong_password 2', '12 back camera a 10']);
  });
  it('shorter than the patience are none', () => { expect(play(during(2, 6, () => [camera('a', 'offline', 'refused', 2), on('b')], [on('a'), on('b')])).log).toEqual([]); });
  it('of all cameras of a desk at once are one of its line', () => {
    const cut = [camera('a', 'offline', 'unreachable', 2), camera('b', 'offline', 'no_packets', 3), camera('c', 'offline', 'unreachable', 2)];
    const { log } = play([...during(2, 12, () => cut, [on('a'), on('b'), on('c')], 12), [on('a', 12), camera('b', 'offline', 'unreachable', 3), on('c', 12)], ...Array.from({ length: 6 }, () => [on('a', 12), camera('b', 'offline', 'unreachable', 3), on('c', 12)])]);
    // What stays away when the line is back is the camera's own, from then on.
    expect(log).toEqual(['8 open line - line 3', '12 back line - 9', '17 open camera b unreachable 12']);
  });
  it('that began with one camera go over into that of the line', () => {
    const minutes = Array.from({ length: 16 }, (_, minute) => (minute < 8 ? [camera('a', 'offline', 'refused', 0), on('b')] : [camera('a', 'offline', 'refused', 0), camera('b', 'offline', 'refused', 8)]));
    expect(play(minutes).log).toEqual(['5 open camera a refused 0', '13 line camera a 13', '13 open line - line 8']);
  });
  it('of the same wrong password everywhere are each camera’s own', () => {
    expect(play(during(0, 10, () => [camera('a', 'offline', 'wrong_password', 0), camera('b', 'offline', 'wrong_password', 0)], [on('a')], 8)).log).toEqual(['5 open camera a wrong_password 0', '5 open camera b wrong_password 0']);
  });
  it('of the media node are the node’s', () => { expect(play(during(0, 20, () => [camera('a', 'offline', 'node_away', 0)], [on('a')], 8)).log).toEqual(['5 open node - node_away 0']); });
  it('are not made of what nobody has looked at yet, nor ended by it; switched off ends them', () => {
    const starting = camera('a', 'connecting', 'starting', null);
    const minutes = [...Array.from({ length: 10 }, () => [starting, on('b')]), ...Array.from({ length: 6 }, () => [camera('a', 'offline', 'refused', 10), on('b')]), [starting, on('b')], [camera('a', 'disabled', 'disabled', 17), on('b')]];
    expect(play(minutes).log).toEqual(['15 open camera a refused 10', '17 removed camera a 7']);
  });
  it('are never open twice, never longer than now, whatever happens', () => {
    const state = fc.constantFrom<[Seen['state'], Seen['reason']]>(['online', null], ['offline', 'unreachable'], ['offline', 'node_away'], ['offline', 'wrong_password'], ['connecting', 'starting'], ['disabled', 'disabled']);
    fc.assert(fc.property(fc.array(fc.tuple(state, state, state), { minLength: 1, maxLength: 60 }), (steps) => {
      const since = [0, 0, 0];
      const minutes = steps.map((step, minute) => step.map(([kind, reason], i) => { if (minute === 0 || steps[minute - 1]?.[i]?.[0] !== kind) since[i] = minute; return camera(`c${i}`, kind, reason, since[i] ?? 0); }));
      const { log, open } = play(minutes);
      const living = open.map((one) => `${one.kind} ${one.camera ?? '-'}`);
      expect(new Set(living).size).toBe(living.length);
      // An outage of the line leaves no camera's beside it.
      if (open.some((one) => one.kind !== 'camera')) expect(living).toHaveLength(1);
      for (const line of log.filter((one) => !one.includes('open'))) expect(Number(line.split(' ').at(-1))).toBeGreaterThanOrEqual(0);
    }), { numRuns: 300 });
  });
});

describe('cameras as figures', () => {
  let centre: TestCentre;
  beforeAll(async () => {
    centre = await startTestCentre({ environment: { CAMERA_NETWORKS: '127.0.0.0/8' } });
    await centre.createUser('desk', ['leader'], '26068');
    for (const [id, unit] of [['fig-a', '26068'], ['fig-b', '26068'], ['fig-c', '25993']]) await centre.call('POST', '/cameras', { body: { id, unit, name: `Camera ${id}`, position: 'counter', url: 'rtsp://127.0.0.1:9/x', enabled: false } });
    await centre.database.query(`INSERT INTO camera_days (camera, unit, day, known_seconds, up_seconds) VALUES
      ('fig-a', '26068', '2026-03-10', 1000, 900), ('fig-b', '26068', '2026-03-11', 1000, 1000), ('fig-a', '26068', '2026-04-01', 500, 0), ('fig-c', '25993', '2026-03-10', 1000, 400)`);
  });
  afterAll(async () => { await centre?.end(); });
  const figures = async (query: string, as = 'admin') => (await centre.call<CameraFigures>('GET', `/cameras/figures?${query}`, { as })).body;

  it('keep outages over a restart, and count them with their time to repair', async () => {
    const seen = (id: string, state: Seen['state'], minute: number): Seen => camera(id, state, state === 'online' ? null : 'refused', minute, { unit: '26068' });
    const first = keepOutages(centre.database, { minutes: 5 });
    await first.note([seen('fig-a', 'offline', 0), seen('fig-b', 'online', 0)], new Date(T0 + 6 * 60_000));
    const second = keepOutages(centre.database, { minutes: 5 });
    await second.note([seen('fig-a', 'offline', 0), seen('fig-b', 'online', 0)], new Date(T0 + 7 * 60_000));
    await second.note([seen('fig-a', 'online', 90), seen('fig-b', 'online', 0)], new Date(T0 + 90 * 60_000));
    const { outages } = (await centre.call<{ outages: CameraOutage[] }>('GET', '/cameras/outages?unit=26068&from=2026-03-01&to=2026-03-31')).body;
    expect(outages).toMatchObject([{ kind: 'camera', camera: 'fig-a', cameraName: 'Camera fig-a', cause: 'refused', beganAt: iso(0), endedAt: iso(90), closedAs: 'back', minutes: 90 }]);
    const { total, rows } = await figures('unit=26068&from=2026-03-01&to=2026-04-30&by=month');
    expect(total).toMatchObject({ knownSeconds: 2500, upSeconds: 1900, uptime: 0.76, outages: 1, repaired: 1, repairHours: 1.5, meets: false });
    expect(rows.map((row) => [row.key, row.uptime, row.outages, row.repairHours])).toEqual([['2026-03', 0.95, 1, 1.5], ['2026-04', 0, 0, null]]);
    expect(rows[0]?.meets).toBe(true);
  });
  it('are by unit and by camera the same time, and of the asker’s units only', async () => {
    const period = 'from=2026-03-01&to=2026-03-31';
    const [units, cameras] = [await figures(`${period}&by=unit`), await figures(`${period}&by=camera`)];
    expect(units.rows.map((row) => [row.key, row.uptime])).toEqual([['25993', 0.4], ['26068', 0.95]]);
    expect(cameras.rows.map((row) => [row.key, row.name, row.uptime])).toEqual([['fig-a', 'Camera fig-a', 0.9], ['fig-b', 'Camera fig-b', 1], ['fig-c', 'Camera fig-c', 0.4]]);
    for (const { total } of [units, cameras]) expect([total.knownSeconds, total.upSeconds]).toEqual([3000, 2300]);
    expect((await figures(`${period}&by=unit`, 'desk')).rows.map((row) => row.key)).toEqual(['26068']);
    expect((await centre.call('GET', '/cameras/figures?unit=25993', { as: 'desk' })).status).toBe(404);
    expect((await centre.call('GET', '/cameras/outages?unit=25993', { as: 'desk' })).status).toBe(404);
  });
  it('say nothing where nothing was watched, and which desks should have a camera by which document', async () => {
    const { total, coverage } = await figures('from=2025-01-01&to=2025-01-31');
    expect(total).toMatchObject({ knownSeconds: 0, uptime: null, meets: null, repairHours: null });
    expect(coverage.expected).toBeGreaterThan(100);
    expect([coverage.working, coverage.share]).toEqual([0, 0]);
    expect(coverage.source).toContain('8619/KH-UBND');
    expect((await figures('unit=26068&from=2025-01-01&to=2025-01-31')).coverage.without).toEqual([{ unit: '26068', unitName: expect.any(String) as string, cameras: 0 }]);
    expect((await centre.call('GET', '/cameras/figures?from=x')).status).toBe(400);
  });
});
