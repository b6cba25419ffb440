/** The register «who watched whom, when, why»: the looks in the audit log, as a list and as a table for a spreadsheet. */
import { z } from 'zod';
import { instant } from '#contract/events.ts';
import { viewingRow } from '#contract/viewing.ts';
import { LOOKS } from '#contract/vocabulary.ts';
import { audit } from './append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import { csvLine } from './csv.ts';

const filters = z.object({ from: instant.optional(), to: instant.optional(), actor: z.string().max(80).optional(), camera: z.string().max(60).optional(), unit: z.string().max(40).optional(), action: z.enum(LOOKS).optional() });
type Filters = z.infer<typeof filters>;
interface Look extends Record<string, unknown> { seq: number; at: Date; actor: string; action: (typeof LOOKS)[number]; unit: string | null; subject: string | null; purpose: string | null; detail: { from?: string; pictureAt?: string; to?: string; quality?: string; unmasked?: boolean } }
const MOST_ROWS = 100_000;
const PAGE = 2_000;

export function registerRoutes({ database, units, zone, now }: { database: Database; units: Units; zone: string; now: () => Date }): Route[] {
  async function read(scope: ReadonlySet<string>, asked: Filters, before: number | null, limit: number): Promise<Look[]> {
    const wanted = asked.unit === undefined ? [...scope] : units.tree.under(asked.unit).filter((unit) => scope.has(unit));
    return (await database.query<Look>(
      `SELECT seq, at, actor, action, unit, subject, purpose, detail FROM audit_log
       WHERE action = ANY($9) AND unit = ANY($1) AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
         AND ($4::text IS NULL OR actor = $4) AND ($5::text IS NULL OR subject = $5) AND ($6::text IS NULL OR action = $6) AND ($7::bigint IS NULL OR seq < $7) ORDER BY seq DESC LIMIT $8`,
      [wanted, asked.from ?? null, asked.to ?? null, asked.actor ?? null, asked.camera ?? null, asked.action ?? null, before, limit, LOOKS])).rows;
  }
  const shown = (row: Look) => ({
    seq: row.seq, at: row.at.toISOString(), actor: row.actor, action: row.action, unit: row.unit ?? '', unitName: units.nameOf(row.unit ?? ''), camera: row.subject ?? '', purpose: row.purpose,
    from: row.detail.from ?? row.detail.pictureAt ?? null, to: row.detail.to ?? null, quality: row.detail.quality ?? null, unmasked: row.detail.unmasked === true,
  });
  const WATCHERS = { tag: 'Audit', access: ['admin', 'inspector'], scope: { kind: 'filter' } } as const;
  return [
    route({
      method: 'get', path: '/viewings', ...WATCHERS, summary: 'Who looked at which camera, when and why, newest first: live pictures, recordings, clips, pictures of the shift log', cost: 2,
      query: filters.extend({ before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }), answer: z.object({ viewings: z.array(viewingRow) }),
      async handle({ session, query: { before, limit, ...asked } }) { return { viewings: (await read(session.scope, asked, before ?? null, limit)).map(shown) }; },
    }),
    route({
      method: 'get', path: '/viewings.csv', ...WATCHERS, summary: `The same as CSV (UTF-8), at most ${MOST_ROWS} rows; cells that begin like a formula are neutralised. Taking it is audited`, cost: 20, query: filters, answer: null,
      async handle({ session, query, response }) {
        await audit(database, { actor: session.username, action: 'viewings.export', unit: session.unit, detail: { ...query } }, now());
        response.type('text/csv').setHeader('Content-Disposition', 'attachment; filename="viewings.csv"');
        response.write(`\ufeff${csvLine(['seq', 'at', 'who', 'what', 'unit', 'unit_name', 'camera', 'from', 'to', 'quality', 'purpose', 'unmasked'])}`);
        const local = (at: string | null) => (at === null ? null : new Date(at).toLocaleString('sv-SE', { timeZone: zone }));
        let before: number | null = null;
        for (let written = 0; written < MOST_ROWS && !response.destroyed; written += PAGE) {
          const rows: Look[] = await read(session.scope, query, before, PAGE);
          for (const one of rows.map(shown)) response.write(csvLine([one.seq, local(one.at), one.actor, one.action, one.unit, one.unitName, one.camera, local(one.from), local(one.to), one.quality, one.purpose, one.unmasked ? 'yes' : '']));
          if (rows.length < PAGE) break;
          before = rows.at(-1)?.seq ?? null;
        }
        response.end();
      },
    }),
  ];
}
