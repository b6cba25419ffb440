/**
 * The audit log: each row carries the hash of the one before it. Rows are appended one at a time under a lock, so the
 * chain has no forks; `verify.ts` finds an edit, a deletion, a change of order, and (against the anchored head) a cut tail.
 */
import { createHash } from 'node:crypto';
import type { Database, Queryable } from '../database/pool.ts';

export interface AuditEntry { actor: string; action: string; unit?: string | null; subject?: string | null; purpose?: string | null; detail?: Record<string, unknown> }
export interface AuditRow { seq: number; at: string; actor: string; action: string; unit: string | null; subject: string | null; purpose: string | null; detail: unknown }

const LOCK = 7_201_001;
export const GENESIS = Buffer.alloc(32);

/** Keys in one order whatever the database made of them. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, canonical(v)]));
  return value;
}

export function hashOf(previous: Buffer, row: AuditRow): Buffer {
  const text = JSON.stringify([row.seq, row.at, row.actor, row.action, row.unit, row.subject, row.purpose, canonical(row.detail)]);
  return createHash('sha256').update(previous).update(text).digest();
}

export async function appendAudit(connection: Queryable, entry: AuditEntry, now: Date): Promise<void> {
  await connection.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  const last = await connection.query<{ seq: number; hash: Buffer }>('SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1');
  const previous = last.rows[0]?.hash ?? GENESIS;
  const row: AuditRow = {
    seq: (last.rows[0]?.seq ?? 0) + 1, at: now.toISOString(), actor: entry.actor, action: entry.action, unit: entry.unit ?? null,
    subject: entry.subject ?? null, purpose: entry.purpose ?? null, detail: entry.detail ?? {},
  };
  await connection.query('INSERT INTO audit_log (seq, at, actor, action, unit, subject, purpose, detail, previous, hash) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)',
    [row.seq, row.at, row.actor, row.action, row.unit, row.subject, row.purpose, JSON.stringify(row.detail), previous, hashOf(previous, row)]);
}

export async function audit(database: Database, entry: AuditEntry, now: Date): Promise<void> {
  await database.transaction(async (connection) => { await appendAudit(connection, entry, now); });
}
