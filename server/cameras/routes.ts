/** Cameras: list, create, change, delete, live tickets. An address is refused unless it lies in the camera networks. */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { cameraCreate, cameraRow, cameraUpdate, liveTicket, liveTicketRequest } from '#contract/camera.ts';
import { Fault } from '#contract/faults.ts';
import { nodeJournal, nodeJournalAnswer, nodeOrders, nodeReport, type TicketPayload } from '#contract/node.ts';
import { appendAudit } from '../audit/append.ts';
import type { Seal } from '../access/seal.ts';
import type { Session } from '../access/session.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Looks } from '../recordings/looks.ts';
import type { Units } from '../units/tree.ts';
import { checkAddress as checkTyped, hostOf } from './address.ts';
import { readNode } from './readNode.ts';
import { masksFor } from './masks.ts';
import { moveId } from './cameraIds.ts';
import { saveNewCamera } from './saveCamera.ts';
import { cameraRowOf, readCamera, readCameras } from './cameraRows.ts';
import type { Leases } from './leases.ts';
import type { CameraRecord, Nodes } from './nodes.ts';
import type { Uplinks } from './uplinks.ts';

export interface CameraParts { database: Database; units: Units; nodes: Nodes; seal: Seal; now: () => Date; cameraNetworks: readonly string[]; rootUnit: string; leases: Leases; uplinks: Uplinks; mainLeaseMinutes: number; looks: Looks; changed: () => void }

const TICKET_SECONDS = 45;
const id = z.object({ id: z.string().max(60) });

