/** The shift log over HTTP. A shift belongs to a unit: whoever has that unit in scope reads it; operators in it write. */
import { z } from 'zod';
import { unitCode } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { entryCreate, handoverCreate, handoverSign, shiftAnswer, shiftDesk, shiftOpen, shiftRow, snapshotCreate, takeOver, type ShiftAnswer } from '#contract/shift.ts';
import type { Session } from '../access/session.ts';
import { csvLine } from '../audit/csv.ts';
import { readCamera } from '../cameras/cameraRows.ts';
import type { Nodes } from '../cameras/nodes.ts';
import { route, type Route } from '../http/route.ts';
import { readLog } from './log.ts';
import { overviewOf, type OverviewParts } from './overview.ts';
import { openSnapshot, takeSnapshot, type SnapshotRules } from './snapshots.ts';
import { openShifts, type Shift } from './shifts.ts';
import type { Database } from '../database/pool.ts';

export interface ShiftParts extends OverviewParts { database: Database; nodes: Nodes; zone: string; rules: SnapshotRules; now: () => Date }

const READERS = ['operator', 'leader', 'admin'] as const;
const WRITERS = ['operator', 'admin'] as const;
/** Where no shift was before: a night. */
const NIGHT = 16 * 3_600_000;
const id = z.object({ id: z.string().regex(/^\d{1,15}$/) });
const scope = { kind: 'shift', from: 'params.id' } as const;
const tag = 'Shift log';

