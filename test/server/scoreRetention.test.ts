/** What a score was: thinned with age, but what somebody may have to answer for stays for ever. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zoneOf } from '#analytics/time/localDay.ts';
import { thinScoreRuns } from '#server/scores/retention.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
const zone = zoneOf('Asia/Ho_Chi_Minh');
const NOW = new Date('2026-06-30T12:00:00+07:00');
beforeAll(async () => { centre = await startTestCentre({ now: () => NOW }); });
afterAll(async () => { await centre?.end(); });

let points = 0;
async function run(at: string, { unit = '731', set = 'decision-766', period = '2026-01', fingerprint = 'a' } = {}) {
  points += 1;
  await centre.database.query("INSERT INTO score_runs (unit, rule_set, version, fingerprint, period, points, measurable, groups, simulated, computed_at) VALUES ($1, $2, '1', $3, $4, $5, 50, '[]', false, $6)", [unit, set, fingerprint, period, points, `${at.replace(' ', 'T')}:00+07:00`]);
}
const local = (at: Date) => new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
const left = async (set = 'decision-766', unit = '731') => (await centre.database.query<{ computed_at: Date; fingerprint: string }>('SELECT computed_at, fingerprint FROM score_runs WHERE rule_set = $1 AND unit = $2 ORDER BY computed_at, id', [set, unit])).rows.map((row) => `${local(row.computed_at)} ${row.fingerprint}`);

describe('the runs of a score', () => {
  it('all of seven days, the last of a day for three months, then the last of the period by each text of the rules', async () => {
    // Long past, with a change of the rules in between; midnight of the centre's zone, not of UTC.
    await run('2026-01-10 08:00'); await run('2026-01-10 23:30'); await run('2026-01-11 00:30'); await run('2026-02-01 09:00', { fingerprint: 'b' }); await run('2026-02-20 09:00', { fingerprint: 'b' });
    await run('2026-01-12 08:00', { unit: '732' });
    for (const [day, hour] of [['2026-06-01', '08'], ['2026-06-01', '09'], ['2026-06-02', '08'], ['2026-06-22', '08'], ['2026-06-22', '09'], ['2026-06-23', '08'], ['2026-06-23', '09'], ['2026-06-30', '11']]) await run(`${day} ${hour}:00`, { period: '2026-06' });
    expect(await thinScoreRuns(centre.database, zone, NOW)).toBe(5);
    expect(await left()).toEqual(['2026-01-11 00:30 a', '2026-02-20 09:00 b', '2026-06-01 09:00 a', '2026-06-02 08:00 a', '2026-06-22 09:00 a', '2026-06-23 08:00 a', '2026-06-23 09:00 a', '2026-06-30 11:00 a']);
    expect(await left('decision-766', '732')).toEqual(['2026-01-12 08:00 a']);
    // Again the same day: nothing; a day later the 23rd is thinned, and nothing that is kept goes by time alone.
    expect(await thinScoreRuns(centre.database, zone, NOW)).toBe(0);
    expect(await thinScoreRuns(centre.database, zone, new Date('2026-07-01T12:00:00+07:00'))).toBe(1);
    expect(await thinScoreRuns(centre.database, zone, new Date('2030-01-01T12:00:00+07:00'))).toBe(4);
    expect(await left()).toEqual(['2026-01-11 00:30 a', '2026-02-20 09:00 b', '2026-06-30 11:00 a']);
  });
  it('what was to be seen when somebody signed, or withdrew it, stays', async () => {
    await centre.database.query("DELETE FROM settings WHERE name = 'score_runs'");
    const sign = async (at: string, signed: boolean) => { await centre.database.query("INSERT INTO scoring_signatures (rule_set, version, fingerprint, signed, by_whom, note, at) VALUES ('circular-01-2018', '1', 'a', $2, 'x', 'x', $1)", [`${at.replace(' ', 'T')}:00+07:00`, signed]); };
    const set = 'circular-01-2018';
    for (const at of ['2026-01-10 08:00', '2026-01-10 09:00', '2026-01-10 10:00', '2026-01-15 08:00', '2026-01-15 09:00', '2026-01-20 08:00']) await run(at, { set });
    await sign('2026-01-10 09:30', true);
    await sign('2026-01-15 08:30', false);
    expect(await thinScoreRuns(centre.database, zone, NOW)).toBe(3);
    expect(await left(set)).toEqual(['2026-01-10 09:00 a', '2026-01-15 08:00 a', '2026-01-20 08:00 a']);
  });
});
