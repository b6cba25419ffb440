/** What is recorded of a camera between two instants, and why the rest is not, from the catalogue of the centre. */
import type { RecordingSpans } from '#contract/camera.ts';
import type { GapReason } from '#contract/vocabulary.ts';
import { readCamera } from '../cameras/cameraRows.ts';
import type { Nodes } from '../cameras/nodes.ts';
import type { Database } from '../database/pool.ts';
import { ownerAt } from '#analytics/recording/parts.ts';
import { counted, LONGEST_SEGMENT, readHolders } from './holders.ts';
import { explainAbsence, withGaps, type SegmentSpan } from './spans.ts';

export interface SpanParts { database: Database; nodes: Nodes; now: () => Date }

/** Instants in milliseconds. `only`: these segments instead of those of the catalogue (a clip holds what its node found). */
export async function readSpans({ database, nodes, now }: SpanParts, camera: string, from: number, to: number, only: readonly SegmentSpan[] | null = null): Promise<RecordingSpans> {
  const [start, end] = [new Date(from), new Date(to)];
  const holders = await readHolders(database, camera, from, to);
  const parts = counted(holders, from, to);
  // What lies on a node that is away cannot be shown: it is a gap with that reason, until the node is back.
  const isAway = new Map([...holders.owners, ...parts].map(({ node }) => [node, nodes.isAway(node)]));
  const segments: SegmentSpan[] = only === null ? parts.filter(({ node }) => isAway.get(node) !== true) : [...only];
  const first = (await database.query<{ first: Date | null }>('SELECT min(starts) AS first FROM segments WHERE camera = $1', [camera])).rows[0]?.first ?? null;
  // What a node says while it does not have the camera explains nothing.
  const states = (await database.query<{ at: Date; state: string; gap: GapReason | null; node: string }>(
    `(SELECT DISTINCT ON (node) at, state, gap, node FROM camera_states WHERE camera = $1 AND at <= $2 ORDER BY node, at DESC) UNION ALL (SELECT at, state, gap, node FROM camera_states WHERE camera = $1 AND at > $2 AND at < $3) ORDER BY at`, [camera, start, end])).rows
    .filter((row) => holders.owners.length === 0 || ownerAt(holders.owners, row.at.getTime()) === row.node);
  const gone = await database.query<{ starts: Date; ends: Date; why: string }>("SELECT starts, ends, deleted_reason AS why FROM segments WHERE camera = $1 AND deleted_reason IN ('expired', 'quota', 'space', 'disk_replaced') AND ends > $2 AND starts < $3 AND starts > $4 ORDER BY starts", [camera, start, end, new Date(from - LONGEST_SEGMENT)]);
  const growing = only === null ? await growingSpan({ database, nodes }, camera, segments) : null;
  if (growing) segments.push(growing);
  const spans = withGaps(camera, segments, states.map((row) => ({ at: row.at.getTime(), state: row.state, gap: row.gap })), from, to, now().getTime(), [first?.getTime(), growing?.starts, only?.[0]?.starts].reduce<number | null>((least, at) => (at === undefined ? least : Math.min(least ?? at, at)), null),
    gone.rows.map((row) => ({ starts: row.starts.getTime(), ends: row.ends.getTime(), reason: row.why === 'space' ? 'no_room' : row.why === 'disk_replaced' ? 'disk_away' : 'expired' })));
  const absent = parts.filter(({ node }) => isAway.get(node) === true);
  const owner = holders.owners.at(-1)?.node;
  // What it records meanwhile it tells when it is back.
  if (owner !== undefined && isAway.get(owner) === true) absent.push({ node: owner, starts: Math.max(from, holders.owners.at(-1)?.since ?? from, ...parts.map((one) => one.ends)), ends: Math.min(to, now().getTime()) });
  return explainAbsence(spans, only === null ? absent : [], holders.moves.filter((move) => move.why === 'node_away').map((move) => ({ at: move.at, isAway: isAway.get(move.from) === true })));
}

/** The segment that is being written is in no journal yet: it reaches from the last one to the last frame. */
async function growingSpan({ database, nodes }: Pick<SpanParts, 'database' | 'nodes'>, camera: string, spans: readonly SegmentSpan[]): Promise<SegmentSpan | null> {
  const record = await readCamera(database, camera);
  const said = record ? nodes.cameraState(record.node, camera) : null;
  if (!said?.recording || said.lastFrameAt === null) return null;
  const last = spans.reduce((end, span) => Math.max(end, span.ends), Date.parse(said.since));
  const ends = Date.parse(said.lastFrameAt);
  // Segments are a minute long: more than two behind means that something else is wrong, and is shown as a gap.
  return ends - last < 150_000 ? { starts: Math.max(last, Date.parse(said.since)), ends } : null;
}
