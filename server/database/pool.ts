/** The connection pool, and the one place where PostgreSQL's errors become ours. */
import { Socket } from 'node:net';
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
/**
 * One connection within a transaction. Statements run in the order in which they were given; one that fails ends the
 * transaction, also when nobody waited for it.
 */
export interface Connection extends Queryable {
  /** Many rows, faster than any INSERT: `into` as «table (columns)», each row the texts of its fields. Null in a brisk transaction. */
  copy: ((into: string, rows: readonly (readonly string[])[]) => Promise<void>) | null;
}
export interface Database extends Queryable {
  /**
   * `brisk`: for few rows. Statements go to the server without waiting for the answer of the one before, and their plans
   * are kept there: what costs most for few rows is the way there and back, and the planning.
   */
  transaction<T>(work: (connection: Connection) => Promise<T>, manner?: 'brisk'): Promise<T>;
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

/** A plan kept on a connection that a change of its table has made useless, or that is not there: only a new connection plans anew. */
const isStale = (error: unknown): boolean => error instanceof Error && ['0A000', '26000'].includes((error as { code?: string }).code ?? '');

/** `patience`: milliseconds after which a silent server is given up; it is told to give up itself a little sooner. */
export function openPool(url: string, onError: (error: Error) => void, { size = 12, patience = 35_000 }: { size?: number; patience?: number } = {}): Database {
  // A server that no longer answers at all is noticed by our own clock, just after the one it keeps itself.
  const options = { connectionString: url, max: size, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 30_000, statement_timeout: Math.round(patience * 0.85), query_timeout: patience, keepAlive: true, application_name: 'toan-canh' };
  const pool = new pg.Pool(options);
  const brisk = new pg.Pool({ ...options, max: Math.ceil(size / 3), pipeline: true, stream: () => new GatheringSocket() } as pg.PoolConfig);
  // An idle connection that breaks must not end the process: the next query opens another.
  pool.on('error', onError);
  brisk.on('error', onError);
  return {
    async query<R extends Row>(text: string, values: unknown[] = []) {
      try { return await pool.query<R>(text, values); } catch (error) { throw translate(error); }
    },
    async transaction(work, manner) {
      const client = await (manner === 'brisk' ? brisk : pool).connect().catch((error: unknown) => { throw translate(error); });
      let broken = false;
      // The pool hears the errors of idle connections only: one that breaks while it is ours must not end the process.
      const lost = () => { broken = true; };
      client.on('error', lost);
      const steps = manner === 'brisk' ? sentAtOnce(client, lost) : oneByOne(client, lost);
      try {
        void steps.query('BEGIN');
        const result = await work(steps);
        await steps.commit();
        return result;
      } catch (error) {
        await steps.abandon();
        // When the server is away the connection is not to be trusted with a ROLLBACK either; nor with its plans, when one of them is no more.
        if (translate(error) !== error || isStale(error)) broken = true;
        else await client.query('ROLLBACK').catch(() => { broken = true; });
        throw translate(error);
      } finally {
        client.off('error', lost);
        client.release(broken);
      }
    },
    async end() { await Promise.all([pool.end(), brisk.end()]); },
  };
}

/** What is written in one turn of the event loop leaves in one piece: each write to the system costs as much as a statement. */
class GatheringSocket extends Socket {
  #gathering = false;
  override write(data: string | Uint8Array, ...rest: unknown[]): boolean {
    if (!this.#gathering) {
      this.#gathering = true;
      this.cork();
      process.nextTick(() => { this.#gathering = false; this.uncork(); });
    }
    return super.write(data, ...rest as []);
  }
}

/** `abandon`: nothing is sent any more; what was not waited for must not run after the ROLLBACK, outside of the transaction. */
interface Steps extends Connection { commit(): Promise<void>; abandon(): Promise<void> }
const abandoned = (): never => { throw new Error('the transaction is over'); };
const unheard = () => undefined;

/** Each statement is sent when the one before is answered. */
function oneByOne(client: pg.PoolClient, lost: () => void): Steps {
  let last: Promise<unknown> = Promise.resolve();
  let failed: { error: unknown } | null = null;
  let over = false;
  const after = async <T>(step: () => Promise<T>): Promise<T> => {
    const done = last.then(async () => await (over ? abandoned() : step()));
    last = done.catch((error: unknown) => { failed ??= { error }; });
    return await done;
  };
  const query = <R extends Row>(text: string, values: unknown[] = []) => watched(after(async () => await client.query<R>(text, values)));
  return {
    query,
    copy: (into, rows) => watched(after(async () => {
      const stream = client.query(copyFrom(`COPY ${into} FROM STDIN`));
      // It may say twice that the connection is gone; the second time nobody would listen any more.
      stream.on('error', lost);
      await pipeline(Readable.from(copyText(rows), { objectMode: false }), stream);
    })),
    async commit() {
      await last;
      if (failed) throw failed.error;
      await query('COMMIT');
    },
    async abandon() { over = true; await last; },
  };
}

/** All statements are on their way at once; the server answers them in order, and after one that fails refuses the rest and the COMMIT. */
function sentAtOnce(client: pg.PoolClient, lost: () => void): Steps {
  const sent: Promise<unknown>[] = [];
  let over = false;
  let failed: { error: unknown } | null = null;
  const query = <R extends Row>(text: string, values: unknown[] = []) => {
    if (over) abandoned();
    let sending = true;
    const answer = watched(new Promise<pg.QueryResult<R>>((resolve, reject) => {
      client.query<R>(values.length === 0 ? { text } : { text, values, name: planName(text) }, (error: Error | null, result) => {
        if (!error) { resolve(result); return; }
        failed ??= { error };
        // A value that cannot be written fails on this side: the server has heard of no failure, and the driver takes the plan for kept.
        if (sending) lost();
        reject(error);
      });
    }));
    sending = false;
    sent.push(answer);
    return answer;
  };
  return {
    query, copy: null,
    async commit() {
      if (failed) throw failed.error;
      void query('COMMIT');
      await Promise.all(sent);
    },
    async abandon() { over = true; await Promise.allSettled(sent); },
  };
}

/** A failure that nobody waits for is heard at the end of the transaction, not by the process. */
function watched<T>(promise: Promise<T>): Promise<T> {
  promise.catch(unheard);
  return promise;
}

/** Statements under a name are planned once a connection. Their texts are ours and few; should they not be, the rest is planned each time. */
const planNames = new Map<string, string>();
const MOST_PLANS = 300;
function planName(text: string): string | undefined {
  const known = planNames.get(text);
  if (known !== undefined || planNames.size >= MOST_PLANS) return known;
  const name = `toan-canh-${planNames.size + 1}`;
  planNames.set(text, name);
  return name;
}
