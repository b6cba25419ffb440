/**
 * Pairing: a screen shows six digits, an operator types them. The digits only name the screen before the operator's eyes;
 * the token goes to whoever holds the secret that came with them. Pending ones are held in memory: after a restart of the
 * centre the screen shows new digits by itself.
 */
import { randomInt } from 'node:crypto';
import { Fault } from '#contract/faults.ts';
import { randomToken, sameSecret, sha256 } from '../access/seal.ts';

const LIVES = 10 * 60_000;
/** Claims of an approved one are answered for as long: the first answer may be lost on its way. */
const MAX_PENDING = 200;
const OF_ADDRESS = { count: 12, within: 60_000 };
const WRONG = { count: 8, within: 10 * 60_000 };

/** `taken`: an operator is approving it. */
interface Pending { code: Buffer; secret: Buffer; expires: number; taken: boolean; approved: { token: string } | null }

/** So many within a span, by key; the oldest keys are forgotten first. */
class Bucket {
  private readonly seen = new Map<string, number[]>();
  private readonly limit: { count: number; within: number };
  constructor(limit: { count: number; within: number }) { this.limit = limit; }
  private recent(key: string, now: number): number[] { return (this.seen.get(key) ?? []).filter((at) => now - at < this.limit.within); }
  check(key: string, now: number): void {
    const recent = this.recent(key, now);
    if (recent.length >= this.limit.count) throw new Fault('rate_limited', null, { retryAfter: Math.ceil(((recent[0] ?? now) + this.limit.within - now) / 1000) });
  }
  note(key: string, now: number): void {
    const recent = [...this.recent(key, now), now];
    this.seen.delete(key);
    this.seen.set(key, recent);
    if (this.seen.size > 10_000) this.seen.delete(this.seen.keys().next().value ?? '');
  }
}

export class Pairing {
  private pending: Pending[] = [];
  private readonly asked = new Bucket(OF_ADDRESS);
  private readonly wrong = new Bucket(WRONG);
  private readonly now: () => Date;
  constructor(now: () => Date) { this.now = now; }

  private living(): Pending[] {
    const at = this.now().getTime();
    this.pending = this.pending.filter((one) => one.expires > at);
    return this.pending;
  }
  begin(address: string): { code: string; secret: string; expiresAt: string } {
    const at = this.now().getTime();
    this.asked.check(address, at);
    this.asked.note(address, at);
    const living = this.living();
    if (living.length >= MAX_PENDING) throw new Fault('rate_limited', 'too many screens wait', { retryAfter: 60 });
    let code = '';
    do code = String(randomInt(1_000_000)).padStart(6, '0'); while (living.some((one) => sameSecret(one.code, sha256(code))));
    const secret = randomToken();
    living.push({ code: sha256(code), secret: sha256(secret), expires: at + LIVES, taken: false, approved: null });
    return { code, secret, expiresAt: new Date(at + LIVES).toISOString() };
  }
  /** Every pending one is compared, in the same time; somebody who guesses is stopped. */
  take(account: string, code: string): { approve(token: string): void; giveBack(): void } {
    const at = this.now().getTime();
    this.wrong.check(account, at);
    const wanted = sha256(code);
    let found: Pending | null = null;
    for (const one of this.living()) if (sameSecret(one.code, wanted) && !one.taken) found = one;
    if (found === null) { this.wrong.note(account, at); throw new Fault('pairing_code'); }
    const one = found;
    one.taken = true;
    return { approve(token) { one.approved = { token }; }, giveBack() { one.taken = false; } };
  }
  /** Null while nobody has approved; unknown or expired is a fault. */
  claim(secret: string): string | null {
    const wanted = sha256(secret);
    const one = this.living().find((pending) => sameSecret(pending.secret, wanted));
    if (!one) throw new Fault('pairing_code');
    return one.approved?.token ?? null;
  }
}
