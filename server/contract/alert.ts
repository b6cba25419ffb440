/** Alerts: one per rule and subject, from opening to closing. */
import { z } from 'zod';
import { ALERT_RULES, ALERT_STATES, SEVERITIES } from './vocabulary.ts';

export const alertRow = z.object({
  id: z.string(), rule: z.enum(ALERT_RULES), severity: z.enum(SEVERITIES), state: z.enum(ALERT_STATES),
  unit: z.string(), unitName: z.string(),
  /** What it is about: a dossier's code, a camera's id, or the unit itself. */
  subject: z.string(), dossier: z.string().nullable(), camera: z.string().nullable(), counter: z.string().nullable(),
  /** The value that opened it and the limit it crossed, in the rule's own unit (seconds, minutes, count). */
  value: z.number().nullable(), limit: z.number().nullable(),
  openedAt: z.string(), updatedAt: z.string(), closedAt: z.string().nullable(),
  /** The moment to look at in the recording. */
  at: z.string(), assignee: z.string().nullable(), snoozedUntil: z.string().nullable(), closedReason: z.string().nullable(),
  notes: z.array(z.object({ at: z.string(), by: z.string(), action: z.string(), note: z.string().nullable() })),
  simulated: z.boolean(),
}).meta({ id: 'Alert' });
export type AlertRow = z.infer<typeof alertRow>;

export const alertAction = z.strictObject({
  note: z.string().trim().max(1000).optional(),
  /** For `assign`: the account that takes it on; without one, the caller. */
  assignee: z.string().trim().min(1).max(120).optional(),
  /** For `snooze`: minutes, 5 to 1,440. */
  minutes: z.int().min(5).max(1440).optional(),
}).meta({ id: 'AlertAction' });

/** An account that an alert may be given to. */
export const accountName = z.object({ username: z.string(), unit: z.string(), unitName: z.string() }).meta({ id: 'AccountName' });
export type AccountName = z.infer<typeof accountName>;
