/**
 * Files that no journal line names: cut off by a crash, or finished while nobody listened. What holds a whole fragment
 * is a recording and is journaled; the rest is removed, with a line that says so.
 */
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { indexFile } from '../playback/boxIndex.ts';
import type { Catalogue } from './catalogue.ts';
import { hashFile } from './hash.ts';
import type { NewEntry } from './journal.ts';

export const SEGMENT_FILE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[a-z0-9]{4,12}\.mp4$/;
const SMALLEST = 1024;
/** How far the end by the file's last write may be from the end by its name before the name is believed. */
const TRUSTED_MS = 5000;

export async function segmentFiles(directory: string): Promise<string[]> {
  try { return (await readdir(directory)).filter((one) => SEGMENT_FILE.test(one)).sort(); } catch { return []; }
}

/** The second that the file's name says, in UTC. */
export function nameMs(file: string): number {
  const [, year, month, day, hour, minute, second] = (SEGMENT_FILE.exec(file) ?? []).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

/**
 * Judges one file. The last fragment was written when it was complete, so the file's last change is the end of what it
 * shows; its name (the second of its opening) is the fallback, for files that were copied.
 */
export async function judgeFile(camera: string, directory: string, file: string, nowMs: number, knownFromMs: number | null): Promise<NewEntry | null> {
  const path = join(directory, file);
  const info = await stat(path).catch(() => null);
  if (info === null) return null;
  const index = info.size < SMALLEST ? null : await indexFile(path).catch(() => null);
  if (index === null || index.fragments.length === 0) {
    await unlink(path);
    return { type: 'deleted', camera, file, at: new Date(nowMs).toISOString(), reason: 'torn' };
  }
  const lengthMs = index.seconds * 1000;
  const byWrite = info.mtimeMs - lengthMs;
  const fromMs = knownFromMs ?? (Math.abs(byWrite - nameMs(file)) < TRUSTED_MS ? byWrite : nameMs(file));
  return {
    type: 'segment', camera, file, from: iso(fromMs), to: iso(fromMs + lengthMs), bytes: info.size,
    sha256: await hashFile(path), codec: index.codec,
  };
}

const iso = (ms: number): string => new Date(Math.round(ms)).toISOString();

/** All cameras of a node, before anything records. Also finds files that are journaled and gone. */
export async function sweep(root: string, catalogue: Catalogue, nowMs: number): Promise<NewEntry[]> {
  const entries: NewEntry[] = [];
  const directories = (await readdir(root, { withFileTypes: true })).filter((one) => one.isDirectory()).map((one) => one.name);
  for (const camera of new Set([...directories, ...catalogue.cameras()])) {
    const files = await segmentFiles(join(root, camera));
    const present = new Set(files);
    for (const file of files) {
      if (catalogue.has(camera, file)) continue;
      const entry = await judgeFile(camera, join(root, camera), file, nowMs, null);
      if (entry !== null) entries.push(entry);
    }
    for (const segment of catalogue.between(camera, -Infinity, Infinity)) {
      if (!present.has(segment.file)) entries.push({ type: 'deleted', camera, file: segment.file, at: iso(nowMs), reason: 'missing' });
    }
  }
  return entries;
}
