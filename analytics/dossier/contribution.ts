/** What a dossier's state contributes to the counters. */
import { dayOf, type Zone } from '../time/localDay.ts';
import { holderOn, type Contribution, type Counts, type Holders } from '../kpi/counters.ts';
import type { DossierState } from './fold.ts';
import { resolution } from './outcome.ts';

/**
 * Counted on the day of the happening: received, resolved, refused, withdrawn, apologies. Counted with the receipt: the
 * channel, digitisation, fee and payment, «out of boundary». Counted with the resolution: the electronic result.
 * `entered` and `left` are the two ends of being pending: their running sum is what is pending at the end of a day.
 * `holders`: where units have a life, each happening counts for who had the work on its day, and an open dossier leaves one
 * unit and enters the other on the day of the change.
 */
export function contribution(state: DossierState | null, zone: Zone, holders?: Holders): Contribution[] {
  if (!state || state.unit === null) return [];
  const byDay = new Map<number, Counts>();
  const on = (instant: number): Counts => {
    const day = dayOf(instant, zone);
    let counts = byDay.get(day);
    if (!counts) byDay.set(day, (counts = {}));
    return counts;
  };
  const one = (counts: Counts, name: keyof Counts, when = true) => { if (when) counts[name] = (counts[name] ?? 0) + 1; };

  if (state.receivedAt !== null) {
    const counts = on(state.receivedAt);
    one(counts, 'received');
    one(counts, 'entered');
    one(counts, 'channelKnown', state.channel !== null);
    one(counts, 'receivedOnline', state.channel === 'online_full' || state.channel === 'online_partial');
    one(counts, 'digitizedKnown', state.facts.digitized !== undefined);
    one(counts, 'digitized', state.facts.digitized === true);
    one(counts, 'feeRequired', state.facts.feeRequired === true);
    one(counts, 'paidOnline', state.facts.feeRequired === true && state.facts.paidOnline === true);
    one(counts, 'outOfBoundary', state.receivingUnit !== null && state.receivingUnit !== state.unit);
    if (state.closedAt !== null) one(on(Math.max(state.closedAt, state.receivedAt)), 'left');
  }
  if (state.resolvedAt !== null) {
    const counts = on(state.resolvedAt);
    const how = resolution(state.resolvedAt, state.dueAt, zone);
    one(counts, 'resolved');
    one(counts, how === 'early' ? 'resolvedEarly' : how === 'late' ? 'resolvedLate' : 'resolvedOnTime');
    one(counts, 'electronicResultKnown', state.facts.electronicResult !== undefined);
    one(counts, 'electronicResult', state.facts.electronicResult === true);
  }
  if (state.refusedAt !== null) one(on(state.refusedAt), 'refused');
  if (state.withdrawnAt !== null) one(on(state.withdrawnAt), 'withdrawn');
  for (const at of state.apologies) one(on(at), 'apologies');

  const { unit, procedure, channel } = state;
  const own = [...byDay].map(([day, counts]) => ({ unit, day, procedure, channel, counts }));
  const chain = holders?.(unit, dayOf(state.receivedAt ?? state.lastAt, zone));
  if (!chain || chain.every((one) => one.code === unit)) return own;
  const [since, until] = [state.receivedAt === null ? Infinity : dayOf(state.receivedAt, zone), state.closedAt === null ? Infinity : dayOf(state.closedAt, zone)];
  const handed = chain.slice(1).flatMap(({ code, from }, i): Contribution[] => (since < from && from <= until && chain[i]?.code !== code
    ? [{ unit: chain[i]?.code ?? unit, day: from, procedure, channel, counts: { left: 1 } }, { unit: code, day: from, procedure, channel, counts: { entered: 1 } }] : []));
  return [...own.map((part) => ({ ...part, unit: holderOn(chain, part.day) })), ...handed];
}
