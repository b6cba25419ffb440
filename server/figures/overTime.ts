/**
 * What was pending at the end of each day, week or month: one pass over the dossiers, each of which enters at one
 * bucket and leaves at another; the running sum is what is pending.
 */
import type { Queryable } from '../database/pool.ts';
import { ANY_TIME, cameIn } from './open.ts';
import { NOTHING_OPEN, type CasesOpen, type Open } from './assemble.ts';

export interface Bucket { key: string; asOf: Date }

/** The number of the first bucket whose end is not before the instant (SQL); `ends` are one microsecond late, so that an instant on the end itself is in. */
const place = (instant: string, ends = '$2') => `width_bucket(${instant}, ${ends}::timestamptz[])`;

/**
 * How many rows are in a state at the end of each bucket: from the last of the places in `enters` up to the first of those
 * in `leaves` (SQL; null is never).
 */
async function sweep(database: Queryable, from: string, where: string, enters: readonly string[], leaves: readonly string[], units: readonly string[], ends: readonly string[], values: unknown[] = []): Promise<number[]> {
  const found = await database.query<{ enter: number | null; leave: number | null; n: number }>(
    `SELECT enter, leave, count(*) AS n FROM (SELECT greatest(${enters.join(', ')}) AS enter, least(${leaves.join(', ')}) AS leave FROM ${from} WHERE unit = ANY($1) AND ${where}) d
     WHERE leave IS NULL OR leave > enter GROUP BY GROUPING SETS ((enter), (leave))`, [units, ends, ...values]);
  const sums = new Array<number>(ends.length + 1).fill(0);
  for (const { enter, leave, n } of found.rows) {
    if (enter !== null) sums[enter] = (sums[enter] ?? 0) + n;
    if (leave !== null) sums[leave] = (sums[leave] ?? 0) - n;
  }
  for (let i = 1; i <= ends.length; i += 1) sums[i] = (sums[i] ?? 0) + (sums[i - 1] ?? 0);
  return sums;
}

/** As PostgreSQL reads it: JavaScript's instants have no microseconds. */
const justAfter = (at: Date) => at.toISOString().replace('Z', '001Z');
/** Overdue is after the due time, not on it. */
const after = (due: string) => `${due} + interval '1 microsecond'`;

/** Only what is open at some time between the first end and the last: years of closed dossiers need not be gone through. The instants are our own. */
function touching(buckets: readonly Bucket[], closes: 'closed_at' | 'resolved_at'): string {
  const [first, last] = [buckets[0]?.asOf ?? new Date(0), buckets[buckets.length - 1]?.asOf ?? new Date(0)];
  return `received_at <= '${last.toISOString()}' AND (${closes} IS NULL OR ${closes} >= '${first.toISOString()}')`;
}

/** The same rule as open.ts for each bucket's end: who is paused at that instant is neither overdue nor due soon. */
export async function openOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], soonUntil: (at: Date) => Date, window = ANY_TIME, dueAt = 'due_at'): Promise<Map<string, Open>> {
  const ends = buckets.map((bucket) => justAfter(bucket.asOf));
  // «Soon» reaches over a week-end or not: each bucket has a limit of its own.
  const soonEnds = buckets.map((bucket) => justAfter(soonUntil(bucket.asOf)));
  const came = `${touching(buckets, 'closed_at')}${cameIn(window)}`;
  const due = `${came} AND ${dueAt} IS NOT NULL`;
  const pauses = '(SELECT d.*, lower(p) AS since, upper(p) AS until FROM dossiers d, unnest(d.pauses) p) d';
  const [received, closed] = [place('received_at'), place('closed_at')];
  const [since, until] = [place('since'), place('until')];
  const [late, soon] = [place(after(dueAt)), place(dueAt, '$3')];
  const pending = await sweep(database, 'dossiers', came, [received], [closed], units, ends);
  const paused = await sweep(database, pauses, came, [received, since], [until, closed], units, ends);
  const overdue = await sweep(database, 'dossiers', due, [received, late], [closed], units, ends);
  const overduePaused = await sweep(database, pauses, due, [received, since, late], [until, closed], units, ends);
  const soonOrOver = await sweep(database, 'dossiers', due, [received, soon], [closed], units, ends, [soonEnds]);
  const soonOrOverPaused = await sweep(database, pauses, due, [received, since, soon], [until, closed], units, ends, [soonEnds]);
  return new Map(buckets.map((bucket, i): [string, Open] => {
    const at = (sums: readonly number[]) => sums[i] ?? 0;
    const over = at(overdue) - at(overduePaused);
    return [bucket.key, { ...NOTHING_OPEN, pending: at(pending), paused: at(paused), overdue: over, due_soon: at(soonOrOver) - at(soonOrOverPaused) - over }];
  }));
}

export async function casesOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], window = ANY_TIME): Promise<Map<string, CasesOpen>> {
  const came = `${touching(buckets, 'resolved_at')}${cameIn(window)}`;
  const ends = buckets.map((bucket) => justAfter(bucket.asOf));
  const pending = await sweep(database, 'feedback_cases', came, [place('received_at')], [place('resolved_at')], units, ends);
  const overdue = await sweep(database, 'feedback_cases', `${came} AND due_at IS NOT NULL`, [place('received_at'), place(after('due_at'))], [place('resolved_at')], units, ends);
  return new Map(buckets.map((bucket, i) => [bucket.key, { pending: pending[i] ?? 0, overdue: overdue[i] ?? 0 }]));
}
