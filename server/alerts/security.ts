/** Alerts about those who look and those who may: too many cameras in a short time, and an emergency account that is open. */
import type { AlertRule, Severity } from '#contract/vocabulary.ts';
import { openGlass } from '../access/breakGlass.ts';
import type { Queryable } from '../database/pool.ts';
import type { Condition } from './evaluate.ts';

export interface SecurityRules {
  bulk_viewing: { severity: Severity; cameras: number; minutes: number; live: 'all' | 'main' | 'none' } | null;
  break_glass: { severity: Severity } | null;
}
export const NO_SECURITY_RULES: SecurityRules = { bulk_viewing: null, break_glass: null };

/** What somebody did stays to be read for a day, unless a person closes it sooner. */
const KEPT_HOURS = 24;

/** At the root unit, whichever cameras it was: seen by who answers for the whole centre. */
export async function securityConditions(database: Queryable, rules: SecurityRules, at: Date, rootUnit: string): Promise<[AlertRule, { severity: Severity; conditions: Condition[] }][]> {
  const found: [AlertRule, { severity: Severity; conditions: Condition[] }][] = [];
  const of = (subject: string, moment: Date, value: number | null, limit: number | null): Condition => ({ unit: rootUnit, subject, dossier: null, camera: null, counter: null, value, limit, moment, simulated: false });
  const bulk = rules.bulk_viewing;
  if (bulk) {
    const looks = await database.query<{ actor: string; cameras: number; last: Date }>(
      `SELECT actor, count(DISTINCT subject) AS cameras, max(at) AS last FROM audit_log
       WHERE action IN ('live.look', 'recording.play', 'recording.look', 'clip.create', 'snapshot.take', 'snapshot.look') AND at > $1::timestamptz - $2::float8 * interval '1 minute' AND at <= $1
         AND (action <> 'live.look' OR $3 = 'all' OR ($3 = 'main' AND detail ->> 'quality' = 'main'))
       GROUP BY actor HAVING count(DISTINCT subject) > $4`, [at, bulk.minutes, bulk.live, bulk.cameras]);
    const open = await database.query<{ subject: string; moment: Date; value: number | null }>("SELECT subject, moment, value FROM alerts WHERE rule = 'bulk_viewing' AND condition_ended_at IS NULL AND opened_at > $1::timestamptz - $2::float8 * interval '1 hour'", [at, KEPT_HOURS]);
    const now = new Set(looks.rows.map((row) => row.actor));
    found.push(['bulk_viewing', { severity: bulk.severity, conditions: [...looks.rows.map((row) => of(row.actor, row.last, row.cameras, bulk.cameras)), ...open.rows.filter((row) => !now.has(row.subject)).map((row) => of(row.subject, row.moment, row.value, bulk.cameras))] }]);
  }
  if (rules.break_glass) found.push(['break_glass', { severity: rules.break_glass.severity, conditions: (await openGlass(database, at)).map((one) => of(one.username, at, null, null)) }]);
  return found;
}
