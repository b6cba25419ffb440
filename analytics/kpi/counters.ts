/**
 * The counters that every figure is a sum or a ratio of. A state contributes to (unit, day, procedure, channel);
 * ingest adds contribution(after) − contribution(before), so that duplicates, late and shuffled events leave them equal
 * to a recomputation from nothing.
 */
export const COUNTERS = [
  'received', 'resolved', 'resolvedEarly', 'resolvedOnTime', 'resolvedLate', 'refused', 'withdrawn', 'entered', 'left',
  'receivedOnline', 'channelKnown', 'digitized', 'digitizedKnown', 'electronicResult', 'electronicResultKnown',
  'feeRequired', 'paidOnline', 'outOfBoundary', 'apologies',
  'ticketsIssued', 'ticketsServed', 'ticketsNoShow', 'waits', 'waitSeconds',
  'responses', 'satisfied', 'dissatisfied', 'dissatisfiedByFault',
  'casesReceived', 'casesResolved', 'casesResolvedOnTime', 'casesRated', 'casesSatisfied',
] as const;
export type Counter = (typeof COUNTERS)[number];
export type Counts = Partial<Record<Counter, number>>;

export interface Contribution { unit: string; day: number; procedure: string | null; channel: string | null; counts: Counts }

/** Who has the work of a code since when, beginning with the unit that the code named on that day: one, unless units with a life passed it on (analytics/unit/history.ts). */
export type Holders = (code: string, day: number) => readonly { code: string; from: number }[];
export const holderOn = (chain: ReturnType<Holders>, day: number): string => chain.findLast((one) => one.from <= day)?.code ?? chain[0]?.code ?? '';

/** after − before, by place; places where nothing changed are left out. */
export function difference(before: readonly Contribution[], after: readonly Contribution[]): Contribution[] {
  const places = new Map<string, Contribution>();
  const add = (sign: 1 | -1) => (part: Contribution) => {
    const key = JSON.stringify([part.unit, part.day, part.procedure, part.channel]);
    let place = places.get(key);
    if (!place) places.set(key, (place = { ...part, counts: {} }));
    for (const name of Object.keys(part.counts) as Counter[]) place.counts[name] = (place.counts[name] ?? 0) + sign * (part.counts[name] ?? 0);
  };
  before.forEach(add(-1));
  after.forEach(add(1));
  return [...places.values()].filter((place) => Object.values(place.counts).some((value) => value !== 0));
}

/** Null for nothing counted: no data is never drawn as zero. */
export function rate(numerator: number, denominator: number): number | null {
  return denominator > 0 ? numerator / denominator : null;
}
