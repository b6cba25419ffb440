/**
 * An administrator says that the empty disk where the recordings were is the one to record on from now on. What was
 * recorded stays on the disk of before; the numbers of the journal go on after those that the centre has.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { NewDisk } from '#contract/mediaNode.ts';
import { judgeDisk, MARKER, type DiskPlace } from './disk.ts';
import { partName } from './journal.ts';
import { readSpace } from './space.ts';

/** Faults: the disk is in use, is not there, holds something, or takes no writing. */
export async function acceptDisk(place: DiskPlace, journalUpTo: number): Promise<NewDisk> {
  const { root, node, identity } = place;
  const state = await judgeDisk(place);
  if (state === 'ready' || state === 'read_only') throw new Fault('disk_in_use', `the disk is ${state}`);
  const names = await readdir(root).catch(() => { throw new Fault('disk_not_there'); });
  for (const name of names) {
    // Of a file system itself, or of an acceptance that was interrupted.
    if (name === 'lost+found' || (/^journal-\d{12}\.ndjson$/.test(name) && (await stat(join(root, name))).size === 0)) continue;
    throw new Fault('disk_not_empty');
  }
  const before = await readFile(identity, 'utf8').then((text) => (JSON.parse(text) as { disk?: string }).disk ?? null).catch(() => null);
  const disk = randomUUID();
  const text = JSON.stringify({ node, disk });
  try {
    await writeFile(join(root, partName(journalUpTo + 1)), '', { mode: 0o600 });
    await writeFile(`${identity}.new`, text, { mode: 0o600 });
    await rename(`${identity}.new`, identity);
    // Last: from here on it is the disk.
    await writeFile(join(root, MARKER), text, { mode: 0o600, flag: 'wx' });
  } catch { throw new Fault('disk_in_use', 'the disk takes no writing'); }
  const space = await readSpace(root);
  return { disk, before, freeBytes: space?.freeBytes ?? null, totalBytes: space?.totalBytes ?? null };
}
