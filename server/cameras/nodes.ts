/**
 * Media nodes, seen from the centre: their reports, their orders, and the catalogue made from their journals. A node is
 * away when it has not reported for 10 s; its cameras are then «offline» with the reason that the node is away.
 */
import { randomBytes } from 'node:crypto';
import type { NodeCamera, NodeOrders, NodeReport, JournalEntry } from '#contract/node.ts';
import type { MaskShapes, PictureOrders, Zones } from '#contract/picture.ts';
import type { CameraPosition, RecordingPolicy, CameraTransport } from '#contract/vocabulary.ts';
import { Fault } from '#contract/faults.ts';
import { randomToken, sameSecret, sha256, type Seal } from '../access/seal.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { readOrderedHolds } from './heldRanges.ts';
import type { RecordingRules } from './recordingRules.ts';

export const NODE_AWAY_AFTER = 10_000;

export interface NodeState { id: string; gateway: string; secret: string; report: NodeReport; seenAt: Date }

export interface CameraRecord extends Record<string, unknown> {
  id: string; unit: string; counter: string | null; name: string; position: CameraPosition; url: string | null; sub_url: string | null; username: string | null;
  password_sealed: Buffer | null; transport: CameraTransport; enabled: boolean; simulated: { scene: CameraPosition; seed: number } | null; node: string; recording: RecordingPolicy;
  zones: Zones | null; view_confirmed_at: Date | null; masks: MaskShapes | null; mask_version: number;
}

export interface Nodes {
  /** Creates the node if it is not there; its secret, in both cases. */
  ensure(id: string): Promise<string>;
  admit(id: string | undefined, authorization: string | undefined): Promise<string>;
  report(report: NodeReport): Promise<NodeOrders>;
  journal(node: string, entries: readonly JournalEntry[]): Promise<number>;
  /** The node that serves a camera, if it is there. */
  of(node: string): NodeState | null;
  cameraState(node: string, camera: string): NodeCamera | null;
  all(): readonly NodeState[];
  /** True of a node that was there and is not; false also of one that never was. */
  isAway(node: string): boolean;
  /** Any node that is there, this one first. */
  any(first: string): NodeState | null;
  /** Its key was revoked: it is not believed and not asked any more. */
  forget(node: string): void;
  /** What nodes must know next time: a ticket whose right has ended. */
  revoke(ticket: string): void;
  ticketKeyOf(node: string): string;
}

export interface NodeParts { database: Database; seal: Seal; now: () => Date; orders: { cameraNetworks: readonly string[]; retentionDays: number; transcodings: number; zone: string; picture: PictureOrders; recording: RecordingRules }; unitName: (code: string) => string; changed: () => void }

