/** Walks the audit chain from its first row to its last. */
import type { Queryable } from '../database/pool.ts';
import { GENESIS, hashOf } from './append.ts';

export interface AuditVerdict { ok: boolean; rows: number; head: string; brokenAt: number | null; why: string | null }

export async function verifyAudit(database: Queryable): Promise<AuditVerdict> {
  let previous: Buffer = GENESIS;
  let seq = 0;
  const broken = (at: number, why: string): AuditVerdict => ({ ok: false, rows: seq, head: previous.toString('hex'), brokenAt: at, why });
  for (;;) {
    const page = await database.query<{ seq: number; at: Date; actor: string; action: string; unit: string | null; subject: string | null; purpose: string | null; detail: unknown; previous: Buffer; hash: Buffer }>(
      'SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT 2000', [seq]);
    for (const row of page.rows) {
      if (row.seq !== seq + 1) return broken(seq + 1, `row ${seq + 1} is missing`);
      if (!row.previous.equals(previous)) return broken(row.seq, 'its link to the row before does not hold');
      if (!hashOf(previous, { ...row, at: row.at.toISOString() }).equals(row.hash)) return broken(row.seq, 'its content was changed');
      previous = row.hash;
      seq = row.seq;
    }
    if (page.rows.length === 0) return { ok: true, rows: seq, head: previous.toString('hex'), brokenAt: null, why: null };
  }
}
