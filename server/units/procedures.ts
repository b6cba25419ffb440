/** The configured procedures as a table, for lists that ask which of them are offered online. Those no longer configured stay out of it. */
import type { Procedure } from '#config/schema.ts';
import type { Database } from '../database/pool.ts';

export async function loadProcedures(database: Database, procedures: readonly Procedure[]): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query('DELETE FROM procedures WHERE code <> ALL($1)', [procedures.map((one) => one.code)]);
    await connection.query(
      `INSERT INTO procedures (code, name, online, fee) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
       ON CONFLICT (code) DO UPDATE SET name = excluded.name, online = excluded.online, fee = excluded.fee`,
      [procedures.map((one) => one.code), procedures.map((one) => one.name), procedures.map((one) => one.online), procedures.map((one) => one.feeRequired)]);
  });
}