export function openNodes({ database, seal, now, orders, unitName, changed }: NodeParts): Nodes {
  const states = new Map<string, NodeState>();
  const startedAt = now().getTime();
  /** Nodes that had reported before this start of the centre. */
  const before = new Set<string>();
  const rememberBefore = database.query<{ id: string }>('SELECT id FROM media_nodes WHERE seen_at IS NOT NULL').then(({ rows }) => { for (const row of rows) before.add(row.id); }, () => undefined);
  const secrets = new Map<string, string>();
  const revoked = new Map<string, number>();
  // A new key with each start of the centre: tickets of an earlier life are worth nothing.
  const ticketKeys = new Map<string, string>();
  const ticketKeyOf = (node: string) => {
    let key = ticketKeys.get(node);
    if (key === undefined) ticketKeys.set(node, (key = randomToken()));
    return key;
  };

  return {
    async ensure(id) {
      await rememberBefore;
      const found = (await database.query<{ secret_sealed: Buffer | null }>('SELECT secret_sealed FROM media_nodes WHERE id = $1', [id])).rows[0];
      const secret = found?.secret_sealed ? seal.open(found.secret_sealed) : randomBytes(32).toString('base64url');
      if (!found) await database.query('INSERT INTO media_nodes (id, secret_sealed, secret_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [id, seal.close(secret), sha256(secret), now()]);
      secrets.set(id, secret);
      return secret;
    },
    async admit(id, authorization) {
      const secret = /^Bearer ([\w-]{20,100})$/.exec(authorization ?? '')?.[1];
      if (id === undefined || secret === undefined) throw new Fault('unauthenticated');
      const found = (await database.query<{ secret_hash: Buffer | null; revoked_at: Date | null }>('SELECT secret_hash, revoked_at FROM media_nodes WHERE id = $1', [id])).rows[0];
      if (!found?.secret_hash || !sameSecret(found.secret_hash, sha256(secret))) throw new Fault('unauthenticated');
      // Told only to who has the key: it stops what it does for this centre.
      if (found.revoked_at) throw new Fault('node_revoked');
      secrets.set(id, secret);
      return id;
    },
    async report(report) {
      const before = states.get(report.node);
      states.set(report.node, { id: report.node, gateway: report.gateway, secret: secrets.get(report.node) ?? '', report, seenAt: now() });
      const row = (await database.query<{ journal_up_to: number }>('UPDATE media_nodes SET gateway = $2, seen_at = $3, fit = $4 WHERE id = $1 RETURNING journal_up_to', [report.node, report.gateway, now(), report.storage === null || report.storage.state === 'ready'])).rows[0];
      if (!before || summary(before.report) !== summary(report)) changed();
      const holds = await readOrderedHolds(database, report.node);
      const cameras = await database.query<CameraRecord>('SELECT * FROM cameras WHERE node = $1 ORDER BY id', [report.node]);
      const left = await database.query<{ id: string; position: CameraPosition }>('SELECT DISTINCT c.id, c.position FROM camera_nodes h JOIN cameras c ON c.id = h.camera WHERE h.node = $1 AND c.node <> $1', [report.node]);
      for (const [ticket, until] of revoked) if (until < now().getTime()) revoked.delete(ticket);
      return {
        cameras: cameras.rows.map((camera) => ({
          id: camera.id, url: camera.url, subUrl: camera.sub_url, username: camera.username, password: camera.password_sealed ? seal.open(camera.password_sealed) : null,
          transport: camera.transport, enabled: camera.enabled, record: camera.recording !== 'off', hours: camera.recording === 'working_hours' ? orders.recording.nameOf(camera.unit) : null, keep: orders.recording.keepOf(camera.position),
          simulated: camera.simulated ? { ...camera.simulated, label: unitName(camera.unit) } : null,
          picture: { confirmedAt: camera.view_confirmed_at?.toISOString() ?? null, zones: camera.zones },
          masks: { version: camera.mask_version, shapes: camera.masks ?? [] },
        })),
        kept: Object.fromEntries(left.rows.map((camera) => [camera.id, orders.recording.keepOf(camera.position)])),
        cameraNetworks: [...orders.cameraNetworks], retentionDays: orders.retentionDays, hours: Object.fromEntries([...new Set(cameras.rows.filter((camera) => camera.recording === 'working_hours').map((camera) => orders.recording.nameOf(camera.unit)))].map((name) => [name, orders.recording.hours(name, now())])), holds, transcodings: orders.transcodings, zone: orders.zone, picture: orders.picture,
        ticketKey: ticketKeyOf(report.node), revoked: [...revoked.keys()], journalUpTo: row?.journal_up_to ?? 0,
      };
    },
    async journal(node, entries) {
      return await database.transaction(async (connection) => {
        const row = (await connection.query<{ journal_up_to: number; own: boolean }>('SELECT journal_up_to, secret_sealed IS NOT NULL AS own FROM media_nodes WHERE id = $1 FOR UPDATE', [node])).rows[0];
        const held = row?.journal_up_to ?? 0;
        const fresh = entries.filter((entry) => entry.seq > held);
        // A node on another machine speaks of cameras that it has or had.
        const had = row?.own ? null : new Set((await connection.query<{ camera: string }>('SELECT DISTINCT camera FROM camera_nodes WHERE node = $1', [node])).rows.map(({ camera }) => camera));
        await catalogue(connection, node, had === null ? fresh : fresh.filter((entry) => had.has(entry.camera)));
        const upTo = fresh.reduce((highest, entry) => Math.max(highest, entry.seq), held);
        await connection.query('UPDATE media_nodes SET journal_up_to = $2 WHERE id = $1', [node, upTo]);
        return upTo;
      });
    },
    of(node) {
      const state = states.get(node);
      return state && now().getTime() - state.seenAt.getTime() < NODE_AWAY_AFTER ? state : null;
    },
    cameraState(node, camera) { return states.get(node)?.report.cameras.find((one) => one.id === camera) ?? null; },
    all: () => [...states.values()],
    isAway(node) {
      const state = states.get(node);
      return state ? now().getTime() - state.seenAt.getTime() >= NODE_AWAY_AFTER : before.has(node) && now().getTime() - startedAt >= NODE_AWAY_AFTER;
    },
    any(first) { return [first, ...states.keys()].map((id) => this.of(id)).find((one) => one !== null) ?? null; },
    forget(node) { states.delete(node); secrets.delete(node); before.add(node); ticketKeys.delete(node); },
    revoke(ticket) { revoked.set(ticket, now().getTime() + 10 * 60_000); },
    ticketKeyOf,
  };
}

/** What a screen would see differently. */
const summary = (report: NodeReport) => JSON.stringify(report.cameras.map((camera) => [camera.id, camera.state, camera.reason, camera.recording, camera.picture?.warnings, camera.maskVersion]));

/** Cameras that were deleted meanwhile keep their recordings' rows: the files are still there until they expire. */
export async function catalogue(connection: Queryable, node: string, entries: readonly JournalEntry[]): Promise<void> {
  const segments = entries.filter((entry) => entry.type === 'segment');
  if (segments.length > 0) {
    await connection.query(
      `INSERT INTO segments (camera, starts, ends, node, file, bytes, sha256, codec, previous, chain) SELECT camera, starts, ends, $1, file, bytes, sha256, codec, previous, chain
       FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[]) AS s(camera, starts, ends, file, bytes, sha256, codec, previous, chain)
       ON CONFLICT (camera, file) DO UPDATE SET starts = excluded.starts, ends = excluded.ends, bytes = excluded.bytes, sha256 = excluded.sha256, previous = excluded.previous, chain = excluded.chain WHERE segments.node = excluded.node`,
      [node, segments.map((s) => s.camera), segments.map((s) => s.from), segments.map((s) => s.to), segments.map((s) => s.file), segments.map((s) => s.bytes), segments.map((s) => s.sha256), segments.map((s) => s.codec), segments.map((s) => s.previous ?? null), segments.map((s) => s.chain ?? null)]);
  }
  for (const entry of entries) {
    if (entry.type === 'state') await connection.query('INSERT INTO camera_states (camera, at, state, gap, node) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (camera, at, node) DO UPDATE SET state = excluded.state, gap = excluded.gap', [entry.camera, entry.at, entry.state, entry.gap, node]);
    if (entry.type === 'deleted') await connection.query('UPDATE segments SET deleted_at = $3, deleted_reason = $4 WHERE camera = $1 AND file = $2 AND node = $5', [entry.camera, entry.file, entry.at, entry.reason, node]);
  }
}
