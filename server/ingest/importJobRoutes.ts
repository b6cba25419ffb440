/** Imports from the browser: the file comes in pieces, is tried as a whole, is imported, and goes; what was refused can be fetched. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { importCreate, importJob, type ImportJob } from '#contract/imports.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { ImportJobs, ImportRow } from './importJobs.ts';

const ADMIN = { tag: 'Ingest', access: ['admin'], scope: { kind: 'filter' } } as const;
const id = z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) });
const LISTED = 100;

export function importJobRoutes({ database, jobs }: { database: Database; jobs: () => ImportJobs }): Route[] {
  const shown = (row: ImportRow): ImportJob => {
    const run = row.state === 'running' ? jobs().progressOf(row.id) : null;
    return {
      id: row.id, kind: row.kind, unit: row.unit, name: row.name, bytes: row.bytes, received: row.received, state: row.state, trial: row.trial, progress: run?.share ?? null, totals: run?.totals ?? row.totals, tried: row.tried,
      problem: row.problem, createdBy: row.created_by, createdAt: row.created_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null,
    };
  };
  const find = async (id_: string, scope: ReadonlySet<string>): Promise<ImportRow> => {
    const row = (await database.query<ImportRow>('SELECT * FROM imports WHERE id = $1 AND unit = ANY($2)', [id_, [...scope]])).rows[0];
    if (!row) throw new Fault('not_found');
    return row;
  };
  return [
    route({
      method: 'get', path: '/imports', ...ADMIN, summary: 'The imports of files, newest first', answer: z.object({ imports: z.array(importJob) }),
      async handle({ session }) {
        const found = await database.query<ImportRow>('SELECT * FROM imports WHERE unit = ANY($1) ORDER BY created_at DESC, id LIMIT $2', [[...session.scope], LISTED]);
        return { imports: found.rows.map(shown) };
      },
    }),
    route({
      method: 'post', path: '/imports', ...ADMIN, summary: 'Begins an import: which file, of what kind, by which mapping; its rows reach as far as the account does', body: importCreate, answer: importJob, status: 201,
      async handle({ session, body }) { return shown(await jobs().create({ ...body, unit: session.unit, by: session.username })); },
    }),
    route({
      method: 'put', path: '/imports/:id/file', ...ADMIN, summary: 'The next piece of the file; `offset` is what was received before, so that a broken upload goes on', params: id, query: z.object({ offset: z.coerce.number().int().min(0) }), rawBody: { limit: '8mb', types: ['application/octet-stream'] }, answer: importJob,
      async handle({ session, params, query, request }) {
        const piece = request.body as unknown;
        if (!Buffer.isBuffer(piece) || piece.length === 0) throw new Fault('invalid_request', 'the piece is empty');
        return shown(await jobs().append(await find(params.id, session.scope), query.offset, piece));
      },
    }),
    route({
      method: 'post', path: '/imports/:id/start', ...ADMIN, summary: 'Imports the file, or tries it: nothing is sent, every row is judged by its form. One that stopped goes on where it was', params: id, body: z.strictObject({ trial: z.boolean() }), answer: importJob,
      async handle({ session, params, body }) { return shown(await jobs().start(await find(params.id, session.scope), body.trial, session.username)); },
    }),
    route({
      method: 'post', path: '/imports/:id/stop', ...ADMIN, summary: 'Stops it; what is in stays in, and it can go on later', params: id, answer: importJob,
      async handle({ session, params }) { return shown(await jobs().stopOne(await find(params.id, session.scope), session.username)); },
    }),
    route({
      method: 'get', path: '/imports/:id/refused', ...ADMIN, summary: 'The rows that were refused, by the trial or by the import, with cause and next step (CSV)', params: id, answer: null,
      async handle({ session, params, response }) {
        const path = jobs().reportOf(await find(params.id, session.scope));
        if (path === null) throw new Fault('not_found', 'no row was refused');
        await new Promise<void>((resolve) => {
          response.sendFile(path, { cacheControl: false, dotfiles: 'allow', headers: { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': `attachment; filename="refused-${params.id}.csv"` } }, (error) => { if (error) response.destroy(); resolve(); });
        });
      },
    }),
    route({
      method: 'delete', path: '/imports/:id', ...ADMIN, summary: 'Removes an import from the list, with its file and its list of refused rows; what was imported stays', params: id, answer: z.null(), status: 204,
      async handle({ session, params }) { await jobs().remove(await find(params.id, session.scope), session.username); return null; },
    }),
  ];
}
