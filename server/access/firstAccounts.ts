/** The first administrator of a new database, and, in a simulated province, one account for each of the other roles. */
import type { Database } from '../database/pool.ts';
import type { Role } from '#contract/vocabulary.ts';
import { hashPassword, randomPassword } from './password.ts';

export interface FirstAccount { username: string; roles: Role[]; /** Null when it was given by the environment: it is not repeated. */ password: string | null }

/** Returns the accounts that were made; their passwords are shown once and never again. */
export async function makeFirstAccounts(database: Database, { rootUnit, adminPassword, demo, at }: { rootUnit: string; adminPassword: string | null; demo: boolean; at: Date }): Promise<FirstAccount[]> {
  if ((await database.query('SELECT 1 FROM users LIMIT 1')).rowCount !== 0) return [];
  const accounts: FirstAccount[] = [{ username: 'admin', roles: ['admin', 'operator', 'leader', 'inspector'], password: adminPassword === null ? randomPassword() : null }];
  if (demo) accounts.push({ username: 'operator', roles: ['operator'], password: randomPassword() }, { username: 'leader', roles: ['leader'], password: randomPassword() }, { username: 'inspector', roles: ['inspector'], password: randomPassword() });
  for (const account of accounts) {
    await database.query('INSERT INTO users (username, password_hash, roles, unit, created_at, grace_from) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING', [account.username, await hashPassword(account.password ?? adminPassword ?? ''), account.roles, rootUnit, at]);
  }
  return accounts;
}
