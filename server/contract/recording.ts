/** Holds, clips and how long recordings last. A hold: a range of a camera's recordings that nobody may delete until two people lift it. */
import { z } from 'zod';
import { instant, line } from './events.ts';
import { clipFile, clipSegment } from './node.ts';
import { maskShapes } from './picture.ts';
import { GAP_REASONS, RECORDING_POLICIES, STORAGE_STATES } from './vocabulary.ts';

const sentence = line(5, 500);
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

/** How long recordings last. `keptDays`: what is recorded now will be kept so long, as things go; null where it cannot be told. */
export const storageReport = z.object({
  asOf: z.string(),
  /** `fullAt`: from about then on the oldest must go before its days are over; null: never, as things go. */
  disks: z.array(z.object({ node: z.string(), state: z.enum(STORAGE_STATES).nullable(), freeBytes: z.number().nullable(), totalBytes: z.number().nullable(), fullAt: z.string().nullable() })),
  cameras: z.array(z.object({
    camera: z.string(), unit: z.string(), policy: z.enum(RECORDING_POLICIES), promisedDays: z.number(), limitBytes: z.number().nullable(),
    bytes: z.number().nullable(), heldBytes: z.number().nullable(), perDay: z.number().nullable(), oldest: z.string().nullable(),
    keptDays: z.number().nullable(), limitedBy: z.enum(['days', 'bytes', 'disk']).nullable(),
  })),
}).meta({ id: 'RecordingStorage' });
export type StorageReport = z.infer<typeof storageReport>;

export const CLIP_STATES = ['waiting_release', 'queued', 'running', 'done', 'failed', 'expired'] as const;
/** Why a clip could not be made. */
export const CLIP_CAUSES = ['no_recording', 'node_away', 'no_room', 'cut_failed', 'too_many_restarts', 'turned_down'] as const;
export const clipRequest = z.strictObject({ cameras: z.array(z.string().max(60)).min(1).max(64), from: instant, to: instant, purpose: line(5, 300), /** Without masks: waits until a second person with the role `unmask` releases it. */ unmasked: z.boolean().default(false) }).meta({ id: 'ClipRequest' });
export const clipRelease = z.strictObject({ note: sentence }).meta({ id: 'ClipRelease' });
export const clip = z.object({
  id: z.string(), cameras: z.array(z.string()), units: z.array(z.string()), from: z.string(), to: z.string(), purpose: z.string(), requestedBy: z.string(), requestedAt: z.string(),
  state: z.enum(CLIP_STATES), /** 0..1 */ progress: z.number(), cause: z.enum(CLIP_CAUSES).nullable(),
  bytes: z.number().nullable(), sha256: z.string().nullable(), finishedAt: z.string().nullable(), expiresAt: z.string().nullable(),
  unmasked: z.boolean(), releasedBy: z.string().nullable(), releasedAt: z.string().nullable(), /** Of the second person, who released it or turned it down. */ releaseNote: z.string().nullable(),
}).meta({ id: 'Clip' });
export type Clip = z.infer<typeof clip>;

/** `manifest.json` of a bundle: signed as it lies there, byte for byte, in `manifest.sig.json`. */
export const clipManifest = z.object({
  format: z.literal('toan-canh-clip/1'), id: z.string(), centre: z.object({ name: z.string(), version: z.string() }), zone: z.string(), madeAt: z.string(), requestedBy: z.string(), purpose: z.string(), from: z.string(), to: z.string(),
  /** Present when cameras with masks are shown without them: who asked and who released it. */
  unmasked: z.object({ requestedBy: z.string(), releasedBy: z.string(), releasedAt: z.string(), note: z.string() }).optional(),
  /** One entry for each camera, or for each stretch of time of it that lies on a node of its own. */
  cameras: z.array(z.object({
    camera: z.string(), name: z.string(), unit: z.string(), unitName: z.string(), position: z.string(), simulated: z.boolean(), node: z.string(),
    files: z.array(clipFile), segments: z.array(clipSegment), gaps: z.array(z.object({ from: z.string(), to: z.string(), reason: z.enum(GAP_REASONS) })),
    /** Present when the files are not the recording as it was: `segments` are the originals that they were made from. */
    masks: z.object({ note: z.literal('masked, re-encoded'), version: z.int(), shapes: maskShapes }).optional(),
  })),
});
export type ClipManifest = z.infer<typeof clipManifest>;
export const clipSignature = z.object({ algorithm: z.literal('Ed25519'), signed: z.literal('manifest.json'), publicKey: z.string(), fingerprint: z.string(), signature: z.string() });
