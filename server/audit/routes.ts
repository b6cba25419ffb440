/** The audit log as a page: who did what, and whether the chain holds. */
import { z } from 'zod';
import { auditCheck } from '#contract/viewing.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import type { AuditKeeper } from './check.ts';

export function auditRoutes({ database, units, keeper }: { database: Database; units: Units; keeper: AuditKeeper }): Route[] {
  return [
    route({
      method: 'get', path: '/audit', tag: 'Audit', summary: 'Who did what, when and why, newest first', access: ['admin', 'inspector'], scope: { kind: 'filter' }, cost: 2,
      query: z.object({ action: z.string().optional(), subject: z.string().optional(), before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
      answer: z.object({ entries: z.array(z.object({ seq: z.number(), at: z.string(), actor: z.string(), action: z.string(), unit: z.string().nullable(), subject: z.string().nullable(), purpose: z.string().nullable(), detail: z.unknown() })) }),
      async handle({ session, query }) {
        const central = session.scope.size === units.history.codes.length;
        const found = await database.query<{ seq: number; at: Date; actor: string; action: string; unit: string | null; subject: string | null; purpose: string | null; detail: unknown }>(
          'SELECT * FROM audit_log WHERE (unit = ANY($1) OR ($2 AND unit IS NULL)) AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR subject = $4) AND ($5::bigint IS NULL OR seq < $5) ORDER BY seq DESC LIMIT $6',
          [[...session.scope], central, query.action ?? null, query.subject ?? null, query.before ?? null, query.limit]);
        return { entries: found.rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
      },
    }),
    route({
      method: 'get', path: '/audit/check', tag: 'Audit', summary: 'Walks the chain of the audit log and compares it with the anchors outside the database; made at most once a minute', access: ['admin', 'inspector'], scope: { kind: 'centre' }, cost: 20, answer: auditCheck,
      async handle() { return await keeper.check(); },
    }),
  ];
}
