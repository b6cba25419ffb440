/** Cameras, live tickets and recordings, as the API shows them. A camera's password is write-only. */
import { z } from 'zod';
import { maskShapes, nodePicture, zones } from './picture.ts';
import { CAMERA_POSITIONS, CAMERA_REASONS, CAMERA_STATES, CAMERA_TRANSPORTS, GAP_REASONS, PICTURE_WARNINGS, RECORDING_POLICIES } from './vocabulary.ts';
import { instant, line, unitCode } from './events.ts';

export const cameraId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

const cameraFields = {
  unit: unitCode,
  counter: line(1, 40).nullable().optional(),
  name: line(1, 120),
  position: z.enum(CAMERA_POSITIONS),
  /** rtsp:// or rtsps://, without a user or password in it: those have fields of their own. */
  url: z.string().min(1).max(500),
  subUrl: z.string().min(1).max(500).nullable().optional(),
  /** It stands in a header of each request to the camera. */
  username: line(0, 120).nullable().optional(),
  password: z.string().max(200).nullable().optional(),
  /** `auto`: over its connection, and as packets of their own (UDP) only where the camera refuses that. */
  transport: z.enum(CAMERA_TRANSPORTS).default('tcp'),
  enabled: z.boolean().default(true),
  recording: z.enum(RECORDING_POLICIES).default('continuous'),
};
export const cameraCreate = z.strictObject({ id: cameraId.optional(), ...cameraFields }).meta({ id: 'CameraCreate' });
export const cameraUpdate = z.strictObject({ ...cameraFields, transport: z.enum(CAMERA_TRANSPORTS), enabled: z.boolean(), zones: zones.nullable(), recording: z.enum(RECORDING_POLICIES) }).partial().meta({ id: 'CameraUpdate' });

export const cameraRow = z.object({
  id: z.string(), unit: z.string(), unitName: z.string(), counter: z.string().nullable(), name: z.string(), position: z.enum(CAMERA_POSITIONS),
  /** Shown to administrators only; never with credentials in it. */
  url: z.string().nullable(), subUrl: z.string().nullable(), username: z.string().nullable(), hasPassword: z.boolean(), transport: z.enum(CAMERA_TRANSPORTS),
  enabled: z.boolean(), simulated: z.boolean(),
  state: z.enum(CAMERA_STATES), reason: z.enum(CAMERA_REASONS).nullable(), since: z.string().nullable(),
  bitrateKbps: z.number().nullable(), frameRate: z.number().nullable(), lastFrameAt: z.string().nullable(),
  /** Whether it is recorded at this moment; when it is to be, says `recordingPolicy` (set by `recording`). */
  recording: z.boolean(), recordingPolicy: z.enum(RECORDING_POLICIES), firstRecordedAt: z.string().nullable(),
  /** What is doubtful about the picture, beside the state; empty also while nobody can tell (`picture.unchecked`). */
  warnings: z.array(z.enum(PICTURE_WARNINGS)),
  /** What the node found when it looked at the picture; null: it never did. */
  picture: nodePicture.nullable(),
  zones: zones.nullable(), viewConfirmedAt: z.string().nullable(),
  /** Shapes that are covered for whoever may not lift them. `masksInForce`: the node burns this version into live pictures; until then masked ones are refused. */
  masks: maskShapes, maskVersion: z.int(), masksInForce: z.boolean(),
}).meta({ id: 'Camera' });
export type CameraRow = z.infer<typeof cameraRow>;

export const liveTicketRequest = z.strictObject({
  quality: z.enum(['main', 'sub']).default('main'), transport: z.enum(['ws', 'http']).default('ws'),
  /** Without the camera's masks: needs the role `unmask` and a purpose, and is written down. */
  unmasked: z.boolean().default(false),
}).meta({ id: 'LiveTicketRequest' });
export const liveTicket = z.object({ url: z.string(), expiresAt: z.string(), /** The picture ends then (WebSocket code 4410): whoever still looks asks for a new ticket. */ endsAt: z.string().nullable() }).meta({ id: 'LiveTicket' });

export const recordingSpans = z.object({
  camera: z.string(), from: z.string(), to: z.string(),
  spans: z.array(z.object({ from: z.string(), to: z.string() })),
  gaps: z.array(z.object({ from: z.string(), to: z.string(), reason: z.enum(GAP_REASONS) })),
}).meta({ id: 'RecordingSpans' });
export type RecordingSpans = z.infer<typeof recordingSpans>;

export const purposeRequest = z.strictObject({ purpose: line(5, 300), /** The number of the decision that allows the look. */ decision: line(3, 80).nullable().default(null) }).meta({ id: 'ViewingPurpose' });
/** `note`: why they were changed. */
export const masksRequest = z.strictObject({ shapes: maskShapes, note: line(5, 300), /** The version that was changed. */ version: z.int().min(0) }).meta({ id: 'CameraMasksRequest' });
export const masksHistory = z.object({ version: z.int(), shapes: maskShapes, history: z.array(z.object({ version: z.int(), shapes: maskShapes, at: z.string(), by: z.string(), note: z.string() })) }).meta({ id: 'CameraMasks' });
export type MasksHistory = z.infer<typeof masksHistory>;

export const range = z.object({ from: instant, to: instant });
