/**
 * Holds: whoever may look at recordings may hold them; to lift one takes two people, the one who asks and another who
 * confirms. The node keeps to it (streams/recorder/holds.ts); here is only who said what, and when.
 */
import { z } from 'zod';
import { hold, holdNote, holdRequest, type Hold } from '#contract/recording.ts';
import { instant } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { whyNotAPerson, whyOnePerson } from '../access/twoPeople.ts';
import { appendAudit } from '../audit/append.ts';
import { readCamera } from '../cameras/cameraRows.ts';
import type { Nodes } from '../cameras/nodes.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';

export interface HoldParts { database: Database; units: Units; nodes: Nodes; now: () => Date }

const ROLES = ['inspector', 'admin'] as const;
interface Step { action: string; set: string; values: unknown[] }
const LONGEST = 366 * 86_400_000;
/** Nothing was recorded before. */
const EARLIEST = Date.UTC(2000, 0, 1);
/** All of a node's go with each of its orders. */
const MOST_OF_NODE = 2_000;
const id = z.object({ id: z.string().regex(/^\d{1,15}$/) });

interface Stored extends Record<string, unknown> {
  id: number; keepers: string[]; camera: string; camera_name: string | null; unit: string; node: string; starts: Date; ends: Date; reason: string; created_by: string; created_at: Date;
  lift_asked_by: string | null; lift_asked_at: Date | null; lift_note: string | null; lifted_by: string | null; lifted_at: Date | null; confirm_note: string | null;
}
/** Every node that has or had the camera keeps to it. */
const SELECT = 'SELECT h.*, c.name AS camera_name, ARRAY(SELECT DISTINCT n.node FROM camera_nodes n WHERE n.camera = h.camera) AS keepers FROM holds h LEFT JOIN cameras c ON c.id = h.camera AND c.unit = h.unit';

