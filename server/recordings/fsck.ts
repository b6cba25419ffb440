/**
 * Every recording of a node against the catalogue and the journal: size, hash, chain, what is missing, what nobody lists.
 * Files are only read. To repair is to make the catalogue anew from the journal, which is the truth; no file is touched.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { chainText } from '#contract/chain.ts';
import { journalEntry, type JournalEntry } from '#contract/node.ts';
import { catalogue } from '../cameras/nodes.ts';
import type { Database } from '../database/pool.ts';

export const FSCK_FAULTS = ['missing', 'size', 'hash', 'unlisted', 'chain', 'not_catalogued', 'not_journaled', 'differs', 'journal_torn'] as const;
export interface FsckFault { kind: (typeof FSCK_FAULTS)[number]; camera: string; file: string; detail: string }
export interface FsckResult { files: number; bytes: number; faults: FsckFault[]; /** Told by the node and not yet by us, or being written. */ pending: number; repaired: number }
export interface FsckOrder { node: string; /** `DATA_DIR/recordings/<node>` */ directory: string; repair: boolean; now: Date; progress?: (done: number, total: number) => void }

type SegmentEntry = Extract<JournalEntry, { type: 'segment' }>;
const SEGMENT_FILE = /^\d{8}T\d{6}Z-[a-z0-9]{4,12}\.mp4$/;
/** A file that was changed since is being written, or its journal line is on its way. */
const FRESH_MS = 180_000;

export async function fsckRecordings(database: Database, { node, directory, repair, now, progress }: FsckOrder): Promise<FsckResult> {
  if (!existsSync(directory)) throw new Error(`${directory} is not there: is the disk mounted, and is this the machine of the node «${node}»?`);
  const faults: FsckFault[] = [];
  const fault = (kind: FsckFault['kind'], camera: string, file: string, detail: string) => { faults.push({ kind, camera, file, detail }); };
  const { entries, torn } = await readJournal(directory);
  for (const name of torn) fault('journal_torn', '', name, 'a line in the middle cannot be read');
  const rows = (await database.query<{ camera: string; file: string; bytes: number; sha256: string; starts: Date; ends: Date; previous: string | null; chain: string | null; deleted_at: Date | null }>('SELECT camera, file, bytes, sha256, starts, ends, previous, chain, deleted_at FROM segments WHERE node = $1 ORDER BY camera, starts', [node])).rows;
  const upTo = (await database.query<{ journal_up_to: number }>('SELECT journal_up_to FROM media_nodes WHERE id = $1', [node])).rows[0]?.journal_up_to ?? 0;
  const key = (camera: string, file: string) => `${camera}/${file}`;
  const live = new Map<string, SegmentEntry>();
  for (const entry of entries) {
    if (entry.type === 'segment') live.set(key(entry.camera, entry.file), entry);
    if (entry.type === 'deleted') live.delete(key(entry.camera, entry.file));
  }
  const listed = new Map(rows.filter((row) => row.deleted_at === null).map((row) => [key(row.camera, row.file), row]));
  const result: FsckResult = { files: 0, bytes: 0, faults, pending: 0, repaired: 0 };

  // What the centre has not been told yet is no difference.
  const told = new Map(entries.flatMap((entry) => (entry.type === 'state' ? [] : [[key(entry.camera, entry.file), entry.seq <= upTo] as const])));
  for (const [name, entry] of live) {
    const row = listed.get(name);
    if (told.get(name) === false) { result.pending += 1; continue; }
    if (!row) fault('not_catalogued', entry.camera, entry.file, 'in the journal, not in the catalogue');
    else if (row.sha256 !== entry.sha256 || row.bytes !== entry.bytes || row.starts.getTime() !== Date.parse(entry.from) || row.ends.getTime() !== Date.parse(entry.to)) fault('differs', entry.camera, entry.file, 'the catalogue says something else than the journal');
  }
  for (const [name, row] of listed) if (!live.has(name) && told.get(name) !== false) fault('not_journaled', row.camera, row.file, 'in the catalogue, not in the journal');

  // The files themselves, by what the journal says, or the catalogue where the journal says nothing.
  const expected = new Map([...[...listed].map(([name, row]) => [name, { camera: row.camera, file: row.file, bytes: row.bytes, sha256: row.sha256 }] as const), ...live]);
  for (const one of expected.values()) {
    progress?.(result.files, expected.size);
    result.files += 1;
    const path = join(directory, one.camera, one.file);
    const size = (await stat(path).catch(() => null))?.size ?? null;
    if (size === null) { fault('missing', one.camera, one.file, 'the file is not there'); continue; }
    result.bytes += size;
    if (size !== one.bytes) { fault('size', one.camera, one.file, `${size} bytes, should be ${one.bytes}`); continue; }
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (hash.digest('hex') !== one.sha256) fault('hash', one.camera, one.file, 'the content was changed');
  }
  for (const camera of (await readdir(directory, { withFileTypes: true })).filter((one) => one.isDirectory()).map((one) => one.name)) {
    for (const file of (await readdir(join(directory, camera))).filter((one) => SEGMENT_FILE.test(one) && !expected.has(key(camera, one)))) {
      const info = await stat(join(directory, camera, file)).catch(() => null);
      if (info !== null && now.getTime() - info.mtimeMs < FRESH_MS) result.pending += 1;
      else if (info !== null) fault('unlisted', camera, file, 'no line names it; the node takes it up at its next start');
    }
  }

  checkChain(entries.filter((entry): entry is SegmentEntry => entry.type === 'segment'), fault);
  checkCatalogueChain(rows.filter((row) => row.chain !== null).map((row) => ({ ...row, from: row.starts.toISOString(), to: row.ends.toISOString() })), fault);

  if (repair) {
    await database.transaction(async (connection) => {
      await connection.query('SELECT FROM media_nodes WHERE id = $1 FOR UPDATE', [node]);
      await catalogue(connection, node, entries.filter((entry) => entry.type === 'deleted' || live.has(entry.type === 'segment' ? key(entry.camera, entry.file) : '') || entry.type === 'state'));
      await connection.query('UPDATE segments SET deleted_at = NULL, deleted_reason = NULL WHERE node = $1 AND deleted_at IS NOT NULL AND (camera, file) IN (SELECT * FROM unnest($2::text[], $3::text[]))', [node, [...live.values()].map((one) => one.camera), [...live.values()].map((one) => one.file)]);
      const gone = await connection.query("UPDATE segments SET deleted_at = $4, deleted_reason = 'missing' WHERE node = $1 AND deleted_at IS NULL AND NOT (camera, file) IN (SELECT * FROM unnest($2::text[], $3::text[]))", [node, [...live.values()].map((one) => one.camera), [...live.values()].map((one) => one.file), now]);
      result.repaired = faults.filter((one) => one.kind === 'not_catalogued' || one.kind === 'differs').length + (gone.rowCount ?? 0);
    });
  }
  return result;
}

