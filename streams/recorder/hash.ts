/** SHA-256 of a finished segment; it was just written, so it is read from memory. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** A segment in a dozen pieces: each is a way to another thread and back, which takes longer than the hash where others wait too. */
const PIECE = 1024 * 1024;

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: PIECE }), hash);
  return hash.digest('hex');
}