export function shiftRoutes(parts: ShiftParts): Route[] {
  const { database, units, nodes, zone, rules, now } = parts;
  const shifts = openShifts({ database, units, now });
  const overview = async (unit: string, from: Date) => await overviewOf(parts, unit, from, now());
  const whole = async (shift: Shift): Promise<ShiftAnswer> => ({
    ...shift, handovers: await shifts.handovers(shift.id),
    ...await readLog(database, units, { id: shift.id, unit: shift.unit, from: new Date(shift.openedAt), to: shift.closedAt === null ? new Date(now().getTime() + 60_000) : new Date(shift.closedAt) }),
  });
  /** A thing that an entry is about: the caller sees it, and so do all who see the shift. Returns its unit. */
  async function about(kind: 'unit' | 'alert' | 'camera' | 'dossier', name: string | undefined, shift: Shift, session: Session): Promise<string | null> {
    if (name === undefined) return null;
    const unit = kind === 'unit' ? (units.tree.has(name) ? name : null)
      : (await database.query<{ unit: string | null }>(`SELECT unit FROM ${kind === 'dossier' ? 'dossiers' : `${kind}s`} WHERE ${kind === 'dossier' ? 'code' : 'id'} = $1`, [name])).rows[0]?.unit ?? null;
    if (unit === null || !session.scope.has(unit) || !units.scopeOf(shift.unit).has(unit)) throw new Fault('about_unknown', `${kind} ${name}`);
    return unit;
  }

  return [
    route({
      method: 'get', path: '/shifts', tag, summary: 'Shifts of the desks in scope, newest first', access: READERS, scope: { kind: 'filter' },
      query: z.object({ unit: unitCode.optional(), before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(200).default(30) }), answer: z.object({ shifts: z.array(shiftRow) }),
      async handle({ session, query }) {
        if (query.unit !== undefined && !session.scope.has(query.unit)) throw new Fault('not_found');
        return { shifts: await shifts.list(session.scope, { unit: query.unit ?? null, before: query.before ?? null, limit: query.limit }) };
      },
    }),
    route({
      method: 'get', path: '/shifts/desk', tag, summary: 'How the desk of a unit stands: the open shift, the last one, and what happened since', access: READERS, scope: { kind: 'unit', from: 'query.unit' }, cost: 3,
      query: z.object({ unit: unitCode }), answer: shiftDesk,
      async handle({ query: { unit } }) {
        const { current, last } = await shifts.desk(unit);
        const since = current?.handover?.at ?? current?.openedAt ?? last?.closedAt ?? new Date(now().getTime() - NIGHT).toISOString();
        return { unit, unitName: units.nameOf(unit), current, last, overview: await overview(unit, new Date(since)) };
      },
    }),
    route({
      method: 'post', path: '/shifts', tag, summary: 'Opens the shift of a unit\'s desk, or goes into the one that is open', access: WRITERS, scope: { kind: 'unit', from: 'body.unit' }, body: shiftOpen, answer: shiftAnswer, status: 201,
      async handle({ session, body }) { return await whole(await shifts.goOn(body.unit, session.username)); },
    }),
    route({
      method: 'get', path: '/shifts/:id', tag, summary: 'One shift with its log: what was written, done on alerts and shown on screens', access: READERS, scope, params: id, answer: shiftAnswer, cost: 3,
      async handle({ params }) { return await whole(await shifts.read(params.id)); },
    }),
    route({
      method: 'post', path: '/shifts/:id/leave', tag, summary: 'Goes out of the shift; the last one hands over instead', access: WRITERS, scope, params: id, answer: shiftRow,
      async handle({ session, params }) { return await shifts.leave(params.id, session.username); },
    }),
    route({
      method: 'post', path: '/shifts/:id/entries', tag, summary: 'Writes an entry; none is ever changed, a correction is a new one that names the old', access: WRITERS, scope, params: id, body: entryCreate, answer: z.object({ id: z.string() }), status: 201,
      async handle({ session, params, body }) {
        const shift = await shifts.read(params.id);
        let unit = await about('unit', body.unit, shift, session);
        for (const kind of ['alert', 'camera', 'dossier'] as const) { const of = await about(kind, body[kind], shift, session); unit ??= of; }
        return { id: await shifts.write(params.id, session.username, { ...body, unit }) };
      },
    }),
    route({
      method: 'post', path: '/shifts/:id/handover', tag, summary: 'Writes the open points for the next ones, with how the desk stands now; it may be written anew until it is signed', access: WRITERS, scope, params: id, body: handoverCreate, answer: shiftRow, cost: 3,
      async handle({ session, params, body }) {
        const shift = await shifts.read(params.id);
        return await shifts.handOver(params.id, session.username, body.points, await overview(shift.unit, new Date(shift.openedAt)));
      },
    }),
    route({
      method: 'post', path: '/shifts/:id/sign', tag, summary: 'Signs the handover that was read: the shift ends and the next begins', access: WRITERS, scope, params: id, body: handoverSign, answer: shiftAnswer, cost: 3,
      async handle({ session, params, body }) {
        const shift = await shifts.read(params.id);
        return await whole(await shifts.sign(params.id, session.username, body.handover, await overview(shift.unit, new Date(shift.handover?.at ?? shift.openedAt))));
      },
    }),
    route({
      method: 'post', path: '/shifts/:id/take-over', tag, summary: 'Begins the next shift without a handover of somebody else, with the reason', access: WRITERS, scope, params: id, body: takeOver, answer: shiftAnswer, cost: 3,
      async handle({ session, params, body }) {
        const shift = await shifts.read(params.id);
        return await whole(await shifts.takeOver(params.id, session.username, body.reason, await overview(shift.unit, new Date(shift.handover?.at ?? shift.openedAt))));
      },
    }),
    route({
      method: 'post', path: '/shifts/:id/snapshots', tag, summary: 'Takes the newest picture of a camera into the log, with its purpose and hash', access: WRITERS, scope, params: id, body: snapshotCreate, answer: z.object({ id: z.string() }), status: 201, cost: 5,
      async handle({ session, params, body }) {
        const shift = await shifts.read(params.id);
        await about('camera', body.camera, shift, session);
        const camera = await readCamera(database, body.camera);
        if (!camera) throw new Fault('not_found');
        return { id: await takeSnapshot({ nodes, shifts, rules, now }, params.id, camera, session.username, body.purpose) };
      },
    }),
    route({
      method: 'get', path: '/shift-snapshots/:id', tag, summary: 'A picture of the log (JPEG); looking at it is audited', access: READERS, scope: { kind: 'shiftSnapshot', from: 'params.id' }, params: z.object({ id: z.string().max(40) }), answer: null,
      async handle({ session, params, response }) { response.type('image/jpeg').send(await openSnapshot(database, params.id, session, now())); },
    }),
    route({
      method: 'get', path: '/shifts/:id/log.csv', tag, summary: 'The log as CSV (UTF-8), oldest first; cells that begin like a formula are neutralised', access: READERS, scope, params: id, answer: null, cost: 5,
      async handle({ params, response }) {
        const shift = await whole(await shifts.read(params.id));
        const local = (at: string | null) => (at === null ? null : new Date(at).toLocaleString('sv-SE', { timeZone: zone }));
        response.type('text/csv').setHeader('Content-Disposition', `attachment; filename="shift-${shift.id}.csv"`);
        response.write(`\ufeff${csvLine(['id', 'at', 'who', 'what', 'unit', 'unit_name', 'text', 'alert', 'dossier', 'camera', 'ticket', 'screen', 'corrects', 'picture_sha256'])}`);
        for (const one of [...shift.lines].reverse()) response.write(csvLine([one.id, local(one.at), one.by, one.action === null ? one.kind : `${one.kind}.${one.action}`, one.unit, one.unitName, one.text, one.alert, one.dossier, one.camera, one.ticket, one.screen, one.corrects, one.snapshot?.sha256 ?? null]));
        for (const one of [...shift.handovers].reverse()) response.write(csvLine([`handover ${one.id}`, local(one.at), one.by, 'handover', shift.unit, shift.unitName, one.points, null, null, null, null, null, null, null]));
        if (shift.closedAt !== null) response.write(csvLine([null, local(shift.closedAt), shift.closedBy, shift.reason === null ? 'signed' : 'taken_over', shift.unit, shift.unitName, shift.reason, null, null, null, null, null, null, null]));
        response.end();
      },
    }),
  ];
}
