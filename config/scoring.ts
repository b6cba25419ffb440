/** Rules of scoring (config/scoring/*.yaml), versioned by effective date as the law is. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EXPLAINABLE } from '#contract/vocabulary.ts';
import { indicatorSource, type Indicator, type IndicatorSource } from './indicators.ts';

const text = z.string().min(1);
const bilingual = z.strictObject({ vi: text, en: text });
const date = z.iso.date();
const steps = z.array(z.strictObject({ at: z.number().min(0), points: z.number().min(0) })).min(1).refine((all) => all.every((step, i) => i === 0 || step.at < (all[i - 1]?.at ?? 0)), 'steps go from the highest down');

export const scoringRule = z.discriminatedUnion('kind', [
  /** Points grow with the share, full from `full` on. */
  z.strictObject({ kind: z.literal('proportional'), full: z.number().gt(0).max(1) }),
  z.strictObject({ kind: z.literal('steps'), steps }),
  /** The steps are shares of the target that binds the unit. */
  z.strictObject({ kind: z.literal('against_target'), steps }),
]);
export type ScoringRule = z.infer<typeof scoringRule>;

/** What of this could not be compared with the text of the law; shown wherever the score is. */
const unchecked = bilingual.nullable().default(null);

const item = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9.]{1,12}$/), name: bilingual, note: bilingual.nullable().default(null), unchecked, max: z.number().min(0).default(0), rule: scoringRule.default({ kind: 'proportional', full: 1 }),
  /** Either an indicator of the catalogue, or a source of its own; `report`: the id under which a reported one is sent. */
  indicator: text.nullable().default(null), source: indicatorSource.nullable().default(null), report: text.nullable().default(null),
}).refine((one) => (one.indicator === null) !== (one.source === null), 'needs one of «indicator» and «source»').refine((one) => one.source?.kind !== 'reported' || one.report !== null, 'a reported source needs «report»');

export const scoringFileFor = (indicators: readonly Pick<Indicator, 'id' | 'measure'>[]) => z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{3,40}$/), version: text, name: bilingual, document: text, effective: z.strictObject({ from: date, to: date.nullable() }).refine(({ from, to }) => to === null || to >= from, 'ends before it begins'),
  needsSignature: z.boolean(), unchecked, bands: z.array(z.strictObject({ id: z.enum(['excellent', 'good', 'fair', 'average', 'weak']), from: z.number().min(0).max(1) })).min(1),
  /** The list whose length is the volume: units below the minimum are not ranked. */
  volume: z.enum(EXPLAINABLE),
  groups: z.array(z.strictObject({ id: text, name: bilingual, items: z.array(item).min(1) })).min(1),
}).superRefine(({ groups }, context) => {
  const seen = new Set<string>();
  for (const [g, { items }] of groups.entries()) {
    for (const [i, one] of items.entries()) {
      const issue = (key: string, message: string) => { context.addIssue({ code: 'custom', path: ['groups', g, 'items', i, key], message }); };
      if (seen.has(one.id)) issue('id', `«${one.id}» stands here twice`);
      seen.add(one.id);
      const measure = indicators.find((known) => known.id === one.indicator)?.measure;
      if (one.indicator !== null && measure === undefined) issue('indicator', `«${one.indicator}» is not in indicators.yaml`);
      if (measure !== undefined && measure !== 'share') issue('indicator', `«${one.indicator ?? ''}» is no share`);
      if (one.source && !['share', 'procedures', 'units', 'coverage', 'cameras', 'reported'].includes(one.source.kind)) issue('source', `«${one.source.kind}» gives no share`);
      if (one.rule.kind !== 'proportional' && one.rule.steps.some((step) => step.points > one.max)) issue('rule', 'a step gives more than «max»');
    }
  }
});
type ScoringFile = z.infer<ReturnType<typeof scoringFileFor>>;
export interface ScoringItem { id: string; name: { vi: string; en: string }; note: { vi: string; en: string } | null; unchecked: { vi: string; en: string } | null; max: number; rule: ScoringRule; /** Under which id it is reported and targeted. */ measured: string; source: IndicatorSource; formula: { vi: string; en: string } | null }
export interface RuleSet extends Omit<ScoringFile, 'groups'> { /** Of everything that decides a score: a signature holds for this text only. */ fingerprint: string; max: number; groups: { id: string; name: { vi: string; en: string }; items: ScoringItem[] }[] }

/** The items with their sources looked up in the catalogue. */
export function ruleSetOf(file: ScoringFile, indicators: readonly Indicator[]): RuleSet {
  const groups = file.groups.map((group) => ({
    ...group, items: group.items.map(({ indicator, source, report, ...rest }): ScoringItem => {
      const known = indicators.find((one) => one.id === indicator);
      return { ...rest, measured: known?.id ?? report ?? rest.id, source: known?.source ?? (source as IndicatorSource), formula: known?.formula ?? null };
    }),
  }));
  // What is only said of a score, and decides nothing of it, ends no signature.
  const fingerprint = createHash('sha256').update(JSON.stringify({ ...file, groups }, (key, value: unknown) => (key === 'unchecked' || key === 'aside' ? undefined : value))).digest('hex').slice(0, 16);
  return { ...file, groups, fingerprint, max: groups.reduce((sum, group) => sum + group.items.reduce((own, one) => own + one.max, 0), 0) };
}
