/** The figures of a unit and all under it. Rates are fractions 0..1, null where nothing was counted. */
import { z } from 'zod';

/** Whole, but where a split unit's share was carried over to units of today (`estimated`). */
const count = z.number();
const rate = z.number().nullable();

export const dossierFigures = z.object({
  received: count, resolved: count, resolvedEarly: count, resolvedOnTime: count, resolvedLate: count, onTimeRate: rate,
  refused: count, withdrawn: count, pending: count, pendingOverdue: count, pendingDueSoon: count, pendingPaused: count,
  receivedOnline: count, onlineRate: rate, digitized: count, digitizedRate: rate, electronicResultRate: rate,
  paidOnlineRate: rate, outOfBoundary: count, apologies: count,
}).meta({ id: 'DossierFigures' });

export const queueFigures = z.object({
  waiting: count, longestWaitSeconds: z.number().nullable(), served: count, noShow: count,
  averageWaitSeconds: z.number().nullable(), p90WaitSeconds: z.number().nullable(), openCounters: count,
}).meta({ id: 'QueueFigures' });

export const satisfactionFigures = z.object({
  responses: count, satisfied: count, dissatisfied: count, dissatisfiedByFault: count, satisfiedRate: rate, dissatisfiedRate: rate,
}).meta({ id: 'SatisfactionFigures' });

export const feedbackFigures = z.object({
  received: count, resolved: count, resolvedOnTime: count, pending: count, pendingOverdue: count, onTimeRate: rate, satisfiedRate: rate,
}).meta({ id: 'FeedbackFigures' });

export const figures = z.object({
  dossiers: dossierFigures, queue: queueFigures, satisfaction: satisfactionFigures, feedback: feedbackFigures,
}).meta({ id: 'Figures' });
export type Figures = z.infer<typeof figures>;

export const coverage = z.object({ reporting: z.int(), expected: z.int() }).meta({ id: 'Coverage' });
export const figureRow = figures.extend({
  key: z.string(), name: z.string().optional(),
  /** Where units have a life: the life of this one, both ends included, and whether a share other than 1 of a former unit is in it. */
  level: z.string().optional(), validFrom: z.string().nullable().optional(), validTo: z.string().nullable().optional(), estimated: z.boolean().optional(),
}).meta({ id: 'FigureRow' });
export type FigureRow = z.infer<typeof figureRow>;

export const kpiAnswer = figures.extend({
  unit: z.string(),
  /** Where units have a life: under which tree, the life of the unit asked about, and whether a share other than 1 is in it. */
  tree: z.enum(['as_of_date', 'now']).optional(), validFrom: z.string().nullable().optional(), validTo: z.string().nullable().optional(), estimated: z.boolean().optional(),
  from: z.string(), to: z.string(), asOf: z.string(), coverage,
  /** True when simulated data is among what was counted. */
  simulated: z.boolean(),
  /** By which deadlines early, on time, late, overdue and due soon are told: as a corrected calendar made them, or as they were first reported. */
  deadlines: z.enum(['corrected', 'reported']),
  by: z.string().optional(), rows: z.array(figureRow).optional(),
}).meta({ id: 'Kpis' });
export type KpiAnswer = z.infer<typeof kpiAnswer>;

/** One thing behind a figure: a dossier, a ticket, a rating or a feedback case. `at` and `counter` lead to the recording. */
export const explainedItem = z.object({
  kind: z.enum(['dossier', 'ticket', 'rating', 'case']), id: z.string(), unit: z.string(), unitName: z.string(),
  counter: z.string().nullable(), procedure: z.string().nullable(), status: z.string(), outcome: z.string().nullable(),
  receivedAt: z.string().nullable(), dueAt: z.string().nullable(), resolvedAt: z.string().nullable(),
  /** Where a corrected calendar moved the deadline: both. Null: it was never moved. */
  correction: z.object({ reported: z.string().nullable(), corrected: z.string().nullable() }).nullable(),
  /** The moment to look at in the recording. */
  at: z.string(), rating: z.int().nullable(),
  /** Of a ticket: how long it waited, or waits at the time of counting. */
  waitSeconds: z.int().nullable(), simulated: z.boolean(),
}).meta({ id: 'ExplainedItem' });
export type ExplainedItem = z.infer<typeof explainedItem>;

export const explainAnswer = z.object({
  name: z.string(), unit: z.string(), from: z.string(), to: z.string(), total: z.int(),
  definition: z.object({ vi: z.string(), en: z.string() }), items: z.array(explainedItem), next: z.string().nullable(),
}).meta({ id: 'Explanation' });

export const unitRow = z.object({
  code: z.string(), name: z.string(), level: z.string(), kind: z.string(), parent: z.string().nullable(),
  lat: z.number().nullable(), lon: z.number().nullable(), validFrom: z.string().nullable(), validTo: z.string().nullable(),
}).meta({ id: 'Unit' });
export type UnitRow = z.infer<typeof unitRow>;

/** A unit that another came from, or became: on which day, which share of the former, by whose decision. */
const passing = z.object({ unit: z.string(), name: z.string(), validFrom: z.string().nullable(), validTo: z.string().nullable(), on: z.string(), weight: z.number(), source: z.string() });
export const unitLife = z.object({
  code: z.string(), name: z.string(), validFrom: z.string().nullable(), validTo: z.string().nullable(),
  periods: z.array(z.object({ name: z.string(), level: z.string(), parent: z.string().nullable(), validFrom: z.string().nullable(), validTo: z.string().nullable() })),
  predecessors: z.array(passing), successors: z.array(passing),
}).meta({ id: 'UnitLife' });
export type UnitLife = z.infer<typeof unitLife>;

export const targetRow = z.object({
  indicator: z.string(), level: z.string(), unit: z.string().nullable(), year: z.int(),
  operator: z.enum(['>=', '>', '<=', '<']), value: z.number(), issuer: z.string(), document: z.string(),
}).meta({ id: 'Target' });
export type TargetRow = z.infer<typeof targetRow>;
