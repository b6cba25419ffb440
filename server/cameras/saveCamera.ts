/** A new camera written: the one way, for the form, the file and the shell. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { cameraCreate } from '#contract/camera.ts';
import { Fault } from '#contract/faults.ts';
import { appendAudit } from '../audit/append.ts';
import type { Seal } from '../access/seal.ts';
import type { Database } from '../database/pool.ts';
import { checkAddress } from './address.ts';
import { keepId, ownId } from './cameraIds.ts';
import { nodeForNew } from './placement.ts';

export interface SaveParts { database: Database; seal: Seal; now: () => Date; cameraNetworks: readonly string[]; rootUnit: string; /** In place of asking for each address when its turn comes. */ checkAddress?: (url: string | null | undefined) => Promise<void> }
/** Who saves: within which units, and whether as the whole province. */
export interface Saver { username: string; unit: string; scope: ReadonlySet<string> }
export type NewCamera = z.output<typeof cameraCreate>;

/** What can be judged without writing: the addresses, and whether the id is free. Gives the id that it would get. */
export async function checkNewCamera({ database, cameraNetworks, rootUnit, checkAddress: check = (url) => checkAddress(url, cameraNetworks) }: Pick<SaveParts, 'database' | 'cameraNetworks' | 'rootUnit' | 'checkAddress'>, saver: Saver, camera: NewCamera): Promise<string> {
  await check(camera.url);
  await check(camera.subUrl);
  if (camera.id === undefined) return `cam-${randomBytes(4).toString('hex')}`;
  const holder = (await database.query<{ unit: string }>('SELECT unit FROM camera_ids WHERE id = $1', [camera.id])).rows[0];
  // Whether a thing of another unit exists is not told.
  return holder === undefined || saver.scope.has(holder.unit) || saver.unit === rootUnit ? camera.id : ownId(camera.unit, camera.id);
}

export async function saveNewCamera(parts: SaveParts, saver: Saver, camera: NewCamera): Promise<string> {
  const { database, seal, now } = parts;
  const id = await checkNewCamera(parts, saver, camera);
  await database.transaction(async (connection) => {
    await keepId(connection, id, camera.unit);
    const made = await connection.query(
      `INSERT INTO cameras (id, unit, counter, name, position, url, sub_url, username, password_sealed, enabled, transport, recording, node, created_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$14,$13) ON CONFLICT DO NOTHING`,
      [id, camera.unit, camera.counter ?? null, camera.name, camera.position, camera.url, camera.subUrl ?? null, camera.username ?? null, camera.password ? seal.close(camera.password) : null, camera.enabled, camera.transport, camera.recording, now(), await nodeForNew(connection, camera.unit, now())]);
    if (made.rowCount === 0) throw new Fault('conflict', 'a camera with this id exists');
    // Recordings under this id may be there from before: what was covered in them stays covered.
    await connection.query('UPDATE cameras c SET masks = CASE WHEN m.shapes = \'[]\' THEN NULL ELSE m.shapes END, mask_version = m.version FROM (SELECT shapes, version FROM camera_masks WHERE camera = $1 ORDER BY version DESC LIMIT 1) m WHERE c.id = $1', [id]);
    await appendAudit(connection, { actor: saver.username, action: 'camera.create', unit: camera.unit, subject: id, detail: { name: camera.name } }, now());
  });
  return id;
}
