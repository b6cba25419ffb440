/**
 * Which node has which camera. A new one goes where its pin says, else to the living node with the most room; cameras of a
 * node that is away or revoked go to living ones. Nothing moves back by itself: each move costs some seconds of recording.
 */
import type { Logger } from 'pino';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { NODE_AWAY_AFTER } from './nodes.ts';

/** Longer than a restart of a node takes; with starting at the new one, a camera is back within 30 s. */
export const MOVE_AFTER = 15_000;
/** After its own start the centre waits until nodes had time to report. */
export const GRACE = 25_000;

/** SQL: the living node with the most room, by its share of cameras; $1: seen since. The centre's own node first among equals. */
const ROOMIEST = `SELECT m.id FROM media_nodes m, LATERAL (SELECT count(*)::float8 AS n FROM cameras c WHERE c.node = m.id AND c.enabled) has
  WHERE m.revoked_at IS NULL AND m.seen_at > $1 AND m.fit AND has.n < m.capacity ORDER BY has.n / m.capacity, (m.id <> 'local'), m.id LIMIT 1`;

/** Where a new camera of this unit goes; `local` where no node is there yet. */
export async function nodeForNew(connection: Queryable, unit: string, at: Date): Promise<string> {
  const pinned = (await connection.query<{ node: string }>('SELECT node FROM unit_nodes WHERE unit = $1', [unit])).rows[0]?.node;
  return pinned ?? (await connection.query<{ id: string }>(ROOMIEST, [new Date(at.getTime() - NODE_AWAY_AFTER)])).rows[0]?.id ?? 'local';
}

export async function giveTo(connection: Queryable, cameras: readonly string[], node: string, why: 'node_away' | 'by_hand' | 'pin', at: Date): Promise<string[]> {
  return (await connection.query<{ id: string }>('UPDATE cameras SET node = $2, node_since = $3, node_why = $4 WHERE id = ANY($1) AND node <> $2 RETURNING id', [cameras, node, at, why])).rows.map((row) => row.id);
}

/** Cameras of nodes that are away for long go to others, as far as these have room. Answers how many. */
export async function moveFromAway(database: Database, at: Date, log: Logger): Promise<number> {
  const stranded = `SELECT c.id, c.node, c.unit FROM cameras c JOIN media_nodes m ON m.id = c.node
    WHERE c.enabled AND c.node_pin IS NULL AND NOT EXISTS (SELECT FROM unit_nodes u WHERE u.unit = c.unit) AND (m.revoked_at IS NOT NULL OR COALESCE(m.seen_at, m.created_at, '-infinity') < $1) ORDER BY c.id`;
  const before = new Date(at.getTime() - MOVE_AFTER);
  // Nearly always there are none: no transaction for that.
  if ((await database.query(stranded, [before])).rowCount === 0) return 0;
  return await database.transaction(async (connection) => {
    // One owner of this work, however many centres there are.
    await connection.query("SELECT pg_advisory_xact_lock(hashtext('toan-canh.placement'))");
    const moved = new Map<string, { to: Map<string, number> }>();
    for (const camera of (await connection.query<{ id: string; node: string; unit: string }>(`${stranded} FOR UPDATE OF c`, [before])).rows) {
      const to = (await connection.query<{ id: string }>(ROOMIEST, [new Date(at.getTime() - NODE_AWAY_AFTER)])).rows[0]?.id;
      if (to === undefined || to === camera.node) break;
      await giveTo(connection, [camera.id], to, 'node_away', at);
      const from = moved.get(camera.node) ?? { to: new Map<string, number>() };
      from.to.set(to, (from.to.get(to) ?? 0) + 1);
      moved.set(camera.node, from);
    }
    for (const [node, { to }] of moved) {
      await appendAudit(connection, { actor: 'centre', action: 'node.cameras_moved', subject: node, detail: { why: 'node_away', to: Object.fromEntries(to) } }, at);
      log.warn({ event: 'cameras_moved', from: node, to: Object.fromEntries(to) });
    }
    return [...moved.values()].reduce((sum, one) => sum + [...one.to.values()].reduce((a, b) => a + b, 0), 0);
  });
}