export function holdRoutes({ database, units, nodes, now }: HoldParts): Route[] {
  const show = (row: Stored): Hold => ({
    id: String(row.id), camera: row.camera, cameraName: row.camera_name, unit: row.unit, unitName: units.nameOf(row.unit), from: row.starts.toISOString(), to: row.ends.toISOString(), reason: row.reason,
    state: row.lifted_at ? 'lifted' : row.lift_asked_by ? 'lift_asked' : 'held', createdBy: row.created_by, createdAt: row.created_at.toISOString(),
    liftAskedBy: row.lift_asked_by, liftAskedAt: row.lift_asked_at?.toISOString() ?? null, liftNote: row.lift_note, liftedBy: row.lifted_by, liftedAt: row.lifted_at?.toISOString() ?? null, confirmNote: row.confirm_note,
    inForce: row.lifted_at ? null : [...new Set([row.node, ...row.keepers])].every((keeper) => nodes.all().find((node) => node.id === keeper)?.report.holds.includes(String(row.id)) ?? false),
  });
  const read = async (connection: Queryable, hold: string | number): Promise<Stored> => {
    const row = (await connection.query<Stored>(`${SELECT} WHERE h.id = $1`, [hold])).rows[0];
    if (!row) throw new Fault('not_found');
    return row;
  };
  /** One step in the life of a hold, with its line in the audit log. */
  const step = async (hold: string, actor: string, note: string, decide: (row: Stored, connection: Queryable) => Step | Promise<Step>): Promise<Hold> => show(await database.transaction(async (connection) => {
    await connection.query('SELECT FROM holds WHERE id = $1 FOR UPDATE', [hold]);
    const row = await read(connection, hold);
    const { action, set, values } = await decide(row, connection);
    await connection.query(`UPDATE holds SET ${set} WHERE id = $1`, [hold, ...values]);
    await appendAudit(connection, { actor, action, unit: row.unit, subject: row.camera, detail: { hold, note, from: row.starts.toISOString(), to: row.ends.toISOString() } }, now());
    return await read(connection, hold);
  }));

  return [
    route({
      method: 'get', path: '/holds', tag: 'Recordings', summary: 'Holds in scope, newest first; of one camera, of a time', access: ['inspector', 'operator', 'admin'], scope: { kind: 'filter' },
      query: z.object({ camera: z.string().max(60).optional(), from: instant.optional(), to: instant.optional(), state: z.enum(['living', 'all']).default('living'), limit: z.coerce.number().int().min(1).max(2000).default(500) }), answer: z.object({ holds: z.array(hold) }),
      async handle({ session, query }) {
        const rows = await database.query<Stored>(
          `${SELECT} WHERE h.unit = ANY($1) AND ($2::text IS NULL OR h.camera = $2) AND (h.ends > $3::timestamptz) IS NOT FALSE AND (h.starts < $4::timestamptz) IS NOT FALSE AND ($5 = 'all' OR h.lifted_at IS NULL) ORDER BY h.id DESC LIMIT $6`,
          [[...session.scope], query.camera ?? null, query.from ?? null, query.to ?? null, query.state, query.limit]);
        return { holds: rows.rows.map(show) };
      },
    }),
    route({
      method: 'post', path: '/holds', tag: 'Recordings', summary: 'Holds a range of a camera: nothing in it is deleted until two people lift it', access: ROLES, scope: { kind: 'camera', from: 'body.camera' }, body: holdRequest, answer: hold, status: 201,
      async handle({ session, body }) {
        const [from, to] = [new Date(body.from), new Date(body.to)];
        if (!(from < to) || to.getTime() - from.getTime() > LONGEST || from.getTime() < EARLIEST || to.getTime() > now().getTime() + LONGEST) throw new Fault('bad_period', 'from must lie before to, at most a year apart, and to no more than a year ahead');
        const camera = await readCamera(database, body.camera);
        if (!camera) throw new Fault('not_found');
        return show(await database.transaction(async (connection) => {
          const living = (await connection.query<{ n: number }>('SELECT count(*) AS n FROM holds WHERE node = $1 AND lifted_at IS NULL', [camera.node])).rows[0]?.n ?? 0;
          if (living >= MOST_OF_NODE) throw new Fault('hold_limit');
          const made = await connection.query<{ id: number }>('INSERT INTO holds (camera, unit, node, starts, ends, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id', [camera.id, camera.unit, camera.node, from, to, body.reason, session.username, now()]);
          const hold = made.rows[0]?.id ?? 0;
          await appendAudit(connection, { actor: session.username, action: 'hold.create', unit: camera.unit, subject: camera.id, detail: { hold: String(hold), reason: body.reason, from: from.toISOString(), to: to.toISOString() } }, now());
          return await read(connection, hold);
        }));
      },
    }),
    route({
      method: 'post', path: '/holds/:id/lift', tag: 'Recordings', summary: 'Lifts a hold: the first asks, another person confirms', access: ROLES, scope: { kind: 'hold', from: 'params.id' }, params: id, body: holdNote, answer: hold,
      async handle({ session, params, body }) {
        const alone = whyNotAPerson(session);
        return await step(params.id, session.username, body.note, async (row, connection) => {
          if (row.lifted_at) throw new Fault('hold_state', 'the hold is lifted');
          if (row.lift_asked_by === session.username) throw new Fault('hold_second_person');
          if (alone !== null) throw new Fault('hold_two_people', alone);
          if (row.lift_asked_by === null) return { action: 'hold.lift_ask', set: 'lift_asked_by = $2, lift_asked_at = $3, lift_note = $4', values: [session.username, now(), body.note] };
          const tie = await whyOnePerson(connection, row.lift_asked_by, session.username, now());
          if (tie !== null) throw new Fault('hold_two_people', tie);
          return { action: 'hold.lift', set: 'lifted_by = $2, lifted_at = $3, confirm_note = $4', values: [session.username, now(), body.note] };
        });
      },
    }),
    route({
      method: 'post', path: '/holds/:id/keep', tag: 'Recordings', summary: 'The hold stays: what somebody asked, to lift it, is turned down or taken back', access: ROLES, scope: { kind: 'hold', from: 'params.id' }, params: id, body: holdNote, answer: hold,
      async handle({ session, params, body }) {
        return await step(params.id, session.username, body.note, (row) => {
          if (row.lifted_at || row.lift_asked_by === null) throw new Fault('hold_state', 'nobody asks to lift it');
          return { action: 'hold.keep', set: 'lift_asked_by = NULL, lift_asked_at = NULL, lift_note = NULL', values: [] };
        });
      },
    }),
  ];
}
