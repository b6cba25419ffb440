/** Media nodes: who they are, what they carry, their keys, and which camera is whose. The province's own administrators only. */
import { z } from 'zod';
import { newDisk, nodeCreate, nodeKey, nodeList, nodePin, nodeTake, nodeUpdate, type NodeRow } from '#contract/mediaNode.ts';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import { randomToken, sha256 } from '../access/seal.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import type { Units } from '../units/tree.ts';
import type { MediaProxy } from './mediaProxy.ts';
import type { Nodes } from './nodes.ts';
import { askNode } from './askNode.ts';
import { giveTo } from './placement.ts';

export interface NodeRouteParts { database: Database; units: Units; nodes: Nodes; proxy: Pick<MediaProxy, 'endOfNode'>; now: () => Date; changed: () => void }

interface Row extends Record<string, unknown> { id: string; name: string; own: boolean; capacity: number; seen_at: Date | null; key_made_at: Date | null; revoked_at: Date | null; all: number; enabled: number; pinned: number; left: number }
const id = z.object({ id: z.string().max(60) });
const centre = { kind: 'centre' } as const;
const access = ['admin'] as const;

export function nodeRoutes({ database, units, nodes, proxy, now, changed }: NodeRouteParts): Route[] {
  const show = (row: Row): NodeRow => {
    const here = nodes.of(row.id);
    const report = here?.report;
    return {
      id: row.id, name: row.name, own: row.own, state: row.revoked_at ? 'revoked' : here ? 'here' : row.seen_at ? 'away' : 'never',
      seenAt: row.seen_at?.toISOString() ?? null, startedAt: report?.startedAt ?? null, version: report?.machine?.version ?? null, capacity: row.capacity,
      cameras: { all: row.all, enabled: row.enabled, pinned: row.pinned, online: report?.cameras.filter((one) => one.state === 'online').length ?? 0, recorded: report?.cameras.filter((one) => one.recording).length ?? 0 },
      viewers: report?.viewers.length ?? null, load: report?.machine?.load ?? null, memoryFreeBytes: report?.machine?.memoryFreeBytes ?? null, memoryTotalBytes: report?.machine?.memoryTotalBytes ?? null,
      disk: report?.disk ? { ...report.disk, state: report.storage?.state ?? null } : null, diskState: report?.storage?.state ?? null, left: row.left, keyMadeAt: row.key_made_at?.toISOString() ?? null, revokedAt: row.revoked_at?.toISOString() ?? null,
    };
  };
  const find = async (connection: Queryable, node: string): Promise<{ own: boolean; revoked_at: Date | null }> => {
    const row = (await connection.query<{ own: boolean; revoked_at: Date | null }>('SELECT secret_sealed IS NOT NULL AS own, revoked_at FROM media_nodes WHERE id = $1 FOR UPDATE', [node])).rows[0];
    if (!row) throw new Fault('not_found');
    return row;
  };
  const living = async (connection: Queryable, node: string): Promise<void> => { if ((await find(connection, node)).revoked_at) throw new Fault('not_found', 'the key of this node is revoked'); };

  return [
    route({
      method: 'get', path: '/nodes', tag: 'Media nodes', summary: 'Media nodes with load, viewers, disk and version, the pins of units, and the last moves of cameras', access, scope: centre, answer: nodeList,
      async handle() {
        const rows = await database.query<Row>(
          `SELECT m.id, m.name, m.secret_sealed IS NOT NULL AS own, m.capacity, m.seen_at, m.key_made_at, m.revoked_at, count(c.id)::int AS all, (count(c.id) FILTER (WHERE c.enabled))::int AS enabled,
             (count(c.id) FILTER (WHERE c.node_pin IS NOT NULL OR EXISTS (SELECT FROM unit_nodes u WHERE u.unit = c.unit AND u.node = m.id)))::int AS pinned,
             (SELECT count(DISTINCT h.camera)::int FROM camera_nodes h WHERE h.node = m.id AND NOT EXISTS (SELECT FROM cameras k WHERE k.id = h.camera AND k.node = m.id)) AS left
           FROM media_nodes m LEFT JOIN cameras c ON c.node = m.id GROUP BY m.id ORDER BY (m.id <> 'local'), m.id`);
        const pins = await database.query<{ unit: string; node: string }>('SELECT unit, node FROM unit_nodes ORDER BY unit');
        const moves = await database.query<{ camera: string; name: string | null; since: Date; node: string; before: string | null; why: string }>(
          `SELECT h.camera, c.name, h.since, h.node, h.why, (SELECT p.node FROM camera_nodes p WHERE p.camera = h.camera AND p.since < h.since ORDER BY p.since DESC LIMIT 1) AS before
           FROM camera_nodes h LEFT JOIN cameras c ON c.id = h.camera WHERE h.since > '-infinity' ORDER BY h.since DESC, h.camera LIMIT 50`);
        return {
          nodes: rows.rows.map(show), pins: pins.rows.map((pin) => ({ ...pin, unitName: units.nameOf(pin.unit) })),
          moves: moves.rows.map((move) => ({ camera: move.camera, cameraName: move.name, at: move.since.toISOString(), from: move.before, to: move.node, why: move.why })),
        };
      },
    }),
    route({
      method: 'post', path: '/nodes', tag: 'Media nodes', summary: 'A media node on another machine: its key is told this once', access, scope: centre, body: nodeCreate, answer: nodeKey, status: 201,
      async handle({ session, body }) {
        const key = randomToken();
        await database.transaction(async (connection) => {
          const made = await connection.query('INSERT INTO media_nodes (id, name, capacity, secret_hash, created_at, created_by, key_made_at) VALUES ($1, $2, $3, $4, $5, $6, $5) ON CONFLICT DO NOTHING', [body.id, body.name, body.capacity, sha256(key), now(), session.username]);
          if (made.rowCount === 0) throw new Fault('conflict', 'a node with this id exists or existed');
          await appendAudit(connection, { actor: session.username, action: 'node.create', subject: body.id, detail: { name: body.name, capacity: body.capacity } }, now());
        });
        return { id: body.id, key };
      },
    }),
    route({
      method: 'patch', path: '/nodes/:id', tag: 'Media nodes', summary: 'Name and capacity (how many cameras it is given by itself)', access, scope: centre, params: id, body: nodeUpdate, answer: z.null(), status: 204,
      async handle({ session, params, body }) {
        await database.transaction(async (connection) => {
          await find(connection, params.id);
          await connection.query('UPDATE media_nodes SET name = COALESCE($2, name), capacity = COALESCE($3, capacity) WHERE id = $1', [params.id, body.name ?? null, body.capacity ?? null]);
          await appendAudit(connection, { actor: session.username, action: 'node.change', subject: params.id, detail: body }, now());
        });
        return null;
      },
    }),
    route({
      method: 'post', path: '/nodes/:id/key', tag: 'Media nodes', summary: 'A new key for a node, also for a revoked one; the one before is worth nothing from now on', access, scope: centre, params: id, answer: nodeKey, status: 201,
      async handle({ session, params }) {
        const key = randomToken();
        await database.transaction(async (connection) => {
          if ((await find(connection, params.id)).own) throw new Fault('node_own');
          await connection.query('UPDATE media_nodes SET secret_hash = $2, key_made_at = $3, revoked_at = NULL WHERE id = $1', [params.id, sha256(key), now()]);
          await appendAudit(connection, { actor: session.username, action: 'node.key', subject: params.id }, now());
        });
        nodes.forget(params.id);
        proxy.endOfNode(params.id);
        return { id: params.id, key };
      },
    }),
    route({
      method: 'delete', path: '/nodes/:id', tag: 'Media nodes', summary: 'Revokes the key of a node: its live pictures end, its cameras go to other nodes, its recordings stay on its disk', access, scope: centre, params: id, answer: z.null(), status: 204,
      async handle({ session, params }) {
        await database.transaction(async (connection) => {
          const node = await find(connection, params.id);
          if (node.own) throw new Fault('node_own');
          if (node.revoked_at) throw new Fault('not_found');
          await connection.query('UPDATE media_nodes SET revoked_at = $2 WHERE id = $1', [params.id, now()]);
          await appendAudit(connection, { actor: session.username, action: 'node.revoke', subject: params.id }, now());
        });
        nodes.forget(params.id);
        proxy.endOfNode(params.id);
        changed();
        return null;
      },
    }),
    route({
      method: 'post', path: '/nodes/:id/cameras', tag: 'Media nodes', summary: 'Moves cameras to this node, with `pin` for good; each misses some seconds of recording', access, scope: centre, params: id, body: nodeTake, answer: z.object({ moved: z.int() }),
      async handle({ session, params, body }) {
        const moved = await database.transaction(async (connection) => {
          await living(connection, params.id);
          if (body.pin) await connection.query('UPDATE cameras SET node_pin = $2 WHERE id = ANY($1)', [body.cameras, params.id]);
          // A pin to another node does not hold against who moves it by hand.
          else await connection.query('UPDATE cameras SET node_pin = NULL WHERE id = ANY($1) AND node_pin <> $2', [body.cameras, params.id]);
          const done = await giveTo(connection, body.cameras, params.id, body.pin ? 'pin' : 'by_hand', now());
          await appendAudit(connection, { actor: session.username, action: 'node.take', subject: params.id, detail: { cameras: done.slice(0, 100), count: done.length, pin: body.pin } }, now());
          return done.length;
        });
        changed();
        return { moved };
      },
    }),
    route({
      method: 'post', path: '/nodes/:id/disk', tag: 'Media nodes', summary: 'Accepts the empty disk that stands where this node\'s recordings were; what lies on the disk of before cannot be shown any more', access, scope: centre, params: id, answer: newDisk,
      async handle({ session, params }) {
        const accepted = await database.transaction(async (connection) => {
          await living(connection, params.id);
          const node = nodes.of(params.id);
          if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
          const journalUpTo = (await connection.query<{ journal_up_to: number }>('SELECT journal_up_to FROM media_nodes WHERE id = $1', [params.id])).rows[0]?.journal_up_to ?? 0;
          const made = newDisk.parse(await (await askNode(node, '/disk', { body: { journalUpTo } })).json());
          const lost = await connection.query("UPDATE segments SET deleted_at = $2, deleted_reason = 'disk_replaced' WHERE node = $1 AND deleted_at IS NULL", [params.id, now()]);
          await appendAudit(connection, { actor: session.username, action: 'node.disk', subject: params.id, detail: { ...made, segmentsOfBefore: lost.rowCount ?? 0 } }, now());
          return made;
        });
        changed();
        return accepted;
      },
    }),
    route({
      method: 'post', path: '/nodes/pins', tag: 'Media nodes', summary: 'Keeps a camera, or all cameras of a unit, at a node, also when that is away; null ends it', access, scope: centre, body: nodePin, answer: z.object({ moved: z.int() }),
      async handle({ session, body }) {
        const moved = await database.transaction(async (connection) => {
          if (body.node !== null) await living(connection, body.node);
          let cameras: string[] = [];
          if (body.camera !== undefined) {
            if ((await connection.query('UPDATE cameras SET node_pin = $2 WHERE id = $1', [body.camera, body.node])).rowCount === 0) throw new Fault('not_found');
            cameras = [body.camera];
          } else {
            const unit = body.unit ?? '';
            if (!units.tree.has(unit)) throw new Fault('not_found');
            if (body.node === null) await connection.query('DELETE FROM unit_nodes WHERE unit = $1', [unit]);
            else await connection.query('INSERT INTO unit_nodes (unit, node) VALUES ($1, $2) ON CONFLICT (unit) DO UPDATE SET node = excluded.node', [unit, body.node]);
            // The pin of a single camera goes before that of its unit.
            cameras = (await connection.query<{ id: string }>('SELECT id FROM cameras WHERE unit = $1 AND node_pin IS NULL', [unit])).rows.map((row) => row.id);
          }
          await appendAudit(connection, { actor: session.username, action: 'node.pin', subject: body.camera ?? body.unit ?? '', detail: { node: body.node } }, now());
          return body.node === null ? 0 : (await giveTo(connection, cameras, body.node, 'pin', now())).length;
        });
        changed();
        return { moved };
      },
    }),
  ];
}
