/** Indicators of the planning documents: what each is, and what it is worth for a unit over some days. */
import { z } from 'zod';
import { targetRow } from './figures.ts';
import { DEADLINES } from './vocabulary.ts';

const bilingual = z.object({ vi: z.string(), en: z.string() });

/** Why there is a value, or none. `not_reported`: nobody sent it. `not_known`: the procedure list or the cameras do not say. */
export const VALUE_STATES = ['measured', 'nothing', 'not_reported', 'not_known'] as const;

export const indicatorDefinition = z.object({
  id: z.string(), group: z.string(), name: bilingual, formula: bilingual,
  /** The fields of the ingest, or the columns of the configuration, that it is made of. */
  fields: z.array(z.string()),
  /** Rows of the requirements. */
  rows: z.array(z.string()), documents: z.array(z.string()),
  measure: z.enum(['share', 'count', 'hours', 'growth']), better: z.enum(['higher', 'lower', 'none']), source: z.string(),
  /** Names of GET /kpis/:name/explain: what is above the line, below it, below it but not above; and what is above it only because nothing else is known of it. */
  lists: z.object({ of: z.array(z.string()), in: z.array(z.string()), rest: z.string().nullable(), aside: z.string().nullable() }),
}).meta({ id: 'IndicatorDefinition' });
export type IndicatorDefinition = z.infer<typeof indicatorDefinition>;

export const indicatorValue = z.object({
  id: z.string(), value: z.number().nullable(), of: z.number().nullable(), in: z.number().nullable(), state: z.enum(VALUE_STATES),
  /** Of a reported one: which report speaks, or how many units below have one where theirs do not add up. */
  reported: z.object({ period: z.string(), source: z.string(), at: z.string() }).nullable(), reportedBelow: z.int(),
  /** How many are in the list `aside`; null where there is no such list. */
  aside: z.number().nullable(),
  target: targetRow.nullable(), met: z.boolean().nullable(),
}).meta({ id: 'IndicatorValue' });
export type IndicatorValue = z.infer<typeof indicatorValue>;

export const indicatorValues = z.object({
  unit: z.string(), from: z.string(), to: z.string(), asOf: z.string(), deadlines: z.enum(DEADLINES), simulated: z.boolean(), values: z.array(indicatorValue),
}).meta({ id: 'IndicatorValues' });
export type IndicatorValues = z.infer<typeof indicatorValues>;

/** What an indicator is made of where it is not dossiers: procedures, units or reports. `has` null: not known. */
export const behindIndicator = z.object({
  id: z.string(), unit: z.string(), from: z.string(), to: z.string(),
  rows: z.array(z.object({ key: z.string(), name: z.string(), has: z.boolean().nullable(), value: z.number().nullable(), note: z.string().nullable() })),
}).meta({ id: 'BehindIndicator' });
export type BehindIndicator = z.infer<typeof behindIndicator>;
