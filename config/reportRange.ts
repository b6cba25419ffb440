/** Which ids POST /ingest/indicators knows, and what their values can be: from what the catalogue and the rules of scoring read them as. */
import type { Indicator } from './indicators.ts';
import type { RuleSet } from './scoring.ts';

export const REPORT_KINDS = ['share', 'amount'] as const;
/** `share`: 0..1. `amount`: not negative. */
export type ReportKind = (typeof REPORT_KINDS)[number];

const kindOf = ({ measure, source }: Pick<Indicator, 'measure' | 'source'>): ReportKind => (measure === 'share' && source.kind !== 'growth' ? 'share' : 'amount');

/** By id. What is not in it is unknown: it may be a figure that somebody defines later. */
export function reportKinds(indicators: readonly Indicator[], sets: readonly RuleSet[]): ReadonlyMap<string, ReportKind> {
  const kinds = new Map<string, ReportKind>(indicators.map((one) => [one.id, kindOf(one)]));
  const items = sets.flatMap((set) => set.groups.flatMap((group) => group.items));
  // An item of a score is a share.
  for (const item of items) if (item.source.kind === 'reported' && !kinds.has(item.measured)) kinds.set(item.measured, 'share');
  // A unit has it when it reports more than 0.
  for (const { source } of [...indicators, ...items]) if (source.kind === 'units' && source.reported !== null && !kinds.has(source.reported)) kinds.set(source.reported, 'amount');
  return kinds;
}

export const isPossible = (kind: ReportKind, value: number): boolean => value >= 0 && (kind === 'amount' || value <= 1);
