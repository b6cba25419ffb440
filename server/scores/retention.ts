/**
 * How long what a score was is kept. Scores are kept whenever they have changed, which for a month that runs is at every half
 * hour: of days gone by the last of a day tells the same story. For ever stays what somebody may have to answer for: the last
 * run of a period by each text of the rules, and the one that was to be seen when somebody signed these rules or withdrew it.
 */
import { dayOf, dayText, parseDay, startOfDay, type Zone } from '#analytics/time/localDay.ts';
import type { Database } from '../database/pool.ts';
import { readSetting, writeSetting } from '../settings.ts';

export const SCORE_RUNS = { /** Days with all their runs. */ everyRun: 7, /** Days with the last of each. */ lastOfDay: 92 } as const;
const SETTING = 'score_runs';
/** The days before which it was done. */
interface Thinned { lastOfDay: string; lastOfPeriod: string }

const LATER = 'FROM score_runs n WHERE n.unit = r.unit AND n.period = r.period AND n.rule_set = r.rule_set AND n.id > r.id';
const SEEN_AT_SIGNATURE = `EXISTS (SELECT FROM scoring_signatures s WHERE s.rule_set = r.rule_set AND s.at >= r.computed_at AND NOT EXISTS (SELECT ${LATER} AND n.computed_at <= s.at))`;
const dropping = (later: string) => `DELETE FROM score_runs r WHERE r.computed_at >= $1 AND r.computed_at < $2 AND EXISTS (SELECT ${LATER} AND n.fingerprint = r.fingerprint${later}) AND NOT ${SEEN_AT_SIGNATURE}`;

/** Day by day, so that no statement is long; once a day there is something to do. How many runs went. */
export async function thinScoreRuns(database: Database, zone: Zone, at: Date): Promise<number> {
  const today = dayOf(at.getTime(), zone);
  const first = (await database.query<{ first: Date | null }>('SELECT min(computed_at) AS first FROM score_runs')).rows[0]?.first;
  if (!first) return 0;
  const done = await readSetting<Thinned>(database, SETTING);
  const from = (text: string | undefined) => (text === undefined ? null : parseDay(text)) ?? dayOf(first.getTime(), zone);
  const [lastOfDay, lastOfPeriod] = [today - SCORE_RUNS.everyRun, today - SCORE_RUNS.lastOfDay];
  let dropped = 0;
  const run = async (days: { from: number; before: number }, statement: string, values: (day: number) => unknown[]) => {
    for (let day = days.from; day < days.before; day += 1) dropped += (await database.query(statement, values(day))).rowCount ?? 0;
  };
  const bounds = (day: number) => [new Date(startOfDay(day, zone)), new Date(startOfDay(day + 1, zone))];
  await run({ from: from(done?.lastOfDay), before: lastOfDay }, dropping(' AND n.computed_at < $2'), bounds);
  await run({ from: from(done?.lastOfPeriod), before: lastOfPeriod }, dropping(''), bounds);
  await writeSetting(database, SETTING, { lastOfDay: dayText(lastOfDay), lastOfPeriod: dayText(lastOfPeriod) } satisfies Thinned);
  return dropped;
}
