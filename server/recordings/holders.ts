/** Which nodes hold what of a camera: from the catalogue, and from who had the camera when (analytics/recording/parts.ts). */
import { countedParts, partsToAsk, type NodeSpan, type Owner } from '#analytics/recording/parts.ts';
import type { Queryable } from '../database/pool.ts';

/** A segment is a minute; without a bound each question would go through all that the camera ever recorded before. */
export const LONGEST_SEGMENT = 3_600_000;

export interface Move { at: number; from: string; to: string; why: string }
export interface Holders { owners: Owner[]; moves: Move[]; segments: NodeSpan[] }

/** Instants in milliseconds. `segments`: what is listed of it and not deleted. */
export async function readHolders(database: Queryable, camera: string, from: number, to: number): Promise<Holders> {
  const rows = (await database.query<{ since: number; node: string; why: string }>("SELECT CASE WHEN since = '-infinity' THEN '-Infinity'::float8 ELSE extract(epoch FROM since)::float8 * 1000 END AS since, node, why FROM camera_nodes WHERE camera = $1 ORDER BY camera_nodes.since", [camera])).rows;
  const owners = rows.map(({ node, since }) => ({ node, since: Math.round(since) }));
  const segments = (await database.query<{ node: string; starts: Date; ends: Date }>('SELECT node, starts, ends FROM segments WHERE camera = $1 AND deleted_at IS NULL AND ends > $2 AND starts < $3 AND starts > $4 ORDER BY starts', [camera, new Date(from), new Date(to), new Date(from - LONGEST_SEGMENT)])).rows
    .map((row) => ({ node: row.node, starts: row.starts.getTime(), ends: row.ends.getTime() }));
  return { owners, segments, moves: owners.slice(1).map((one, index) => ({ at: one.since, from: owners[index]?.node ?? '', to: one.node, why: rows[index + 1]?.why ?? '' })) };
}

/** Of what is listed, what counts: disjoint, each with its node. */
export const counted = (holders: Holders, from: number, to: number): NodeSpan[] => countedParts(holders.segments, holders.owners, from, to);

/** Whom to ask for what; `fallback` where nobody ever had the camera. */
export async function whomToAsk(database: Queryable, camera: string, fallback: string, from: number, to: number): Promise<NodeSpan[]> {
  const { segments, owners } = await readHolders(database, camera, from, to);
  // A catalogue from before the nodes were written down.
  return partsToAsk(segments, owners.length > 0 ? owners : [{ node: fallback, since: -Infinity }], from, to);
}
