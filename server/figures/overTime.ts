/**
 * What was pending at the end of each day, week or month: one pass over the dossiers (and one over those that paused), each of
 * which enters at one bucket and leaves at another; the running sum is what is pending.
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

interface Running { pending: number[]; overdue: number[]; soonOrOver: number[] }
/** Which of (enter, leave, late, soon) a row of the statement is grouped by, as PostgreSQL's grouping() tells it: the bit of that one is 0. */
const GROUPED = { enter: 0b0111, leave: 0b1011, late: 0b1101, soon: 0b1110 } as const;

/**
 * Pending, overdue and due soon or over at the end of each bucket, from one pass over the rows: they are counted by the four
 * places in one step, which several processes of the database can share, and only these counts are summed up four times.
 */
async function sweepOpen(database: Queryable, from: string, where: string, { enter, leave, dueAt }: { enter: string; leave: string; dueAt: string }, units: readonly string[], ends: readonly string[], soonEnds: readonly string[]): Promise<Running> {
  const counted = (place: string) => `sum(n) FILTER (WHERE ${place} IS NOT NULL AND (leave IS NULL OR leave > ${place}))::float8`;
  const found = await database.query<{ grouped: number; enter: number | null; leave: number | null; late: number | null; soon: number | null; pending: number | null; overdue: number | null; soonOrOver: number | null }>(
    `SELECT grouping(enter, leave, late, soon) AS grouped, enter, leave, late, soon, ${counted('enter')} AS pending, ${counted('late')} AS overdue, ${counted('soon')} AS "soonOrOver"
     FROM (SELECT enter, leave, CASE WHEN late IS NOT NULL THEN greatest(enter, late) END AS late, CASE WHEN soon IS NOT NULL THEN greatest(enter, soon) END AS soon, count(*) AS n
       FROM (SELECT ${enter} AS enter, ${leave} AS leave, ${place(after(dueAt))} AS late, ${place(dueAt, '$3')} AS soon FROM ${from} WHERE unit = ANY($1) AND ${where}) d GROUP BY 1, 2, 3, 4) d
     GROUP BY GROUPING SETS ((enter), (leave), (late), (soon))`, [units, ends, soonEnds]);
  const none = () => new Array<number>(ends.length + 1).fill(0);
  const sums: Running = { pending: none(), overdue: none(), soonOrOver: none() };
  const add = (name: keyof Running, at: number | null, n: number | null) => { if (at !== null) sums[name][at] = (sums[name][at] ?? 0) + (n ?? 0); };
  for (const row of found.rows) {
    if (row.grouped === GROUPED.enter) add('pending', row.enter, row.pending);
    else if (row.grouped === GROUPED.late) add('overdue', row.late, row.overdue);
    else if (row.grouped === GROUPED.soon) add('soonOrOver', row.soon, row.soonOrOver);
    else for (const name of ['pending', 'overdue', 'soonOrOver'] as const) add(name, row.leave, -(row[name] ?? 0));
  }
  for (const own of Object.values(sums) as number[][]) for (let i = 1; i <= ends.length; i += 1) own[i] = (own[i] ?? 0) + (own[i - 1] ?? 0);
  return sums;
}

/** The same rule as open.ts for each bucket's end: who is paused at that instant is neither overdue nor due soon. */
export async function openOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], soonUntil: (at: Date) => Date, window = ANY_TIME, dueAt = 'due_at'): Promise<Map<string, Open>> {
  const ends = buckets.map((bucket) => justAfter(bucket.asOf));
  // «Soon» reaches over a week-end or not: each bucket has a limit of its own.
  const soonEnds = buckets.map((bucket) => justAfter(soonUntil(bucket.asOf)));
  const came = `${touching(buckets, 'closed_at')}${cameIn(window)}`;
  const [received, closed] = [place('received_at'), place('closed_at')];
  const [all, paused] = await Promise.all([
    sweepOpen(database, 'dossiers', came, { enter: received, leave: closed, dueAt }, units, ends, soonEnds),
    sweepOpen(database, 'dossiers, unnest(pauses) p', `${came} AND NOT isempty(pauses)`, { enter: `greatest(${received}, ${place('lower(p)')})`, leave: `least(${place('upper(p)')}, ${closed})`, dueAt }, units, ends, soonEnds),
  ]);
  return new Map(buckets.map((bucket, i): [string, Open] => {
    const running = (name: keyof Running) => (all[name][i] ?? 0) - (paused[name][i] ?? 0);
    const overdue = running('overdue');
    return [bucket.key, { ...NOTHING_OPEN, pending: all.pending[i] ?? 0, paused: paused.pending[i] ?? 0, overdue, due_soon: running('soonOrOver') - overdue }];
  }));
}

export async function casesOverTime(database: Queryable, units: readonly string[], buckets: readonly Bucket[], window = ANY_TIME): Promise<Map<string, CasesOpen>> {
  const came = `${touching(buckets, 'resolved_at')}${cameIn(window)}`;
  const ends = buckets.map((bucket) => justAfter(bucket.asOf));
  const pending = await sweep(database, 'feedback_cases', came, [place('received_at')], [place('resolved_at')], units, ends);
  const overdue = await sweep(database, 'feedback_cases', `${came} AND due_at IS NOT NULL`, [place('received_at'), place(after('due_at'))], [place('resolved_at')], units, ends);
  return new Map(buckets.map((bucket, i) => [bucket.key, { pending: pending[i] ?? 0, overdue: overdue[i] ?? 0 }]));
}
