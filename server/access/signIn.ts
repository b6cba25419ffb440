/** Sign-in: argon2id, the same answer for every wrong pair, and a growing wait instead of a lock-out. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '#contract/faults.ts';
import type { Database } from '../database/pool.ts';
import { verifyPassword } from './password.ts';

const FREE_TRIES = 4;
const LONGEST_WAIT = 15_000;
const FORGET_AFTER = 15 * 60_000;
/** More attempts than this at once from one address are turned away: each costs 19 MiB. */
const AT_ONCE = 4;

/** Failures by account and by address; whoever attacks one account from many addresses slows only that account. */
export class SlowDown {
  private readonly failures = new Map<string, { count: number; last: number }>();
  private readonly running = new Map<string, number>();
  private readonly now: () => Date;
  constructor(now: () => Date) { this.now = now; }

  waitFor(...keys: string[]): number {
    const worst = Math.max(...keys.map((key) => {
      const entry = this.failures.get(key);
      return entry && this.now().getTime() - entry.last < FORGET_AFTER ? entry.count : 0;
    }));
    return worst < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT, 500 * 2 ** (worst - FREE_TRIES));
  }
  failed(...keys: string[]): void {
    if (this.failures.size > 20_000) this.failures.clear();
    for (const key of keys) this.failures.set(key, { count: (this.failures.get(key)?.count ?? 0) + 1, last: this.now().getTime() });
  }
  succeeded(key: string): void { this.failures.delete(key); }
  /** Behind one address may be a whole office, or somebody with one account of his own who tries others: half is forgiven. */
  halve(key: string): void {
    const entry = this.failures.get(key);
    if (!entry) return;
    entry.count = Math.floor(entry.count / 2);
    if (entry.count === 0) this.failures.delete(key);
  }
  enter(address: string, atOnce = AT_ONCE): void {
    const count = this.running.get(address) ?? 0;
    if (count >= atOnce) throw new Fault('rate_limited', null, { retryAfter: 5 });
    this.running.set(address, count + 1);
  }
  leave(address: string): void {
    const count = (this.running.get(address) ?? 1) - 1;
    if (count <= 0) this.running.delete(address); else this.running.set(address, count);
  }
}

export async function checkPassword(database: Database, slowDown: SlowDown, username: string, password: string, address: string, now: Date): Promise<void> {
  slowDown.enter(address);
  try {
    const [account, from] = [`account ${username.toLowerCase()}`, `address ${address}`];
    const wait = slowDown.waitFor(account, from);
    if (wait > 0) await sleep(wait);
    const found = await database.query<{ password_hash: string | null; enabled: boolean }>('SELECT password_hash, enabled AND (ends_at IS NULL OR ends_at > $2) AS enabled FROM users WHERE username = $1', [username, now]);
    const row = found.rows[0];
    const right = await verifyPassword(row?.password_hash ?? null, password);
    if (!right || !row?.enabled) { slowDown.failed(account, from); throw new Fault('wrong_credentials'); }
    slowDown.succeeded(account);
    slowDown.halve(from);
  } finally {
    slowDown.leave(address);
  }
}
