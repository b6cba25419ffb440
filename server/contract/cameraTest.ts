/**
 * A camera tried before it is saved: what its two streams are, and what is wrong with them in words. The node measures,
 * the centre judges (server/cameras/judgeTest.ts).
 */
import { z } from 'zod';
import { maskShapes } from './picture.ts';
import { CAMERA_REASONS, CAMERA_TRANSPORTS } from './vocabulary.ts';
import { line, unitCode } from './events.ts';

const address = z.string().min(1).max(500);
export const cameraTestRequest = z.strictObject({
  unit: unitCode, url: address, subUrl: address.nullable().optional(), username: line(0, 120).nullable().optional(), password: z.string().max(200).nullable().optional(),
  transport: z.enum(CAMERA_TRANSPORTS).default('tcp'),
}).meta({ id: 'CameraTestRequest' });

/** Centre → node. */
export const trialOrder = z.strictObject({ url: address, subUrl: address.nullable(), username: z.string().nullable(), password: z.string().nullable(), transport: z.enum(CAMERA_TRANSPORTS), /** Covered in the pictures of both streams. */ masks: maskShapes.optional() });
export type TrialOrder = z.infer<typeof trialOrder>;

/** What was measured of one stream within the time. Null: it could not be told. */
export const streamMeasures = z.object({
  /** Why there was no picture; null when there was one. */
  reason: z.enum(CAMERA_REASONS).nullable(),
  transport: z.enum(['tcp', 'udp']).nullable(),
  codec: z.string().nullable(), width: z.int().nullable(), height: z.int().nullable(),
  /** Pictures a second; their median distance is left by more than a twentieth of them when `frameRateVaries`. */
  frameRate: z.number().nullable(), frameRateVaries: z.boolean().nullable(),
  /** Mean, and the most within one second, in kbit/s. */
  bitrateKbps: z.int().nullable(), peakKbps: z.int().nullable(),
  /** The longest distance between two key frames that was seen, in seconds; null when fewer than two were. */
  keyFrameSeconds: z.number().nullable(),
  /** How long was looked, in seconds of the camera's own time. */
  observedSeconds: z.number(),
  /** It offers sound. It is never asked for. */
  sound: z.boolean().nullable(),
  /** Its clock is ahead of the node's by so many seconds. */
  clockAheadSeconds: z.number().nullable(),
  /** JPEG, base64. */
  picture: z.string().nullable(),
}).meta({ id: 'StreamMeasures' });
export type StreamMeasures = z.infer<typeof streamMeasures>;
export const trialAnswer = z.object({ main: streamMeasures, sub: streamMeasures.nullable() });
export type TrialAnswer = z.infer<typeof trialAnswer>;

const said = z.object({ cause: z.string(), next: z.string() });
export const cameraFinding = z.object({ stream: z.enum(['main', 'sub']), code: z.string(), severity: z.enum(['error', 'warning', 'note']), value: z.number().nullable(), messages: z.object({ vi: said, en: said }) }).meta({ id: 'CameraFinding' });
export type CameraFinding = z.infer<typeof cameraFinding>;
export const cameraTest = z.object({ at: z.string(), ok: z.boolean(), main: streamMeasures, sub: streamMeasures.nullable(), findings: z.array(cameraFinding) }).meta({ id: 'CameraTest' });
export type CameraTest = z.infer<typeof cameraTest>;
