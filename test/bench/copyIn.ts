/** COPY … FROM STDIN: what is sent is all there beforehand, so that only COPY is timed. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Rows written, after commit. */
export async function copyIn(client: pg.Client, text: string, pieces: readonly Buffer[]): Promise<number> {
  const copy = client.query(copyFrom(text));
  await pipeline(Readable.from(pieces, { objectMode: false }), copy);
  return copy.rowCount;
}
