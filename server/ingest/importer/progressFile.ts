/** `<file>.import.json`: how far an import came, so that a run after a kill goes on there. Gone when the import is complete. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { problem } from './texts.ts';

const count = z.int().min(0);
const progressShape = z.strictObject({
  /** Of the file, the mapping, the kind of data and the centre: another of them is another import. */
  of: z.string(),
  /** Every row up to this one was acknowledged by the centre, or refused and reported. */
  row: count, reportBytes: count,
  totals: z.strictObject({ rows: count, events: count, accepted: count, duplicates: count, refused: count }),
});
export type Progress = z.infer<typeof progressShape>;

/** Null when there is none, or none that can be read. */
export function readProgress(path: string): Progress | null {
  try { return progressShape.parse(JSON.parse(readFileSync(path, 'utf8'))); } catch { return null; }
}

/** Whole or not at all: a kill in the middle leaves the one before. */
export function writeProgress(path: string, progress: Progress): void {
  try {
    writeFileSync(`${path}.tmp`, `${JSON.stringify(progress)}\n`);
    renameSync(`${path}.tmp`, path);
  } catch (error) { throw problem('write', path, (error as NodeJS.ErrnoException).code ?? String(error)); }
}

export function dropProgress(path: string): void {
  for (const one of [path, `${path}.tmp`]) rmSync(one, { force: true });
}

export async function importId(files: readonly string[], more: readonly string[]): Promise<string> {
  const all = createHash('sha256').update(JSON.stringify(more));
  for (const file of files) {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
    all.update(hash.digest());
  }
  return all.digest('hex');
}
