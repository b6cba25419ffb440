/**
 * The head of the audit chain, written outside the database at every start and once an hour: a cut tail, or a chain that was made
 * anew, cannot go unseen. Into DATA_DIR/anchors, fsynced; and, where configured, to a command and by POST to an address.
 */
import { execFile } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../database/pool.ts';

export interface Anchor { at: string; seq: number; hash: string }
export interface AnchorTargets { command: readonly string[] | null; url: string | null }

const FILE = 'audit.log';
/** Where anchors stood before they had a folder of their own. */
const BEFORE = ['keys', 'audit-anchors.log'] as const;
const PATIENCE = 20_000;

export async function anchorAudit(database: Queryable, dataDir: string, targets: AnchorTargets, now: Date): Promise<void> {
  const head = (await database.query<{ seq: number; hash: Buffer }>('SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1')).rows[0];
  if (!head) return;
  const line = `${now.toISOString()} ${head.seq} ${head.hash.toString('hex')}\n`;
  await mkdir(join(dataDir, 'anchors'), { recursive: true, mode: 0o700 });
  const file = await open(join(dataDir, 'anchors', FILE), 'a', 0o600);
  try { await file.appendFile(line); await file.sync(); } finally { await file.close(); }
  if (targets.command !== null) await hand(targets.command, line);
  if (targets.url !== null) {
    const answer = await fetch(targets.url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: line, redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the address for anchors answered ${answer.status}`);
  }
}

/** Arguments as they stand in the configuration, no shell; the line on standard input. */
async function hand([program = '', ...args]: readonly string[], line: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = execFile(program, args, { timeout: PATIENCE }, (error) => { if (error) reject(new Error(`the command for anchors failed: ${error.message.split('\n')[0]}`)); else resolve(); });
    child.stdin?.on('error', () => undefined).end(line);
  });
}

/** All that were written here, oldest first. A line that is not whole (power lost while writing) is passed over. */
export async function readAnchors(dataDir: string): Promise<Anchor[]> {
  const texts = await Promise.all([join(dataDir, ...BEFORE), join(dataDir, 'anchors', FILE)].map((file) => readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return ''; throw error; })));
  return texts.join('').split('\n').flatMap((line) => {
    const [, at = '', seq, hash = ''] = /^(\S+) (\d{1,15}) ([0-9a-f]{64})$/.exec(line) ?? [];
    return seq === undefined ? [] : [{ at, seq: Number(seq), hash }];
  });
}
