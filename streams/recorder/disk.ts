/**
 * Whether the disk under the recordings is the one that this node records on. The folder carries a marker with the disk's
 * own id; beside it, in the node's data folder, stands which id it was. An empty mount point, another node's disk and a
 * disk that takes no writing are told apart, and none of them is written to.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type DiskState = 'ready' | 'away' | 'foreign' | 'read_only';
export interface DiskPlace { root: string; node: string; /** Where the id is kept that the disk had. */ identity: string }

export const MARKER = 'node.json';
const PROBE = '.probe';

const readJson = async (path: string): Promise<{ node?: unknown; disk?: unknown } | 'absent' | 'unreadable'> => {
  let text;
  try { text = await readFile(path, 'utf8'); } catch (error) { return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'unreadable'; }
  try { return JSON.parse(text) as { node?: unknown; disk?: unknown }; } catch { return 'unreadable'; }
};
const isReadOnly = (error: unknown): boolean => ['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Whether the marked disk is there at this moment. Asked before each write that opens a name: a look every two seconds may be two seconds old. */
export async function isOurDisk({ root, node, identity }: DiskPlace): Promise<boolean> {
  const [kept, marker] = [await readJson(identity), await readJson(join(root, MARKER))];
  return typeof kept === 'object' && typeof marker === 'object' && marker.node === node && typeof marker.disk === 'string' && marker.disk === kept.disk;
}

/** Of a node that never recorded, makes the folder and marks it; a disk with this node's marker and no kept id is taken over. */
export async function judgeDisk({ root, node, identity }: DiskPlace): Promise<DiskState> {
  const [kept, marker] = [await readJson(identity), await readJson(join(root, MARKER))];
  try {
    if (marker === 'unreadable') return 'foreign';
    if (marker === 'absent') {
      // It recorded before, and where it recorded is not here.
      if (kept !== 'absent') return 'away';
      await mkdir(root, { recursive: true, mode: 0o700 });
      const disk = randomUUID();
      await writeFile(join(root, MARKER), JSON.stringify({ node, disk }), { mode: 0o600, flag: 'wx' });
      await writeFile(identity, JSON.stringify({ node, disk }), { mode: 0o600 });
      return 'ready';
    }
    if (marker.node !== node || typeof marker.disk !== 'string') return 'foreign';
    if (kept === 'absent') await writeFile(identity, JSON.stringify({ node, disk: marker.disk }), { mode: 0o600 });
    else if (kept === 'unreadable' || kept.disk !== marker.disk) return 'foreign';
    // A full disk takes no byte either, but then there is no fault: the space is watched elsewhere.
    await writeFile(join(root, PROBE), '').catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error; });
    await rm(join(root, PROBE), { force: true });
    await readdir(root);
    return 'ready';
  } catch (error) { return isReadOnly(error) ? 'read_only' : 'away'; }
}
