/** A sign of life on disk, so that the next start knows until when the last one recorded. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Heartbeat { atMs: number; state: 'running' | 'stopped' }
const FILE = 'heartbeat.json';

export async function readHeartbeat(directory: string): Promise<Heartbeat | null> {
  try {
    const { at, state } = JSON.parse(await readFile(join(directory, FILE), 'utf8')) as { at: string; state: string };
    const atMs = Date.parse(at);
    return Number.isFinite(atMs) ? { atMs, state: state === 'stopped' ? 'stopped' : 'running' } : null;
  } catch { return null; }
}

export async function writeHeartbeat(directory: string, { atMs, state }: Heartbeat): Promise<void> {
  const temporary = join(directory, `${FILE}.new`);
  await writeFile(temporary, JSON.stringify({ at: new Date(atMs).toISOString(), state }));
  await rename(temporary, join(directory, FILE));
}
