/** Rows by COPY: exactly as they were, whatever is in them; a server that goes away in the middle is an error, not the end of the process. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool, type Database } from '#server/database/pool.ts';
import { startUnsteadyDatabase, type UnsteadyDatabase } from '../support/unsteadyDatabase.ts';

const NASTY = ['\\N', '\\.', 'a\\tb', 'tab\there', 'line\nbreak', 'return\rhere', '', 'Đồng Nai', '{"a": "b\\\\c"}', '😀', "it's", '"quoted"', '\\', 'ends with \\'];
let unsteady: UnsteadyDatabase;
let database: Database;
const surprises: unknown[] = [];
const surprise = (error: unknown) => { surprises.push(error); };
beforeAll(async () => {
  unsteady = await startUnsteadyDatabase();
  database = openPool(unsteady.url, () => undefined, { size: 3, patience: 1_500 });
  await database.query('CREATE TABLE copied (n integer, text text)');
  process.on('uncaughtException', surprise).on('unhandledRejection', surprise);
});
afterAll(async () => { process.off('uncaughtException', surprise).off('unhandledRejection', surprise); await database?.end(); await unsteady?.end(); });
const rows = (count: number) => Array.from({ length: count }, (_, i) => [String(i), 'x'.repeat(200)]);

describe('COPY', () => {
  it('writes every text as it is', async () => {
    await database.transaction(async (connection) => { await connection.copy?.('copied (n, text)', NASTY.map((text, i) => [String(i), text])); });
    expect((await database.query<{ text: string }>('SELECT text FROM copied ORDER BY n')).rows.map((row) => row.text)).toEqual(NASTY);
  });
  it('that is refused takes the transaction back, and the database serves on', async () => {
    await expect(database.transaction(async (connection) => { await connection.copy?.('copied (n, text)', [['1', 'good'], ['no number', 'bad']]); })).rejects.toThrow(/integer/);
    expect((await database.query<{ n: number }>('SELECT count(*)::int AS n FROM copied')).rows[0]?.n).toBe(NASTY.length);
  });
  it('over a road that is blocked, closed, or closed in the middle is an error and nothing more', async () => {
    for (const trouble of ['freeze', 'close', 'later'] as const) {
      await expect(database.transaction(async (connection) => {
        await connection.query('SELECT 1');
        if (trouble === 'freeze') unsteady.freeze();
        else if (trouble === 'close') await unsteady.close();
        else setTimeout(() => { void unsteady.close(); }, 5);
        await connection.copy?.('copied (n, text)', rows(trouble === 'later' ? 200_000 : 10));
        await connection.query('SELECT 1');
      })).rejects.toMatchObject({ code: 'database_away' });
      await unsteady.open();
    }
    await new Promise((resolve) => { setTimeout(resolve, 2_500); });
    expect(surprises).toEqual([]);
    expect((await database.query<{ n: number }>('SELECT count(*)::int AS n FROM copied')).rows[0]?.n).toBe(NASTY.length);
  }, 60_000);
});