export function cameraRoutes({ database, units, nodes, seal, now, cameraNetworks, rootUnit, leases, uplinks, mainLeaseMinutes, looks, changed }: CameraParts): Route[] {
  const isAdmin = (session: Session) => session.roles.includes('admin');
  const checkAddress = async (url: string | null | undefined) => { await checkTyped(url, cameraNetworks); };
  const find = async (camera: string, connection: Queryable = database) => {
    const record = await readCamera(connection, camera);
    if (!record) throw new Fault('not_found');
    return record;
  };
  const show = async (camera: string, session: Session) => {
    return cameraRowOf(await find(camera), nodes, units, isAdmin(session));
  };

  return [
    route({
      method: 'get', path: '/cameras', tag: 'Cameras', summary: 'Cameras in scope with their state', access: 'session', scope: { kind: 'filter' }, query: z.object({ unit: z.string().optional() }), answer: z.object({ cameras: z.array(cameraRow) }),
      async handle({ session, query }) {
        if (query.unit !== undefined && !session.scope.has(query.unit)) throw new Fault('not_found', 'unit');
        const wanted = query.unit === undefined ? [...session.scope] : units.tree.under(query.unit).filter((unit) => session.scope.has(unit));
        return { cameras: (await readCameras(database, wanted)).map((record) => cameraRowOf(record, nodes, units, isAdmin(session))) };
      },
    }),
    route({
      method: 'get', path: '/cameras/:id', tag: 'Cameras', summary: 'One camera', access: 'session', scope: { kind: 'camera', from: 'params.id' }, params: id, answer: cameraRow,
      async handle({ params, session }) { return await show(params.id, session); },
    }),
    route({
      method: 'post', path: '/cameras', tag: 'Cameras', summary: 'Creates a camera; an id that is another unit\'s gets the unit code before it', access: ['admin'], scope: { kind: 'unit', from: 'body.unit' }, body: cameraCreate, answer: cameraRow, status: 201,
      async handle({ session, body }) {
        const camera = await saveNewCamera({ database, seal, now, cameraNetworks, rootUnit }, session, body);
        changed();
        return await show(camera, session);
      },
    }),
    route({
      method: 'patch', path: '/cameras/:id', tag: 'Cameras', summary: 'Changes a camera; a password that is left out stays', access: ['admin'], scope: { kind: 'camera', from: 'params.id' }, params: id, body: cameraUpdate, answer: cameraRow,
      async handle({ session, params, body }) {
        await checkAddress(body.url);
        await checkAddress(body.subUrl);
        if (body.unit !== undefined && !session.scope.has(body.unit)) throw new Fault('not_found', `unit ${body.unit}`);
        const columns: [string, unknown][] = [];
        for (const name of ['unit', 'counter', 'name', 'position', 'url', 'username', 'transport', 'enabled', 'recording'] as const) if (body[name] !== undefined) columns.push([name, body[name]]);
        if (body.subUrl !== undefined) columns.push(['sub_url', body.subUrl]);
        if (body.zones !== undefined) columns.push(['zones', body.zones === null ? null : JSON.stringify(body.zones)]);
        if (body.password !== undefined) columns.push(['password_sealed', body.password ? seal.close(body.password) : null]);
        await database.transaction(async (connection) => {
          // What is judged must still be so when it is written: two changes at once could bring a password to the other's host.
          await connection.query('SELECT FROM cameras WHERE id = $1 FOR UPDATE', [params.id]);
          const before = await find(params.id, connection);
          if (body.password === undefined && before.password_sealed !== null && goesElsewhere(before, body)) throw new Fault('camera_password_again');
          if (body.unit !== undefined && body.unit !== before.unit) await moveId(connection, before, body.unit, nodes.cameraState(before.node, before.id)?.recording ?? false);
          if (columns.length > 0) await connection.query(`UPDATE cameras SET ${columns.map(([name], i) => `${name} = $${i + 2}`).join(', ')} WHERE id = $1`, [params.id, ...columns.map(([, value]) => value)]);
          await appendAudit(connection, { actor: session.username, action: 'camera.change', subject: params.id, unit: before.unit, detail: { fields: columns.map(([name]) => name), ...(body.unit === undefined ? {} : { unit: body.unit }) } }, now());
        });
        changed();
        return await show(params.id, session);
      },
    }),
    route({
      method: 'delete', path: '/cameras/:id', tag: 'Cameras', summary: 'Deletes a camera; its recordings stay until they expire', access: ['admin'], scope: { kind: 'camera', from: 'params.id' }, params: id, answer: z.null(), status: 204,
      async handle({ session, params }) {
        const { unit } = await find(params.id);
        await database.transaction(async (connection) => {
          // Recordings are seen through their camera: one person alone would put out of sight what two have to lift.
          if (((await connection.query('SELECT FROM holds WHERE camera = $1 AND lifted_at IS NULL LIMIT 1', [params.id])).rowCount ?? 0) > 0) throw new Fault('camera_held');
          await connection.query('DELETE FROM cameras WHERE id = $1', [params.id]);
          await appendAudit(connection, { actor: session.username, action: 'camera.delete', subject: params.id, unit }, now());
        });
        changed();
        return null;
      },
    }),
    route({
      method: 'post', path: '/cameras/:id/live-ticket', tag: 'Cameras', summary: 'A ticket for the live picture: one use, short, bound to this session and camera', access: ['operator', 'leader', 'inspector', 'admin'], screen: true, scope: { kind: 'camera', from: 'params.id' },
      params: id, body: liveTicketRequest, answer: liveTicket, status: 201,
      async handle({ session, params, body }) {
        const record = await find(params.id);
        if (!record.enabled) throw new Fault('camera_away', 'the camera is disabled');
        if (!nodes.of(record.node)) throw new Fault('node_away', null, { retryAfter: 3 });
        const wanted = { node: record.node, camera: params.id, unit: record.unit, quality: body.quality };
        const masks = masksFor(session, record, body.unmasked);
        // A node that has not heard of the masks yet would show the whole picture.
        if (masks !== null && nodes.cameraState(record.node, record.id)?.maskVersion !== masks.version) throw new Fault('mask_pending', null, { retryAfter: 2 });
        const isLifted = body.unmasked && record.masks !== null;
        leases.admit(wanted, (await uplinks.of(record.unit)).kbps);
        const expires = now().getTime() + TICKET_SECONDS * 1000;
        // A large picture is lent, and one without masks; a small one runs for as long as it is looked at.
        const ends = body.quality === 'main' || isLifted ? now().getTime() + mainLeaseMinutes * 60_000 : null;
        const payload: TicketPayload = { id: randomBytes(9).toString('base64url'), camera: params.id, quality: body.quality, session: session.id, notBefore: now().getTime(), expires, ...(ends === null ? {} : { ends }), ...(isLifted ? { unmasked: true as const } : {}) };
        await looks.live(session, { camera: params.id, unit: record.unit }, body.quality, isLifted);
        leases.keep({ ...wanted, ticket: payload.id });
        const head = Buffer.from(JSON.stringify(payload)).toString('base64url');
        const ticket = `${head}.${createHmac('sha256', Buffer.from(nodes.ticketKeyOf(record.node), 'base64url')).update(head).digest('base64url')}`;
        return { url: `/media/${encodeURIComponent(record.node)}/live/${encodeURIComponent(params.id)}/${body.quality}?ticket=${ticket}`, expiresAt: new Date(expires).toISOString(), endsAt: ends === null ? null : new Date(ends).toISOString() };
      },
    }),
    route({
      method: 'post', path: '/node/report', tag: 'Media node', summary: 'A media node reports and gets its orders', access: 'node', scope: { kind: 'none' }, rawBody: { limit: '4mb' }, body: nodeReport, answer: nodeOrders,
      async handle({ body, request }) { const report = readNode(nodeReport, body); await nodes.admit(report.node, request.headers.authorization); return await nodes.report(report); },
    }),
    route({
      method: 'post', path: '/node/journal', tag: 'Media node', summary: 'What the recorder wrote, in order', access: 'node', scope: { kind: 'none' }, rawBody: { limit: '4mb' }, body: nodeJournal, answer: nodeJournalAnswer,
      async handle({ body, request }) {
        const journal = readNode(nodeJournal, body);
        await nodes.admit(journal.node, request.headers.authorization);
        return { upTo: await nodes.journal(journal.node, journal.entries) };
      },
    }),
  ];
}

/** Whether the stored password would be shown to another host, or go with another user. */
function goesElsewhere(before: CameraRecord, body: { url?: string | undefined; subUrl?: string | null | undefined; username?: string | null | undefined }): boolean {
  const known = new Set([before.url, before.sub_url].map(hostOf));
  return [body.url, body.subUrl].some((url) => url !== undefined && url !== null && !known.has(hostOf(url))) || (body.username !== undefined && (body.username ?? '') !== (before.username ?? ''));
}
