/**
 * What was pending at the end of each day, week or month: one pass over the dossiers, each of which enters at one
 * bucket and leaves at another; the running sum is what is pending.
 */
import type { Queryable } from '../database/pool.ts';
import { ANY_TIME, cameIn } from './open.ts';
import { NOTHING_OPEN, type CasesOpen, type Open } from './assemble.ts';

export interface Bucket { key: string; asOf: Date }

type Deltas = readonly { bucket: number; n: number }[];

function runningSums(size: number, enter: Deltas, leave: Deltas): number[] {
  const sums = new Array<number>(size + 1).fill(0);
  for (const { bucket, n } of enter) sums[bucket] = (sums[bucket] ?? 0) + n;
  for (const { bucket, n } of leave) sums[bucket] = (sums[bucket] ?? 0) - n;
  for (let i = 1; i <= size; i += 1) sums[i] = (sums[i] ?? 0) + (sums[i - 1] ?? 0);
  return sums;
}

/**
 * `enters` and `leaves` are instants (SQL): the row is in the state from the first to the second. `width_bucket` on the
 * buckets' ends gives the first bucket whose end is not before the instant.
 */
async function sweep(database: Queryable, from: string, where: string, enters: string, leaves: string, units: readonly string[], ends: readonly Date[], values: unknown[]): Promise<number[]> {
  const place = (instant: string) => `width_bucket(${instant}, $2::timestamptz[])`;
  const enter = await database.query<{ bucket: number; n: number }>(`SELECT ${place(enters)} AS bucket, count(*) AS n FROM ${from} WHERE unit = ANY($1) AND ${where} AND (${leaves} IS NULL OR ${leaves} > ${enters}) GROUP BY 1`, [units, ends, ...values]);
  const leave = await database.query<{ bucket: number; n: number }>(`SELECT ${place(leaves)} AS bucket, count(*) AS n FROM ${from} WHERE unit = ANY($1) AND ${where} AND ${leaves} > ${enters} GROUP BY 1`, [units, ends, ...values]);
  return runningSums(ends.length, enter.rows, leave.rows);
}

export async function openOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], soonMilliseconds: number, window = ANY_TIME, due = 'due_at'): Promise<Map<string, Open>> {
  const ends = buckets.map((bucket) => bucket.asOf);
  const soon = soonMilliseconds / 1000;
  const came = `received_at IS NOT NULL${cameIn(window)}`;
  const pending = await sweep(database, 'dossiers', came, 'received_at', 'closed_at', units, ends, []);
  // A pause that outlasts the deadline cannot be: the deadline moves with it. So overdue needs no pauses once it has begun.
  const overdue = await sweep(database, 'dossiers', `${came} AND ${due} IS NOT NULL AND paused_since IS NULL`, `greatest(received_at, ${due})`, 'closed_at', units, ends, []);
  const soonOrOver = await sweep(database, 'dossiers', `${came} AND ${due} IS NOT NULL AND paused_since IS NULL`, `greatest(received_at, ${due} - $3::float8 * interval '1 second')`, 'closed_at', units, ends, [soon]);
  const paused = await sweep(database, `(SELECT unit, greatest(lower(p), received_at) AS since, upper(p) AS until FROM dossiers, unnest(pauses) p WHERE ${came}) d`, 'true', 'since', 'until', units, ends, []);
  return new Map(buckets.map((bucket, i) => [bucket.key, { ...NOTHING_OPEN, pending: pending[i] ?? 0, overdue: overdue[i] ?? 0, due_soon: Math.max(0, (soonOrOver[i] ?? 0) - (overdue[i] ?? 0)), paused: paused[i] ?? 0 }]));
}

export async function casesOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], window = ANY_TIME): Promise<Map<string, CasesOpen>> {
  const came = `received_at IS NOT NULL${cameIn(window)}`;
  const ends = buckets.map((bucket) => bucket.asOf);
  const pending = await sweep(database, 'feedback_cases', came, 'received_at', 'resolved_at', units, ends, []);
  const overdue = await sweep(database, 'feedback_cases', `${came} AND due_at IS NOT NULL`, 'greatest(received_at, due_at)', 'resolved_at', units, ends, []);
  return new Map(buckets.map((bucket, i) => [bucket.key, { pending: pending[i] ?? 0, overdue: overdue[i] ?? 0 }]));
}
