/** The register of looks, and what the check of the audit log found. */
import { z } from 'zod';
import { LOOKS } from './vocabulary.ts';

export const viewingRow = z.object({
  seq: z.number(), at: z.string(), actor: z.string(), action: z.enum(LOOKS), unit: z.string(), unitName: z.string(), /** Of a downloaded clip its id. */ camera: z.string(), purpose: z.string().nullable(),
  /** Of the footage; null for live pictures. */
  from: z.string().nullable(), to: z.string().nullable(), quality: z.string().nullable(),
  /** Without the camera's masks. */
  unmasked: z.boolean(),
}).meta({ id: 'Viewing' });
export type ViewingRow = z.infer<typeof viewingRow>;

export const auditCheck = z.object({
  checkedAt: z.string(), ok: z.boolean(), rows: z.number(), head: z.string(), brokenAt: z.number().nullable(), why: z.string().nullable(),
  anchors: z.number(), lastAnchorAt: z.string().nullable(), /** Of an anchor that could not be sent outside: what was said. */ anchorTrouble: z.string().nullable(),
}).meta({ id: 'AuditCheck' });
export type AuditCheck = z.infer<typeof auditCheck>;
