/** What somebody may still ask: so much at once, filled up again with time. Kept in memory; of those not seen for long it is full again anyway. */
import { Fault } from '#contract/faults.ts';

export interface Allowance { perSecond: number; atOnce: number }
const MOST_KNOWN = 20_000;

export function keepAllowance({ perSecond, atOnce }: Allowance, clock: () => number = () => performance.now()) {
  const left = new Map<string, { amount: number; at: number }>();
  return {
    spend(who: string, cost: number): void {
      const at = clock();
      let held = left.get(who);
      if (held === undefined) {
        // Whoever is full again need not be known.
        if (left.size >= MOST_KNOWN) for (const [name, one] of left) if (one.amount + ((at - one.at) / 1000) * perSecond >= atOnce) left.delete(name);
        if (left.size >= MOST_KNOWN) left.delete(left.keys().next().value ?? '');
        left.set(who, held = { amount: atOnce, at });
      }
      held.amount = Math.min(atOnce, held.amount + ((at - held.at) / 1000) * perSecond);
      held.at = at;
      if (held.amount < cost) throw new Fault('rate_limited', null, { retryAfter: Math.max(1, Math.ceil((cost - held.amount) / perSecond)) });
      held.amount -= cost;
    },
    known: () => left.size,
  };
}
