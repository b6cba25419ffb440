/** Pictures that are taken into the shift log: the newest that the node holds of a camera, with its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import { askNode } from '../cameras/askNode.ts';
import type { CameraFirst } from '../cameras/cameraRows.ts';
import { isCoveredSince, masksOf, mayLift, underMasks } from '../cameras/masks.ts';
import type { Nodes } from '../cameras/nodes.ts';
import type { Session } from '../access/session.ts';
import type { Database } from '../database/pool.ts';
import type { Shifts } from './shifts.ts';

export interface SnapshotRules { snapshotDays: number; snapshotKilobytes: number; snapshotsPerShift: number }
export interface SnapshotParts { nodes: Pick<Nodes, 'of'>; shifts: Shifts; rules: SnapshotRules; now: () => Date }

/** Returns the id of the entry. */
export async function takeSnapshot({ nodes, shifts, rules, now }: SnapshotParts, shift: string, camera: CameraFirst, who: string, purpose: string): Promise<string> {
  const node = nodes.of(camera.node);
  if (!node) throw new Fault('node_away', null, { retryAfter: 3 });
  const masks = masksOf(camera);
  const answer = await askNode(node, underMasks(masks, `/snapshot/${encodeURIComponent(camera.id)}`));
  const picture = Buffer.from(await answer.arrayBuffer());
  if (picture.length > rules.snapshotKilobytes * 1024) throw new Fault('snapshot_limit', `${picture.length} bytes; at most ${rules.snapshotKilobytes} kB`);
  const told = Date.parse(answer.headers.get('picture-at') ?? '');
  const pictureAt = Number.isNaN(told) ? now() : new Date(told);
  const sha256 = createHash('sha256').update(picture).digest('hex');
  const id = randomBytes(9).toString('hex');
  return await shifts.write(shift, who, { text: purpose, unit: camera.unit, camera: camera.id, snapshot: id }, async (connection) => {
    const taken = (await connection.query<{ n: number }>('SELECT count(*) AS n FROM shift_snapshots WHERE shift = $1', [shift])).rows[0]?.n ?? 0;
    if (taken >= rules.snapshotsPerShift) throw new Fault('snapshot_limit', `${taken} pictures in this shift`);
    await connection.query('INSERT INTO shift_snapshots (id, shift, unit, camera, camera_name, picture_at, taken_at, taken_by, purpose, bytes, sha256, picture, mask_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)',
      [id, shift, camera.unit, camera.id, camera.name, pictureAt, now(), who, purpose, picture.length, sha256, picture, masks?.version ?? 0]);
    await appendAudit(connection, { actor: who, action: 'snapshot.take', unit: camera.unit, subject: camera.id, purpose, detail: { snapshot: id, shift, pictureAt: pictureAt.toISOString(), bytes: picture.length, sha256 } }, now());
  });
}

/** Opening one is a look at a camera, and audited as such. One from before the masks of now takes the right to lift them, and a purpose. */
export async function openSnapshot(database: Database, id: string, session: Session, at: Date): Promise<Buffer> {
  const row = (await database.query<{ unit: string; camera: string; purpose: string; picture_at: Date; sha256: string; picture: Buffer | null; mask_version: number }>('SELECT unit, camera, purpose, picture_at, sha256, picture, mask_version FROM shift_snapshots WHERE id = $1', [id])).rows[0];
  if (!row) throw new Fault('not_found');
  const { picture } = row;
  if (picture === null) throw new Fault('snapshot_gone');
  const isLifted = await isCoveredSince(database, [row.camera], { [row.camera]: row.mask_version });
  if (isLifted && !mayLift(session)) throw new Fault('mask_right_required');
  if (isLifted && session.purpose === null) throw new Fault('purpose_required');
  await database.transaction(async (connection) => { await appendAudit(connection, { actor: session.username, action: 'snapshot.look', unit: row.unit, subject: row.camera, purpose: isLifted ? session.purpose?.text ?? null : row.purpose, detail: { snapshot: id, pictureAt: row.picture_at.toISOString(), sha256: row.sha256, ...(isLifted ? { unmasked: true } : {}) } }, at); });
  return picture;
}

/** The pictures go after their time; who took them, when, why and the hash stay. */
export async function dropPastSnapshots(database: Database, days: number, at: Date): Promise<number> {
  return (await database.query("UPDATE shift_snapshots SET picture = NULL WHERE picture IS NOT NULL AND taken_at < $1::timestamptz - $2::float8 * interval '1 day'", [at, days])).rowCount ?? 0;
}
