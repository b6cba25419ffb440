/** A camera as the API shows it: its row joined with what its node last said. Never a password. */
import type { CameraRow } from '#contract/camera.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';
import type { CameraRecord, Nodes } from './nodes.ts';

export function cameraRowOf(record: CameraRecord & { first?: Date | null }, nodes: Nodes, units: Units, forAdministrator: boolean): CameraRow {
  const node = nodes.of(record.node);
  const said = nodes.cameraState(record.node, record.id);
  const base = {
    id: record.id, unit: record.unit, unitName: units.nameOf(record.unit), counter: record.counter, name: record.name.trim() === '' ? record.id : record.name, position: record.position,
    url: forAdministrator ? record.url : null, subUrl: forAdministrator ? record.sub_url : null, username: forAdministrator ? record.username : null, hasPassword: record.password_sealed !== null, transport: record.transport,
    enabled: record.enabled, simulated: record.simulated !== null, recordingPolicy: record.recording, firstRecordedAt: record.first?.toISOString() ?? null,
    zones: record.zones, viewConfirmedAt: record.view_confirmed_at?.toISOString() ?? null,
    masks: record.masks ?? [], maskVersion: record.mask_version, masksInForce: record.masks === null || said?.maskVersion === record.mask_version,
  };
  const nothing = { bitrateKbps: null, frameRate: null, lastFrameAt: said?.lastFrameAt ?? null, recording: false, warnings: [], picture: null };
  if (!record.enabled) return { ...base, ...nothing, state: 'disabled', reason: 'disabled', since: said?.since ?? null };
  if (!node) return { ...base, ...nothing, state: said ? 'offline' : 'connecting', reason: said ? 'node_away' : 'starting', since: nodes.all().find((one) => one.id === record.node)?.seenAt.toISOString() ?? null };
  if (!said) return { ...base, ...nothing, state: 'connecting', reason: 'starting', since: null };
  return { ...base, state: said.state, reason: said.reason, since: said.since, bitrateKbps: said.bitrateKbps, frameRate: said.frameRate, lastFrameAt: said.lastFrameAt, recording: said.recording, warnings: said.picture?.warnings ?? [], picture: said.picture ?? null };
}

/** With the first moment that is recorded. */
export type CameraFirst = CameraRecord & { first: Date | null };

const FIRST = "(SELECT min(starts) FROM segments s WHERE s.camera = c.id AND s.deleted_at IS NULL) AS first";

export async function readCameras(database: Queryable, scope: readonly string[]): Promise<CameraFirst[]> {
  return (await database.query<CameraFirst>(`SELECT c.*, ${FIRST} FROM cameras c WHERE unit = ANY($1) ORDER BY unit, counter NULLS LAST, id`, [scope])).rows;
}

export async function readCamera(database: Queryable, id: string): Promise<CameraFirst | null> {
  return (await database.query<CameraFirst>(`SELECT c.*, ${FIRST} FROM cameras c WHERE id = $1`, [id])).rows[0] ?? null;
}
