/** The catalogue of indicators (config/indicators.yaml) and the rules of scoring both say what they count as a «source». */
import { z } from 'zod';
import { EXPLAINABLE } from '#contract/vocabulary.ts';

const text = z.string().min(1);
const bilingual = z.strictObject({ vi: text, en: text });
const list = z.enum(EXPLAINABLE);
const levels = z.array(text).min(1);
const told = z.enum(['channelKnown', 'digitizedKnown', 'electronicResultKnown', ...EXPLAINABLE]);

export const indicatorSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('share'), of: z.array(list).min(1), minus: z.array(list).default([]), in: z.array(list).min(1), known: z.array(told).default([]), rest: list.nullable().default(null), aside: list.nullable().default(null) }),
  z.strictObject({ kind: z.literal('count'), of: z.array(list).min(1) }),
  z.strictObject({ kind: z.literal('growth'), of: z.array(list).min(1) }),
  z.strictObject({ kind: z.literal('procedures'), among: z.enum(['all', 'fee', 'online', 'full']), having: z.enum(['received', 'receivedOnline', 'paidOnline', 'online', 'payable', 'portal', 'sample']) }),
  z.strictObject({ kind: z.literal('units'), levels, having: list.nullable().default(null), reported: text.nullable().default(null) }),
  z.strictObject({ kind: z.literal('coverage'), levels }),
  z.strictObject({ kind: z.literal('cameras'), what: z.enum(['connected', 'uptime']), levels }),
  z.strictObject({ kind: z.literal('handling') }),
  z.strictObject({ kind: z.literal('reported') }),
]);
export type IndicatorSource = z.infer<typeof indicatorSource>;

export const INDICATOR_GROUPS = ['dossiers', 'online', 'payment', 'digitization', 'satisfaction', 'feedback', 'desks', 'national', 'procedures', 'staff'] as const;
const indicator = z.strictObject({
  id: z.string().regex(/^[a-z][A-Za-z0-9]{2,60}$/), group: z.enum(INDICATOR_GROUPS), name: bilingual, formula: bilingual, fields: z.array(text), rows: z.array(z.string().regex(/^[KO]\d+$/)), documents: z.array(text).min(1),
  measure: z.enum(['share', 'count', 'hours', 'growth']), better: z.enum(['higher', 'lower', 'none']), source: indicatorSource,
});
export const indicatorsFile = z.strictObject({
  indicators: z.array(indicator).superRefine((all, context) => {
    const seen = new Set<string>();
    for (const [i, { id }] of all.entries()) { if (seen.has(id)) context.addIssue({ code: 'custom', path: [i, 'id'], message: `«${id}» stands here twice` }); seen.add(id); }
  }),
});
export type Indicator = z.infer<typeof indicator>;
