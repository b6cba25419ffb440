/** Walks the audit chain from its first row to its last, and compares it with the anchors outside the database. */
import type { Queryable } from '../database/pool.ts';
import type { Anchor } from './anchor.ts';
import { GENESIS, hashOf } from './append.ts';

export interface AuditVerdict { ok: boolean; rows: number; head: string; brokenAt: number | null; why: string | null }

export async function verifyAudit(database: Queryable, anchors: readonly Anchor[] = []): Promise<AuditVerdict> {
  const anchored = new Map<number, Anchor[]>();
  for (const anchor of anchors) anchored.set(anchor.seq, [...(anchored.get(anchor.seq) ?? []), anchor]);
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
      // A chain that was made anew from some row on holds in itself; what was told outside does not agree with it.
      const other = anchored.get(seq)?.find((anchor) => anchor.hash !== row.hash.toString('hex'));
      if (other) return broken(seq, `it is not the row that was anchored at ${other.at}`);
    }
    if (page.rows.length === 0) break;
  }
  const beyond = anchors.find((anchor) => anchor.seq > seq);
  if (beyond) return broken(seq + 1, `the tail is missing: row ${beyond.seq} was anchored at ${beyond.at}`);
  return { ok: true, rows: seq, head: previous.toString('hex'), brokenAt: null, why: null };
}
