/** Holds: ranges of a camera's recordings that nobody may delete until two people lift them. */
import { z } from 'zod';
import { instant } from './events.ts';

const sentence = z.string().trim().min(5).max(500);
export const holdRequest = z.strictObject({ camera: z.string().max(60), from: instant, to: instant, reason: sentence }).meta({ id: 'HoldRequest' });
export const holdNote = z.strictObject({ note: sentence }).meta({ id: 'HoldNote' });

export const HOLD_STATES = ['held', 'lift_asked', 'lifted'] as const;
export const hold = z.object({
  id: z.string(), camera: z.string(), cameraName: z.string().nullable(), unit: z.string(), unitName: z.string(), from: z.string(), to: z.string(), reason: z.string(),
  state: z.enum(HOLD_STATES), createdBy: z.string(), createdAt: z.string(),
  liftAskedBy: z.string().nullable(), liftAskedAt: z.string().nullable(), liftNote: z.string().nullable(), liftedBy: z.string().nullable(), liftedAt: z.string().nullable(), confirmNote: z.string().nullable(),
  /** The media node has it, on its disk: from then on nothing in the range is deleted there. Null once it is lifted. */
  inForce: z.boolean().nullable(),
}).meta({ id: 'Hold' });
export type Hold = z.infer<typeof hold>;