async function readJournal(directory: string): Promise<{ entries: JournalEntry[]; torn: string[] }> {
  const entries: JournalEntry[] = [];
  const torn: string[] = [];
  for (const name of (await readdir(directory)).filter((one) => /^journal-\d{12}\.ndjson$/.test(one)).sort()) {
    // What stands behind the last end of line is being written.
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n').slice(0, -1);
    for (const line of lines) {
      let entry;
      try { entry = journalEntry.safeParse(JSON.parse(line)); } catch { entry = null; }
      if (entry?.success) entries.push(entry.data); else { torn.push(name); break; }
    }
  }
  return { entries, torn };
}

type Fault = (kind: FsckFault['kind'], camera: string, file: string, detail: string) => void;

/** In the order of the journal each names the one before. */
function checkChain(segments: readonly SegmentEntry[], fault: Fault): void {
  const heads = new Map<string, string>();
  for (const one of segments) {
    if (one.chain === undefined) { if (heads.has(one.camera)) fault('chain', one.camera, one.file, 'the journal entry has no chain value'); continue; }
    if (createHash('sha256').update(chainText(one.previous ?? '', one)).digest('hex') !== one.chain) fault('chain', one.camera, one.file, 'the journal entry is not what its chain value says');
    const before = heads.get(one.camera);
    if (before !== undefined && one.previous !== before) fault('chain', one.camera, one.file, 'the journal entry before it is missing or another');
    heads.set(one.camera, one.chain);
  }
}

interface Row { camera: string; file: string; from: string; to: string; sha256: string; previous: string | null; chain: string | null }
/** The catalogue also knows what was deleted since: there each chain has one beginning. */
function checkCatalogueChain(rows: readonly Row[], fault: Fault): void {
  const values = new Set(rows.map((row) => `${row.camera} ${row.chain}`));
  for (const row of rows) {
    if (createHash('sha256').update(chainText(row.previous ?? '', row)).digest('hex') !== row.chain) fault('chain', row.camera, row.file, 'the catalogue is not what its chain value says');
    if (row.previous !== null && row.previous !== '' && !values.has(`${row.camera} ${row.previous}`)) fault('chain', row.camera, row.file, 'the segment before it is in no catalogue');
  }
}
