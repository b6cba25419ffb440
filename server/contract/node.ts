/**
 * Centre ↔ media node. The node calls the centre (outbound only, so that it may stand behind a commune's router) and
 * goes on with its last orders when the centre is away. Both sides carry `Authorization: Bearer <node secret>`.
 *
 *   node → centre  POST /api/v1/node/report    every 2 s; the answer is the node's orders
 *   node → centre  POST /api/v1/node/journal   what the recorder wrote, in the order of `seq`; the answer acknowledges
 *   centre → node  GET  {gateway}/playlist/:camera?from&to      HLS VOD; URIs are `segments/<file>` with byte ranges
 *   centre → node  GET  {gateway}/segments/:camera/:file        fragmented MP4, Range honoured
 *   centre → node  GET  {gateway}/thumbnail/:camera?at          image/jpeg; 404 problem code `no_recording` in a gap
 *   centre → node  POST {gateway}/trial                         opens a camera that need not be saved (contract/cameraTest.ts)
 *   centre → node  POST {gateway}/discover                      looks for cameras (contract/discovery.ts)
 *   centre → node  GET  {gateway}/snapshot/:camera              image/jpeg, the newest picture, `picture-at`
 *   viewer → node  GET  {gateway}/live/:camera/:quality?ticket  FLV over HTTP or WebSocket (proxied by the centre)
 */
import { z } from 'zod';
import { CAMERA_REASONS, CAMERA_STATES, CAMERA_TRANSPORTS, GAP_REASONS } from './vocabulary.ts';

export const nodeCamera = z.object({
  id: z.string(),
  state: z.enum(CAMERA_STATES),
  reason: z.enum(CAMERA_REASONS).nullable(),
  since: z.string(),
  bitrateKbps: z.number().nullable(),
  frameRate: z.number().nullable(),
  lastFrameAt: z.string().nullable(),
  recording: z.boolean(),
  viewers: z.int(),
});
export type NodeCamera = z.infer<typeof nodeCamera>;

export const nodeReport = z.object({
  node: z.string(),
  startedAt: z.string(),
  /** Where the centre reaches this node, for example http://127.0.0.1:41233 */
  gateway: z.string(),
  cameras: z.array(nodeCamera),
  /** Tickets whose streams are open now. */
  viewers: z.array(z.string()),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  relay: z.object({ state: z.enum(['up', 'starting', 'down']), restarts: z.int(), residentBytes: z.number().nullable() }),
  ffmpeg: z.object({ version: z.string(), bundled: z.boolean(), warning: z.string().nullable() }),
});
export type NodeReport = z.infer<typeof nodeReport>;

/** A camera as the node is told to run it. Credentials travel here and nowhere else; the node keeps them sealed. */
export const cameraAssignment = z.object({
  id: z.string(),
  url: z.string().nullable(),
  subUrl: z.string().nullable(),
  username: z.string().nullable(),
  password: z.string().nullable(),
  /** How the pictures come; rtsps:// is always over its own connection. */
  transport: z.enum(CAMERA_TRANSPORTS).default('tcp'),
  enabled: z.boolean(),
  record: z.boolean(),
  /** Set for a simulated camera: what to draw. `label` is the desk's name, written into the picture. */
  simulated: z.object({ scene: z.enum(['counter', 'waiting', 'entrance']), label: z.string(), seed: z.int() }).nullable(),
});
export type CameraAssignment = z.infer<typeof cameraAssignment>;

export const nodeOrders = z.object({
  cameras: z.array(cameraAssignment),
  /** CIDR ranges in which cameras may lie; an address outside is never connected to. */
  cameraNetworks: z.array(z.string()),
  /** HMAC-SHA-256 key of live tickets, base64url. */
  ticketKey: z.string(),
  /** Tickets whose right has ended: their streams are cut at once. */
  revoked: z.array(z.string()),
  retentionDays: z.number(),
  /** Cameras whose picture no browser plays are transcoded while watched: so many at once. */
  transcodings: z.int().default(2),
  zone: z.string(),
  /** The centre has the journal of this node up to this `seq`. */
  journalUpTo: z.int(),
});
export type NodeOrders = z.infer<typeof nodeOrders>;

export const journalEntry = z.discriminatedUnion('type', [
  z.object({
    seq: z.int(), type: z.literal('segment'), camera: z.string(), file: z.string(),
    from: z.string(), to: z.string(), bytes: z.int(), sha256: z.string(), codec: z.string().nullable(),
  }),
  /** The camera's state changed; explains a gap. */
  z.object({ seq: z.int(), type: z.literal('state'), camera: z.string(), at: z.string(), state: z.enum(CAMERA_STATES), gap: z.enum(GAP_REASONS).nullable() }),
  z.object({ seq: z.int(), type: z.literal('deleted'), camera: z.string(), file: z.string(), at: z.string(), reason: z.string() }),
]);
export type JournalEntry = z.infer<typeof journalEntry>;

export const nodeJournal = z.object({ node: z.string(), entries: z.array(journalEntry).max(2000) });
export const nodeJournalAnswer = z.object({ upTo: z.int() });

/** The payload of a live ticket: `base64url(JSON).base64url(HMAC-SHA-256)`. Instants in milliseconds. */
export const ticketPayload = z.object({
  id: z.string(), camera: z.string(), quality: z.enum(['main', 'sub']), session: z.string(), notBefore: z.number(), expires: z.number(),
  /** The picture itself ends then, unless the viewer has asked again; without it, it does not end by itself. */
  ends: z.number().optional(),
});
export type TicketPayload = z.infer<typeof ticketPayload>;
