/** Clips: asked for with a purpose, made in the background, downloaded as a signed bundle. Each request and each download is audited. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { HOUR } from '#analytics/time/localDay.ts';
import { clip, clipRelease, clipRequest, type Clip } from '#contract/recording.ts';
import { Fault } from '#contract/faults.ts';
import { appendAudit, audit } from '../audit/append.ts';
import type { Session } from '../access/session.ts';
import { whyNotAPerson, whyOnePerson } from '../access/twoPeople.ts';
import { readCameras } from '../cameras/cameraRows.ts';
import { isCoveredSince, masksOf, mayLift } from '../cameras/masks.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { ClipJobs, ClipRow } from './jobs.ts';

export interface ClipParts { database: Database; jobs: () => ClipJobs; limits: { maxHours: number; maxCameras: number; waiting: number }; now: () => Date }

const ROLES = ['inspector', 'admin'] as const;
const id = z.object({ id: z.string().regex(/^clip-[a-z0-9]{12}$/) });
/** Downloads that were written down; more are forgotten, and would be written down again. */
const KEPT = 10_000;

export function clipRoutes({ database, jobs, limits, now }: ClipParts): Route[] {
  const taken = new Set<string>();
  const show = (row: ClipRow): Clip => ({
    id: row.id, cameras: row.cameras, units: row.units, from: row.starts.toISOString(), to: row.ends.toISOString(), purpose: row.purpose, requestedBy: row.requested_by, requestedAt: row.requested_at.toISOString(),
    state: row.state as Clip['state'], progress: row.state === 'running' ? jobs().progressOf(row.id) ?? row.progress : row.progress, cause: row.cause as Clip['cause'],
    bytes: row.bytes, sha256: row.sha256, finishedAt: row.finished_at?.toISOString() ?? null, expiresAt: row.expires_at?.toISOString() ?? null,
    unmasked: row.unmasked, releasedBy: row.released_by, releasedAt: row.released_at?.toISOString() ?? null, releaseNote: row.release_note,
  });
  /** Only who sees all of its units sees a clip. */
  const find = async (session: Session, clipId: string): Promise<ClipRow> => {
    const row = (await database.query<ClipRow>('SELECT * FROM clips WHERE id = $1', [clipId])).rows[0];
    if (!row || !row.units.every((unit) => session.scope.has(unit))) throw new Fault('not_found');
    return row;
  };

  /** Whether its files show what is covered by now: made without masks, or before these were drawn. */
  const showsMore = async (row: ClipRow): Promise<boolean> => row.unmasked || await isCoveredSince(database, row.cameras, row.masks);
  /** The word of the second person, under each unit that is shown. */
  const decide = async (session: Session, clipId: string, note: string, action: 'clip.release' | 'clip.turn_down'): Promise<ClipRow> => await database.transaction(async (connection) => {
    await connection.query('SELECT FROM clips WHERE id = $1 FOR UPDATE', [clipId]);
    const row = (await connection.query<ClipRow>('SELECT * FROM clips WHERE id = $1', [clipId])).rows[0];
    if (!row || !row.units.every((unit) => session.scope.has(unit))) throw new Fault('not_found');
    if (row.state !== 'waiting_release') throw new Fault('clip_release_state', `the clip is ${row.state}`);
    // Who asked may take it back, and not release it.
    if (action === 'clip.release') {
      if (row.requested_by === session.username) throw new Fault('clip_second_person');
      const tie = whyNotAPerson(session) ?? await whyOnePerson(connection, row.requested_by, session.username, now());
      if (tie !== null) throw new Fault('hold_two_people', tie);
    }
    const set = action === 'clip.release' ? "state = 'queued'" : "state = 'failed', cause = 'turned_down', finished_at = $3";
    const after = await connection.query<ClipRow>(`UPDATE clips SET ${set}, released_by = $2, released_at = $3, release_note = $4 WHERE id = $1 RETURNING *`, [clipId, session.username, now(), note]);
    for (const unit of row.units) await appendAudit(connection, { actor: session.username, action, unit, subject: clipId, purpose: row.purpose, detail: { cameras: row.cameras, requestedBy: row.requested_by, note } }, now());
    return after.rows[0] ?? row;
  });

  return [
    route({
      method: 'post', path: '/clips/:id/release', tag: 'Recordings', summary: 'Releases a clip without masks that another person asked for: two people with the role `unmask`', access: ['unmask'], scope: { kind: 'filter' }, params: id, body: clipRelease, answer: clip,
      async handle({ session, params, body }) { const row = await decide(session, params.id, body.note, 'clip.release'); jobs().wake(); return show(row); },
    }),
    route({
      method: 'post', path: '/clips/:id/turn-down', tag: 'Recordings', summary: 'A clip without masks is not made', access: ['unmask'], scope: { kind: 'filter' }, params: id, body: clipRelease, answer: clip,
      async handle({ session, params, body }) { return show(await decide(session, params.id, body.note, 'clip.turn_down')); },
    }),
    route({
      method: 'get', path: '/clips', tag: 'Recordings', summary: 'Clips of cameras in scope, newest first', access: ROLES, scope: { kind: 'filter' }, query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }), answer: z.object({ clips: z.array(clip) }),
      async handle({ session, query }) {
        const rows = await database.query<ClipRow>('SELECT * FROM clips WHERE units <@ $1::text[] ORDER BY requested_at DESC, id LIMIT $2', [[...session.scope], query.limit]);
        return { clips: rows.rows.map(show) };
      },
    }),
    route({
      method: 'post', path: '/clips', cost: 20, tag: 'Recordings', summary: 'Makes a clip of one or more cameras: a bundle (zip) of MP4 files, their manifest and its signature', access: ROLES, scope: { kind: 'filter' }, body: clipRequest, answer: clip, status: 202,
      async handle({ session, body }) {
        const [from, to] = [new Date(body.from), new Date(body.to)];
        const wanted = [...new Set(body.cameras)];
        const cameras = (await readCameras(database, [...session.scope])).filter((one) => wanted.includes(one.id));
        if (cameras.length < wanted.length) throw new Fault('not_found');
        if (!(from < to) || to > now()) throw new Fault('bad_period', 'from must lie before to, and to not in the future');
        if (to.getTime() - from.getTime() > limits.maxHours * HOUR || wanted.length > limits.maxCameras) throw new Fault('clip_too_long', `at most ${limits.maxHours} hours of ${limits.maxCameras} cameras`);
        const unmasked = body.unmasked && cameras.some((one) => masksOf(one) !== null);
        if (unmasked && !mayLift(session)) throw new Fault('mask_right_required');
        const alone = unmasked ? whyNotAPerson(session) : null;
        if (alone !== null) throw new Fault('hold_two_people', alone);
        const size = (await database.query<{ bytes: number }>('SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM segments WHERE camera = ANY($1) AND deleted_at IS NULL AND ends > $2 AND starts < $3', [wanted, from, to])).rows[0]?.bytes ?? 0;
        if (!await jobs().hasRoom(size)) throw new Fault('clip_no_room');
        const row = await database.transaction(async (connection) => {
          const waiting = (await connection.query<{ n: number }>('SELECT count(*) AS n FROM clips WHERE state = ANY($1)', [unmasked ? ['waiting_release'] : ['queued', 'running']])).rows[0]?.n ?? 0;
          if (waiting >= limits.waiting) throw new Fault('clip_limit', null, { retryAfter: 60 });
          const made = await connection.query<ClipRow>(
            "INSERT INTO clips (id, cameras, units, starts, ends, purpose, requested_by, requested_at, state, unmasked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING *",
            [`clip-${randomBytes(6).toString('hex')}`, wanted, [...new Set(cameras.map((one) => one.unit))], from, to, body.purpose, session.username, now(), unmasked ? 'waiting_release' : 'queued', unmasked]);
          for (const camera of cameras) await appendAudit(connection, { actor: session.username, action: 'clip.create', unit: camera.unit, subject: camera.id, purpose: body.purpose, detail: { clip: made.rows[0]?.id, from: from.toISOString(), to: to.toISOString(), ...(unmasked ? { unmasked } : {}) } }, now());
          return made.rows[0];
        });
        if (!row) throw new Fault('internal');
        jobs().wake();
        return show(row);
      },
    }),
    route({
      method: 'get', path: '/clips/:id', tag: 'Recordings', summary: 'How far a clip is', access: ROLES, scope: { kind: 'filter' }, params: id, answer: clip,
      async handle({ session, params }) { return show(await find(session, params.id)); },
    }),
    route({
      method: 'get', path: '/clips/:id/download', tag: 'Recordings', summary: 'The bundle of a clip, as a zip file; byte ranges, so that a download can go on. Checked by `npm run verify`', access: ROLES, scope: { kind: 'filter' }, params: id, answer: null,
      async handle({ session, params, request, response }) {
        const row = await find(session, params.id);
        const path = jobs().fileOf(row.id);
        if (row.state !== 'done' || !existsSync(path)) throw new Fault('clip_not_ready', `the clip is ${row.state}`);
        if (!mayLift(session) && await showsMore(row)) throw new Fault('mask_right_required');
        // A download that goes on, or comes in pieces, is one download.
        const known = `${session.id} ${row.id}`;
        if (request.headers.range === undefined || !taken.has(known)) {
          for (const unit of row.units) await audit(database, { actor: session.username, action: 'clip.download', unit, subject: row.id, purpose: row.purpose, detail: { cameras: row.cameras, sha256: row.sha256, ...(row.unmasked ? { unmasked: true } : {}) } }, now());
          taken.add(known);
          if (taken.size > KEPT) taken.delete(taken.values().next().value ?? '');
        }
        response.setHeader('ETag', `"${row.sha256 ?? ''}"`);
        await new Promise<void>((resolve) => {
          // Who goes away while it is sent may come back for the rest.
          response.sendFile(path, { cacheControl: false, dotfiles: 'allow', headers: { 'Content-Type': 'application/zip', 'Content-Disposition': `attachment; filename="${row.id}.zip"` } }, (error) => { if (error) response.destroy(); resolve(); });
        });
      },
    }),
  ];
}
