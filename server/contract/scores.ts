/** Scores of a unit over a period by each rule set, down to the item and what it is made of. */
import { z } from 'zod';
import { VALUE_STATES } from './indicators.ts';
import { DEADLINES } from './vocabulary.ts';

const bilingual = z.object({ vi: z.string(), en: z.string() });
const points = z.number().nullable();

export const scoreItem = z.object({
  id: z.string(), name: bilingual, note: bilingual.nullable(), /** What of it could not be compared with the text of the law. */ unchecked: bilingual.nullable(), formula: bilingual.nullable(), max: z.number(), points, value: z.number().nullable(), of: z.number().nullable(), in: z.number().nullable(), state: z.enum(VALUE_STATES),
  rule: z.unknown(), measured: z.string(), source: z.string(), lists: z.object({ of: z.array(z.string()), minus: z.array(z.string()), in: z.array(z.string()), rest: z.string().nullable(), aside: z.string().nullable() }), aside: z.number().nullable(), target: z.number().nullable(),
}).meta({ id: 'ScoreItem' });
export type ScoreItem = z.infer<typeof scoreItem>;

export const scoreGroup = z.object({ id: z.string(), name: bilingual, max: z.number(), points, measurable: z.number(), items: z.array(scoreItem) }).meta({ id: 'ScoreGroup' });

export const score = z.object({
  id: z.string(), version: z.string(), name: bilingual, document: z.string(), effective: z.object({ from: z.string(), to: z.string().nullable() }),
  /** Whether the rule set holds for the period. What no longer does is computed all the same, and said so. */
  inForce: z.boolean(),
  /** False: the rules wait for the signature of a domain owner, the score does not count. */
  official: z.boolean(), signature: z.object({ byWhom: z.string(), at: z.string(), note: z.string() }).nullable(), fingerprint: z.string(),
  /** What of the rules could not be compared with the text of the law: their source is not checked. */
  unchecked: bilingual.nullable(),
  max: z.number(), points, measurable: z.number(), band: z.string().nullable(), groups: z.array(scoreGroup),
  /** The same score as it was computed before, newest first; only where it differed. */
  earlier: z.array(z.object({ computedAt: z.string(), version: z.string(), points, measurable: z.number() })),
}).meta({ id: 'Score' });
export type Score = z.infer<typeof score>;

export const scoreRow = z.object({
  unit: z.string(), name: z.string(), level: z.string(), volume: z.int(), points, measurable: z.number(), band: z.string().nullable(),
  /** Among the units of its level; null where the volume is below the minimum or less than half could be measured. */
  place: z.int().nullable(),
}).meta({ id: 'ScoreRow' });
export type ScoreRow = z.infer<typeof scoreRow>;

export const scoresAnswer = z.object({
  unit: z.string(), period: z.string(), from: z.string(), to: z.string(), asOf: z.string(), deadlines: z.enum(DEADLINES), simulated: z.boolean(), minimumVolume: z.int(),
  scores: z.array(score), rows: z.record(z.string(), z.array(scoreRow)).optional(),
}).meta({ id: 'Scores' });
export type ScoresAnswer = z.infer<typeof scoresAnswer>;

export const ruleSetAnswer = z.object({
  id: z.string(), version: z.string(), name: bilingual, document: z.string(), effective: z.object({ from: z.string(), to: z.string().nullable() }), fingerprint: z.string(), max: z.number(), items: z.int(), unchecked: bilingual.nullable(), uncheckedItems: z.array(z.object({ id: z.string(), what: bilingual })),
  needsSignature: z.boolean(), official: z.boolean(), signature: z.object({ byWhom: z.string(), at: z.string(), note: z.string(), signed: z.boolean(), ofThisText: z.boolean() }).nullable(),
}).meta({ id: 'RuleSet' });
export type RuleSetAnswer = z.infer<typeof ruleSetAnswer>;
