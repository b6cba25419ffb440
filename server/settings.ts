/** Small facts that the centre keeps about itself. */
import type { Queryable } from './database/pool.ts';

export async function readSetting<T>(database: Queryable, name: string): Promise<T | null> {
  const row = (await database.query<{ value: T }>('SELECT value FROM settings WHERE name = $1', [name])).rows[0];
  return row?.value ?? null;
}

export async function writeSetting(database: Queryable, name: string, value: unknown): Promise<void> {
  await database.query('INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = now()', [name, JSON.stringify(value)]);
}
