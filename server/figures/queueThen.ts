/** Tickets where units have a life: each code and stretch of days with the unit it belongs to and its share. */
import type { Queryable } from '../database/pool.ts';
import type { QueueNow } from './assemble.ts';
import { COUNTER_OPEN, type OpenBy } from './open.ts';
import type { Period } from './period.ts';

/** Days as texts, both included. */
export interface TicketPart { unit: string; first: string; last: string; target: string; weight: number }

const columns = (parts: readonly TicketPart[]) => [parts.map((p) => p.unit), parts.map((p) => p.first), parts.map((p) => p.last), parts.map((p) => p.target), parts.map((p) => p.weight)];
const TICKETS = `SELECT t.*, p.target, p.weight FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::float8[]) AS p(part_of, first, last, target, weight)
  JOIN tickets t ON t.unit = p.part_of AND t.day BETWEEN p.first AND p.last`;

export async function queueThen(database: Queryable, parts: readonly TicketPart[], period: Period, zone: string, by: OpenBy): Promise<Map<string, QueueNow>> {
  if (by === 'channel' || parts.length === 0) return new Map();
  const key = by === 'procedure' ? "coalesce(procedure, '')" : 'target';
  const found = await database.query<QueueNow & { key: string }>(
    `WITH t AS (SELECT *, ${key} AS bucket, day = ($6::timestamptz AT TIME ZONE $7)::date AND issued_at <= $6 AND (waited_until IS NULL OR waited_until > $6) AS waiting,
                  counter IS NOT NULL AND called_at IS NOT NULL AND last_at > $6::timestamptz - ${COUNTER_OPEN} AND last_at <= $6 AS at_work FROM (${TICKETS}) x),
       open AS (SELECT bucket, sum(weight) AS n FROM (SELECT DISTINCT bucket, unit, counter, weight FROM t WHERE at_work) c GROUP BY bucket)
     SELECT t.bucket AS key, coalesce(sum(weight) FILTER (WHERE waiting), 0)::float8 AS waiting, max(extract(epoch FROM $6::timestamptz - issued_at)) FILTER (WHERE waiting)::float8 AS longest,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM waited_until - issued_at))) FILTER (WHERE waited_until IS NOT NULL AND issued_at IS NOT NULL AND (waited_until AT TIME ZONE $7)::date BETWEEN $8 AND $9) AS p90,
       coalesce(max(open.n), 0)::float8 AS open_counters
     FROM t LEFT JOIN open ON open.bucket = t.bucket GROUP BY t.bucket`, [...columns(parts), period.asOf, zone, period.from, period.to]);
  return new Map(found.rows.map((row) => [row.key, row]));
}

export async function p90Then(database: Queryable, parts: readonly TicketPart[], by: 'day' | 'week' | 'month', zone: string): Promise<Map<string, number>> {
  const key = { day: 'day::text', week: "to_char(date_trunc('week', day), 'YYYY-MM-DD')", month: "to_char(day, 'YYYY-MM')" }[by];
  const found = await database.query<{ key: string; p90: number }>(
    `SELECT ${key} AS key, percentile_cont(0.9) WITHIN GROUP (ORDER BY wait) AS p90
     FROM (SELECT (waited_until AT TIME ZONE $6)::date AS day, greatest(0, extract(epoch FROM waited_until - issued_at))::float8 AS wait FROM (${TICKETS}) x WHERE waited_until IS NOT NULL AND issued_at IS NOT NULL) w GROUP BY 1`,
    [...columns(parts), zone]);
  return new Map(found.rows.map((row) => [row.key, row.p90]));
}
