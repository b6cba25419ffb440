/** A brisk transaction sends its statements without waiting; it must be a transaction all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool, type Database } from '#server/database/pool.ts';
import { startUnsteadyDatabase, type UnsteadyDatabase } from '../support/unsteadyDatabase.ts';

let unsteady: UnsteadyDatabase;
let database: Database;
const surprises: unknown[] = [];
const surprise = (error: unknown) => { surprises.push(error); };
beforeAll(async () => {
  unsteady = await startUnsteadyDatabase();
  database = openPool(unsteady.url, () => undefined, { size: 3, patience: 1_500 });
  await database.query('CREATE TABLE brisk (n integer PRIMARY KEY, text text)');
  process.on('uncaughtException', surprise).on('unhandledRejection', surprise);
});
afterAll(async () => { process.off('uncaughtException', surprise).off('unhandledRejection', surprise); await database?.end(); await unsteady?.end(); });
const numbers = async () => (await database.query<{ n: number }>('SELECT n FROM brisk ORDER BY n')).rows.map((row) => row.n);
const INSERT = 'INSERT INTO brisk (n) VALUES ($1)';

describe('a brisk transaction', () => {
  it('does its statements in their order and sees what it wrote', async () => {
    const seen = await database.transaction(async (connection) => {
      void connection.query(INSERT, [1]);
      void connection.query(INSERT, [2]);
      return (await connection.query<{ n: number }>('SELECT count(*)::int AS n FROM brisk WHERE n > $1', [0])).rows[0]?.n;
    }, 'brisk');
    expect(seen).toBe(2);
    expect(await numbers()).toEqual([1, 2]);
  });
  for (const manner of ['brisk', undefined] as const) {
    it(`ends with the error of a statement that nobody waited for, and keeps nothing (${manner ?? 'one by one'})`, async () => {
      await expect(database.transaction(async (connection) => {
        void connection.query(INSERT, [3]);
        void connection.query(INSERT, [1]);
        await Promise.resolve();
      }, manner)).rejects.toThrow(/duplicate key/);
      expect(await numbers()).toEqual([1, 2]);
    });
    it(`ends with the error of the work itself, and keeps nothing (${manner ?? 'one by one'})`, async () => {
      await expect(database.transaction(async (connection) => {
        void connection.query(INSERT, [4]);
        await Promise.resolve();
        throw new Error('the work');
      }, manner)).rejects.toThrow('the work');
      expect(await numbers()).toEqual([1, 2]);
    });
  }
  it('gives the connection back fit for the next', async () => {
    for (let n = 10; n < 30; n += 1) {
      const failing = database.transaction(async (connection) => { void connection.query(INSERT, [n]); await connection.query(INSERT, [n % 2 === 0 ? 1 : n + 1_000]); }, 'brisk');
      await (n % 2 === 0 ? expect(failing).rejects.toThrow(/duplicate key/) : failing);
    }
    expect((await numbers()).filter((n) => n >= 10 && n < 30)).toEqual([11, 13, 15, 17, 19, 21, 23, 25, 27, 29]);
  });
  it('keeps nothing when a value cannot even be sent, and the next finds the statement as before', async () => {
    const unwritable = { toPostgres() { throw new Error('cannot be written'); } };
    const ECHO = 'SELECT $1::text AS echo';
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(database.transaction(async (connection) => {
        void connection.query(INSERT, [100]);
        void connection.query(ECHO, [unwritable]);
        await Promise.resolve();
      }, 'brisk')).rejects.toThrow('cannot be written');
      expect(await numbers()).not.toContain(100);
      expect(await database.transaction(async (connection) => (await connection.query(ECHO, ['here'])).rows, 'brisk')).toEqual([{ echo: 'here' }]);
    }
  });
  it('goes on after a table of its plans was changed', async () => {
    const look = () => database.transaction(async (connection) => Object.keys((await connection.query('SELECT * FROM brisk WHERE n = $1', [1])).rows[0] ?? {}), 'brisk');
    expect(await look()).toEqual(['n', 'text']);
    await database.query('ALTER TABLE brisk ADD COLUMN later integer');
    await look().catch(() => undefined);
    expect(await look()).toEqual(['n', 'text', 'later']);
  });
  it('over a road that is blocked or closed is an error and nothing more', async () => {
    const before = await numbers();
    for (const trouble of ['freeze', 'close'] as const) {
      await expect(database.transaction(async (connection) => {
        await connection.query(INSERT, [5_000]);
        if (trouble === 'freeze') unsteady.freeze(); else await unsteady.close();
        void connection.query(INSERT, [5_001]);
        await connection.query('SELECT 1');
      }, 'brisk')).rejects.toMatchObject({ code: 'database_away' });
      await unsteady.open();
    }
    await new Promise((resolve) => { setTimeout(resolve, 2_000); });
    expect(surprises).toEqual([]);
    expect(await numbers()).toEqual(before);
  }, 60_000);
});
