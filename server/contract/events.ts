/**
 * The ingest bodies, one event each. Strict: a field that is not listed is refused by its name, so that a
 * citizen's data never enters by accident. Source: the contract of the product, and the ten statuses of the
 * national public service portal.
 */
import { z } from 'zod';
import { CHANNELS, DOSSIER_STATUSES, FEEDBACK_SOURCES, FEEDBACK_STATUSES, SURVEY_SOURCES, TICKET_STATUSES } from './vocabulary.ts';

// Control characters (NUL cannot be stored by PostgreSQL), lone surrogates and bidirectional overrides are refused.
 
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const clean = (max: number) =>
  z.string().min(1).max(max).refine((text) => !FORBIDDEN.test(text) && text.isWellFormed() && text.trim() === text, {
    message: 'control characters, broken Unicode or surrounding spaces',
  });

export const identifier = clean(120);
const isReadable = (text: string): boolean => !FORBIDDEN.test(text) && text.isWellFormed();
/** What people write in one line, and other people read: names, reasons. */
export const line = (min: number, max: number) => z.string().trim().min(min).max(max).refine(isReadable, { message: 'control characters or broken Unicode' });
export const unitCode = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/);
/** ISO 8601 with an offset; without one the instant would be a guess. */
export const instant = z.iso.datetime({ offset: true });

const facts = z.strictObject({
  feeRequired: z.boolean(), paidOnline: z.boolean(), digitized: z.boolean(),
  electronicResult: z.boolean(), resultByPost: z.boolean(), certifiedCopy: z.boolean(),
  /** Data or papers that were there already were used again; kept in the citizen's own store; the account was checked against the population data. */
  dataReused: z.boolean(), personalStore: z.boolean(), identityVerified: z.boolean(),
}).partial();

export const dossierEvent = z.strictObject({
  eventId: identifier,
  dossier: identifier,
  status: z.enum(DOSSIER_STATUSES),
  at: instant,
  unit: unitCode.optional(),
  receivingUnit: unitCode.optional(),
  procedure: identifier.optional(),
  channel: z.enum(CHANNELS).optional(),
  dueAt: instant.optional(),
  newDueAt: instant.optional(),
  counter: clean(40).optional(),
  facts: facts.optional(),
}).meta({ id: 'DossierEvent' });
export type DossierEventBody = z.infer<typeof dossierEvent>;

export const queueEvent = z.strictObject({
  eventId: identifier,
  unit: unitCode,
  counter: clean(40).optional(),
  ticket: clean(40),
  status: z.enum(TICKET_STATUSES),
  at: instant,
  procedure: identifier.optional(),
}).meta({ id: 'QueueEvent' });
export type QueueEventBody = z.infer<typeof queueEvent>;

export const surveyEvent = z.strictObject({
  eventId: identifier,
  unit: unitCode,
  counter: clean(40).optional(),
  dossier: identifier.optional(),
  ticket: clean(40).optional(),
  at: instant,
  rating: z.int().min(1).max(5),
  source: z.enum(SURVEY_SOURCES),
  reasons: z.array(clean(80)).max(20).optional(),
  fault: z.boolean().optional(),
}).meta({ id: 'SurveyEvent' });
export type SurveyEventBody = z.infer<typeof surveyEvent>;

export const feedbackEvent = z.strictObject({
  eventId: identifier,
  case: identifier,
  unit: unitCode,
  status: z.enum(FEEDBACK_STATUSES),
  at: instant,
  dueAt: instant.optional(),
  source: z.enum(FEEDBACK_SOURCES),
  dossier: identifier.optional(),
  category: clean(120).optional(),
  satisfied: z.boolean().optional(),
}).meta({ id: 'FeedbackEvent' });
export type FeedbackEventBody = z.infer<typeof feedbackEvent>;

/** `2026`, `2026-H1`, `2026-9M`, `2026-Q3`, `2026-07` or a day. */
export const reportPeriod = z.string().regex(/^(19|20|21)\d{2}(-(0[1-9]|1[0-2])(-\d{2})?|-Q[1-4]|-H[12]|-9M)?$/);

export const indicatorEvent = z.strictObject({
  eventId: identifier,
  unit: unitCode,
  indicator: identifier,
  period: reportPeriod,
  value: z.number(),
  source: clean(120),
}).meta({ id: 'IndicatorEvent' });
export type IndicatorEventBody = z.infer<typeof indicatorEvent>;

export const rejectedEvent = z.object({
  index: z.int(), eventId: z.string().nullable(), code: z.string(), message: z.string(),
}).meta({ id: 'RejectedEvent' });

export const ingestAnswer = z.object({
  accepted: z.int(), duplicates: z.int(), rejected: z.array(rejectedEvent),
}).meta({ id: 'IngestAnswer' });
export type IngestAnswer = z.infer<typeof ingestAnswer>;
