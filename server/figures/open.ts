/** What depends on the passing of time is not counted at ingest but asked of the open dossiers, tickets and cases. */
import type { Queryable } from '../database/pool.ts';
import type { CasesOpen, Open, QueueNow } from './assemble.ts';
import { dueBy, type Period } from './period.ts';

/** A ticket that called or served within this time keeps its counter open. */
export const COUNTER_OPEN = "interval '30 minutes'";

/** By unit, procedure or channel; '' as the only key when nothing is asked for. */
export type OpenBy = 'unit' | 'procedure' | 'channel' | null;

/** Only what came in within this time; null: no bound. Where units have a life, a code is another unit's by the day. */
export interface Window { since: Date | null; before: Date | null }
export const ANY_TIME: Window = { since: null, before: null };
/** As SQL: the instants are our own. */
export const cameIn = ({ since, before }: Window): string => `${since ? ` AND received_at >= '${since.toISOString()}'` : ''}${before ? ` AND received_at < '${before.toISOString()}'` : ''}`;

export async function openDossiers(database: Queryable, units: readonly string[], period: Period, soonUntil: Date, by: OpenBy, window = ANY_TIME): Promise<Map<string, Open>> {
  const key = by === null ? "''" : `coalesce(${by}, '')`;
  // Of now: a partial index holds just these. Of an earlier day: also those that were closed since.
  const then = period.isNow ? 'closed_at IS NULL' : 'received_at <= $2 AND (closed_at IS NULL OR closed_at > $2)';
  const found = await database.query<Open & { key: string }>(
    `SELECT ${key} AS key, count(*) AS pending,
       count(*) FILTER (WHERE NOT paused AND due_at < $2) AS overdue,
       count(*) FILTER (WHERE NOT paused AND due_at >= $2 AND due_at <= $3) AS due_soon,
       count(*) FILTER (WHERE paused) AS paused
     FROM (SELECT unit, procedure, channel, ${dueBy(period.deadlines)} AS due_at, pauses @> $2::timestamptz AS paused FROM dossiers WHERE unit = ANY($1) AND received_at IS NOT NULL AND ${then}${cameIn(window)}) d GROUP BY 1`,
    [units, period.asOf, soonUntil]);
  return new Map(found.rows.map((row) => [row.key, row]));
}

export async function queueNow(database: Queryable, units: readonly string[], period: Period, zone: string, by: OpenBy): Promise<Map<string, QueueNow>> {
  if (by === 'channel') return new Map();
  const key = by === null ? "''" : `coalesce(${by}, '')`;
  const found = await database.query<QueueNow & { key: string }>(
    `SELECT ${key} AS key,
       count(*) FILTER (WHERE waiting) AS waiting,
       max(extract(epoch FROM $2 - issued_at)) FILTER (WHERE waiting)::float8 AS longest,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM waited_until - issued_at))) FILTER (WHERE waited_until IS NOT NULL AND issued_at IS NOT NULL AND (waited_until AT TIME ZONE $5)::date BETWEEN $3 AND $4) AS p90,
       count(DISTINCT (unit, counter)) FILTER (WHERE counter IS NOT NULL AND called_at IS NOT NULL AND last_at > $2 - ${COUNTER_OPEN} AND last_at <= $2) AS open_counters
     FROM (SELECT *, day = ($2 AT TIME ZONE $5)::date AND issued_at <= $2 AND (waited_until IS NULL OR waited_until > $2) AS waiting
           FROM tickets WHERE unit = ANY($1) AND day BETWEEN $3::date AND $4::date) t GROUP BY 1`,
    [units, period.asOf, period.from, period.to, zone]);
  return new Map(found.rows.map((row) => [row.key, row]));
}

export async function openCases(database: Queryable, units: readonly string[], period: Period, by: OpenBy, window = ANY_TIME): Promise<Map<string, CasesOpen>> {
  if (by === 'procedure' || by === 'channel') return new Map();
  const key = by === null ? "''" : by;
  const found = await database.query<CasesOpen & { key: string }>(
    `SELECT ${key} AS key, count(*) AS pending, count(*) FILTER (WHERE due_at < $2) AS overdue
     FROM feedback_cases WHERE unit = ANY($1) AND received_at <= $2 AND (resolved_at IS NULL OR resolved_at > $2)${cameIn(window)} GROUP BY 1`, [units, period.asOf]);
  return new Map(found.rows.map((row) => [row.key, row]));
}
