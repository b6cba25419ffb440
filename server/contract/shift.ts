/** The log of those on duty: shifts of a unit's desk, their entries, the handover and the pictures that were taken. */
import { z } from 'zod';
import { unitCode } from './events.ts';
import { ALERT_RULES, ALERT_STATES, CAMERA_REASONS, CAMERA_STATES, SEVERITIES } from './vocabulary.ts';

const text = (most: number) => z.string().trim().min(1).max(most);
const alertId = z.string().regex(/^\d{1,15}$/);

export const alertBrief = z.object({
  id: z.string(), rule: z.enum(ALERT_RULES), severity: z.enum(SEVERITIES), state: z.enum(ALERT_STATES), unit: z.string(), unitName: z.string(),
  subject: z.string(), dossier: z.string().nullable(), openedAt: z.string(), closedAt: z.string().nullable(), assignee: z.string().nullable(),
}).meta({ id: 'AlertBrief' });
export type AlertBrief = z.infer<typeof alertBrief>;

const downCamera = z.object({ id: z.string(), name: z.string(), unit: z.string(), unitName: z.string(), state: z.enum(CAMERA_STATES), reason: z.enum(CAMERA_REASONS).nullable(), since: z.string().nullable() });
const outage = z.object({ kind: z.string(), unit: z.string(), unitName: z.string(), camera: z.string().nullable(), cameraName: z.string().nullable(), cause: z.string().nullable(), beganAt: z.string(), endedAt: z.string().nullable() });
/** A list of the first ones, and how many there are. */
const some = <T extends z.ZodType>(one: T) => z.object({ total: z.int(), rows: z.array(one) });

/** How a desk stands, and what happened in a time: the same at the handover and in the morning. */
export const shiftOverview = z.object({
  unit: z.string(), from: z.string(), to: z.string(), simulated: z.boolean(),
  /** Alerts that opened in the time, closed in it, and what they were about. */
  opened: some(alertBrief), closed: z.int(), byRule: z.array(z.object({ rule: z.enum(ALERT_RULES), opened: z.int() })),
  /** As of `to`: nobody has seen them; given to somebody who has not answered. */
  open: some(alertBrief), unanswered: some(alertBrief),
  /** Null: the media nodes have not reported yet. */
  camerasDown: some(downCamera).nullable(),
  outages: some(outage),
}).meta({ id: 'ShiftOverview' });
export type ShiftOverview = z.infer<typeof shiftOverview>;

export const handover = z.object({ id: z.string(), at: z.string(), by: z.string(), points: z.string() }).meta({ id: 'Handover' });
export const shiftRow = z.object({
  id: z.string(), unit: z.string(), unitName: z.string(), openedAt: z.string(), openedBy: z.string(), how: z.enum(['opened', 'signed', 'taken_over']), previous: z.string().nullable(),
  closedAt: z.string().nullable(), closedBy: z.string().nullable(), /** Why it was taken over without a handover. */ reason: z.string().nullable(),
  people: z.array(z.object({ username: z.string(), joinedAt: z.string(), leftAt: z.string().nullable() })),
  /** What was written last for the next ones; unsigned while the shift is not closed. */
  handover: handover.nullable(),
}).meta({ id: 'Shift' });
export type ShiftRow = z.infer<typeof shiftRow>;

export const logLine = z.object({
  /** Of a written entry its number; of what came by itself where it stands. */
  id: z.string(), at: z.string(), by: z.string(),
  kind: z.enum(['entry', 'snapshot', 'alert', 'screen']), /** What was done: of an alert its action, of a screen «show» or «release». */ action: z.string().nullable(),
  text: z.string().nullable(), unit: z.string().nullable(), unitName: z.string().nullable(), alert: z.string().nullable(), rule: z.enum(ALERT_RULES).nullable(), dossier: z.string().nullable(), camera: z.string().nullable(), ticket: z.string().nullable(), screen: z.string().nullable(),
  corrects: z.string().nullable(), correctedBy: z.string().nullable(),
  snapshot: z.object({ id: z.string(), cameraName: z.string(), pictureAt: z.string(), bytes: z.int(), sha256: z.string(), /** False: its time is over, only who and why stayed. */ kept: z.boolean() }).nullable(),
}).meta({ id: 'ShiftLine' });
export type LogLine = z.infer<typeof logLine>;

export const shiftAnswer = shiftRow.extend({
  handovers: z.array(handover.extend({ overview: shiftOverview })),
  /** What happened between the handover before and its signature. */
  arrival: shiftOverview.nullable(),
  lines: z.array(logLine), /** There are more than these, older ones. */ more: z.boolean(),
}).meta({ id: 'ShiftWithLog' });
export type ShiftAnswer = z.infer<typeof shiftAnswer>;

/** How the desk of a unit stands for somebody who comes. */
export const shiftDesk = z.object({ unit: z.string(), unitName: z.string(), current: shiftRow.nullable(), last: shiftRow.nullable(), /** Since the handover, else since the last shift ended. */ overview: shiftOverview }).meta({ id: 'ShiftDesk' });
export type ShiftDesk = z.infer<typeof shiftDesk>;

export const shiftOpen = z.strictObject({ unit: unitCode }).meta({ id: 'ShiftOpen' });
export const entryCreate = z.strictObject({
  text: text(2000), unit: unitCode.optional(), alert: alertId.optional(), dossier: text(80).optional(), camera: text(60).optional(), ticket: text(40).optional(),
  /** The entry that this one puts right; it stays as it was. */
  corrects: alertId.optional(),
}).meta({ id: 'ShiftEntryCreate' });
export const handoverCreate = z.strictObject({ points: text(8000) }).meta({ id: 'HandoverCreate' });
export const handoverSign = z.strictObject({ /** The handover that was read; another one meanwhile is a conflict. */ handover: alertId }).meta({ id: 'HandoverSign' });
export const takeOver = z.strictObject({ reason: text(500) }).meta({ id: 'ShiftTakeOver' });
export const snapshotCreate = z.strictObject({ camera: text(60), purpose: z.string().trim().min(5).max(200) }).meta({ id: 'SnapshotCreate' });
