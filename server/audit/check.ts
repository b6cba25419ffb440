/** The check of the audit log as a part of the page: made at most once a minute, whoever asks. */
import type { AuditCheck } from '#contract/viewing.ts';
import type { Queryable } from '../database/pool.ts';
import { anchorAudit, readAnchors, type AnchorTargets } from './anchor.ts';
import { verifyAudit } from './verify.ts';

const FRESH = 60_000;

export interface AuditKeeper { check(): Promise<AuditCheck>; anchor(): Promise<void> }

export function keepAudit({ database, dataDir, targets, now }: { database: Queryable; dataDir: string; targets: AnchorTargets; now: () => Date }): AuditKeeper {
  let last: { at: number; made: Promise<AuditCheck> } | null = null;
  let trouble: string | null = null;
  async function make(): Promise<AuditCheck> {
    const anchors = await readAnchors(dataDir);
    const verdict = await verifyAudit(database, anchors);
    return { checkedAt: now().toISOString(), ...verdict, anchors: anchors.length, lastAnchorAt: anchors.at(-1)?.at ?? null, anchorTrouble: trouble };
  }
  return {
    async check() {
      if (last === null || performance.now() - last.at > FRESH) {
        const one = last = { at: performance.now(), made: make() };
        one.made.catch(() => { if (last === one) last = null; });
      }
      return await last.made;
    },
    async anchor() {
      try { await anchorAudit(database, dataDir, targets, now()); trouble = null; } catch (error) { trouble = error instanceof Error ? error.message : String(error); throw error; }
    },
  };
}
