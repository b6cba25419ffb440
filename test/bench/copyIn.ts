/** COPY … FROM STDIN over the driver's own protocol: what is sent is all there beforehand, so that only COPY is timed. */
import type pg from 'pg';

/** The part of the driver's connection that COPY uses; its types do not name it. */
interface CopyConnection { query(text: string): void; sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void; sendCopyFail(message: string): void }

class CopyIn {
  constructor(text: string, chunks: readonly Buffer[], done: (error: Error | null, rows: number) => void) { this.#text = text; this.#chunks = chunks; this.#done = done; }
  readonly #text: string;
  readonly #chunks: readonly Buffer[];
  readonly #done: (error: Error | null, rows: number) => void;
  #rows = 0;
  #failed = false;

  submit(connection: CopyConnection): void { connection.query(this.#text); }
  handleCopyInResponse(connection: CopyConnection): void {
    for (const chunk of this.#chunks) connection.sendCopyFromChunk(chunk);
    connection.endCopyFrom();
  }
  handleCommandComplete(message: { text: string }): void { this.#rows = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0); }
  handleError(error: Error): void { this.#failed = true; this.#done(error, 0); }
  handleReadyForQuery(): void { if (!this.#failed) this.#done(null, this.#rows); }
  handleRowDescription(): void { /* COPY has no rows to give */ }
  handleDataRow(): void { /* the same */ }
  handlePortalSuspended(): void { /* the same */ }
  handleEmptyQuery(): void { /* the same */ }
  handleCopyData(): void { /* the same */ }
}

/** Rows written, after commit. */
export async function copyIn(client: pg.Client, text: string, chunks: readonly Buffer[]): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    client.query(new CopyIn(text, chunks, (error, rows) => { if (error) reject(error); else resolve(rows); }) as unknown as pg.Submittable);
  });
}

/** A field in COPY's text form. */
export const copyField = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r');

/** Lines gathered to pieces of about 64 kB, as a driver's stream would send them. */
export function chunksOf(lines: readonly string[], size = 65_536): Buffer[] {
  const chunks: Buffer[] = [];
  let gathered = '';
  for (const line of lines) {
    gathered += line;
    if (gathered.length >= size) { chunks.push(Buffer.from(gathered)); gathered = ''; }
  }
  if (gathered !== '') chunks.push(Buffer.from(gathered));
  return chunks;
}
