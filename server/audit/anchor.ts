/** The head of the audit chain, written outside the database once an hour: a cut tail cannot go unseen. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../database/pool.ts';

export async function anchorAudit(database: Queryable, dataDir: string, now: Date): Promise<void> {
  const head = (await database.query<{ seq: number; hash: Buffer }>('SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1')).rows[0];
  if (head) await appendFile(join(dataDir, 'keys', 'audit-anchors.log'), `${now.toISOString()} ${head.seq} ${head.hash.toString('hex')}\n`, { mode: 0o600 });
}
