/** The connection pool, and the one place where PostgreSQL's errors become ours. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Fault } from '#contract/faults.ts';
import { copyText } from './copyText.ts';

// Counts are far below 2^53; a bigint as text would be added as text somewhere.
pg.types.setTypeParser(20, Number);
// A date is a day of the calendar, not an instant: keep its text.
pg.types.setTypeParser(1082, (text) => text);

export type Row = Record<string, unknown>;
/** What a query needs: the pool, or one connection within a transaction. */
export interface Queryable {
  query<R extends Row = Row>(text: string, values?: unknown[]): Promise<{ rows: R[]; rowCount: number | null }>;
}
/** One connection within a transaction. */
export interface Connection extends Queryable {
  /** Many rows, faster than any INSERT: `into` as «table (columns)», each row the texts of its fields. */
  copy(into: string, rows: readonly (readonly string[])[]): Promise<void>;
}
export interface Database extends Queryable {
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** Classes of SQLSTATE that mean «the database is away or going», so that the caller may try again. */
const AWAY = /^(08|57P|53|25006)/;
const AWAY_ERRNO = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

export function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: string }).code ?? '';
  const away = AWAY.test(code) || AWAY_ERRNO.has(code) || /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/.test(error.message);
  return away ? new Fault('database_away', null, { retryAfter: 5 }, error) : error;
}

/** `patience`: milliseconds after which a silent server is given up; it is told to give up itself a little sooner. */
export function openPool(url: string, onError: (error: Error) => void, { size = 12, patience = 35_000 }: { size?: number; patience?: number } = {}): Database {
  // A server that no longer answers at all is noticed by our own clock, just after the one it keeps itself.
  const pool = new pg.Pool({ connectionString: url, max: size, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 30_000, statement_timeout: Math.round(patience * 0.85), query_timeout: patience, keepAlive: true, application_name: 'toan-canh' });
  // An idle connection that breaks must not end the process: the next query opens another.
  pool.on('error', onError);
  return {
    async query<R extends Row>(text: string, values: unknown[] = []) {
      try { return await pool.query<R>(text, values); } catch (error) { throw translate(error); }
    },
    async transaction(work) {
      const client = await pool.connect().catch((error: unknown) => { throw translate(error); });
      let broken = false;
      // The pool hears the errors of idle connections only: one that breaks while it is ours must not end the process.
      const lost = () => { broken = true; };
      client.on('error', lost);
      try {
        await client.query('BEGIN');
        const result = await work({
          query: async <R extends Row>(text: string, values: unknown[] = []) => client.query<R>(text, values),
          copy: async (into, rows) => {
            const stream = client.query(copyFrom(`COPY ${into} FROM STDIN`));
            // It may say twice that the connection is gone; the second time nobody would listen any more.
            stream.on('error', lost);
            await pipeline(Readable.from(copyText(rows), { objectMode: false }), stream);
          },
        });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // When the server is away the connection is not to be trusted with a ROLLBACK either.
        if (translate(error) !== error) broken = true;
        else await client.query('ROLLBACK').catch(() => { broken = true; });
        throw translate(error);
      } finally {
        client.off('error', lost);
        client.release(broken);
      }
    },
    async end() { await pool.end(); },
  };
}
