/**
 * Centre ↔ media node. The node calls the centre (outbound only, so that it may stand behind a commune's router) and
 * goes on with its last orders when the centre is away. Both sides carry `Authorization: Bearer <node secret>`.
 *
 *   node → centre  POST /api/v1/node/report    every 2 s; the answer is the node's orders
 *                  403 node_revoked: its cameras are another's now, it stops them and keeps its recordings
 *   node → centre  POST /api/v1/node/journal   what the recorder wrote, in the order of `seq`; the answer acknowledges
 *   node → centre  POST /api/v1/node/minutes   what moved in the pictures, minute by minute; the answer acknowledges
 *   centre → node  GET  {gateway}/playlist/:camera?from&to      HLS VOD; URIs are `segments/<file>` with byte ranges
 *   centre → node  GET  {gateway}/segments/:camera/:file        fragmented MP4, Range honoured
 *   centre → node  GET  {gateway}/thumbnail/:camera?at          image/jpeg; 404 problem code `no_recording` in a gap
 *   centre → node  PUT  {gateway}/clips/:id/:camera?from&to     cuts a clip, or says how far it is (also GET)
 *   centre → node  GET  {gateway}/clips/:id/:camera/:file       a file of a clip that is ready, Range honoured; DELETE /clips/:id
 *   centre → node  POST {gateway}/trial                         opens a camera that need not be saved (contract/cameraTest.ts)
 *   centre → node  POST {gateway}/discover                      looks for cameras (contract/discovery.ts)
 *   centre → node  POST {gateway}/disk                          accepts a new empty recording disk (contract/mediaNode.ts)
 *   centre → node  GET  {gateway}/snapshot/:camera              image/jpeg, the newest picture, `picture-at`
 *   centre → node       {gateway}/masked/…?masks                playlist, segments (?first&count, MPEG-TS), thumbnail, snapshot, clips (PUT)
 *                                                               with these shapes covered; a node that knows no masks answers 404
 *   viewer → node  GET  {gateway}/live/:camera/:quality?ticket  FLV over HTTP or WebSocket (proxied by the centre)
 */
import { z } from 'zod';
import { cameraMasks, nodePicture, pictureAssignment, pictureOrders } from './picture.ts';
import { CAMERA_REASONS, CAMERA_STATES, CAMERA_TRANSPORTS, GAP_REASONS, STORAGE_STATES } from './vocabulary.ts';

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
  /** Absent from a node that does not look at pictures. */
  picture: nodePicture.nullish(),
  /** The version of the masks that live pictures have now; absent from a node that knows no masks. */
  maskVersion: z.int().nullish(),
});
export type NodeCamera = z.infer<typeof nodeCamera>;

export const nodeReport = z.object({
  node: z.string(),
  startedAt: z.string(),
  /** Where the centre reaches this node, for example http://127.0.0.1:41233 */
  gateway: z.string().max(300).regex(/^https?:\/\/[^\s/@?#]+$/),
  /** The machine, for the list of nodes; absent from a node of an earlier version. */
  machine: z.object({ version: z.string().max(40), cpus: z.int(), load: z.number(), memoryTotalBytes: z.number(), memoryFreeBytes: z.number() }).nullish(),
  cameras: z.array(nodeCamera),
  /** Tickets whose streams are open now. */
  viewers: z.array(z.string()),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  /** The disk of the recordings and what lies on it, also of cameras that are gone. `floorBytes`: below so much free the oldest is deleted early. */
  storage: z.object({
    state: z.enum(STORAGE_STATES), floorBytes: z.number().nullable(),
    /** `perDay`: as recorded over the last seven days; null while there are less than ten minutes. */
    cameras: z.array(z.object({ camera: z.string(), bytes: z.number(), heldBytes: z.number(), perDay: z.number().nullable(), from: z.string() })),
  }).nullable().default(null),
  /** Ids of the holds that this node keeps to, and has on its disk. */
  holds: z.array(z.string()).default([]),
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
  /** Records only within the hours of this name in the orders; null: at all times. */
  hours: z.string().nullable().default(null),
  /** Null: the orders' retentionDays, without a bound by size. */
  keep: z.object({ days: z.number(), bytes: z.number().nullable() }).nullable().default(null),
  /** Set for a simulated camera: what to draw. `label` is the desk's name, written into the picture. */
  simulated: z.object({ scene: z.enum(['counter', 'waiting', 'entrance']), label: z.string(), seed: z.int() }).nullable(),
  picture: pictureAssignment.nullish(),
  masks: cameraMasks.nullish(),
});
/** Spans in seconds since 1970, in order; known until `until`. After that nobody knows, and it is recorded. */
export const recordingHours = z.object({ until: z.int(), spans: z.array(z.tuple([z.int(), z.int()])) });
export type RecordingHours = z.infer<typeof recordingHours>;
export type CameraAssignment = z.infer<typeof cameraAssignment>;

export const nodeOrders = z.object({
  cameras: z.array(cameraAssignment),
  /** How long recordings of cameras are kept that this node had before and another has now. */
  kept: z.record(z.string(), z.object({ days: z.number(), bytes: z.number().nullable() })).default({}),
  /** CIDR ranges in which cameras may lie; an address outside is never connected to. */
  cameraNetworks: z.array(z.string()),
  /** HMAC-SHA-256 key of live tickets, base64url. */
  ticketKey: z.string(),
  /** Tickets whose right has ended: their streams are cut at once. */
  revoked: z.array(z.string()),
  retentionDays: z.number(),
  /** Working hours of some weeks ahead, so that a node goes on by them when the centre is away. */
  hours: z.record(z.string(), recordingHours).default({}),
  /** What is never deleted, whatever else says so. Instants in milliseconds, `to` not included. */
  holds: z.array(z.object({ id: z.string(), camera: z.string(), from: z.number(), to: z.number() })).default([]),
  /** Cameras whose picture no browser plays are transcoded while watched: so many at once. */
  transcodings: z.int().default(2),
  zone: z.string(),
  /** The centre has the journal of this node up to this `seq`. */
  journalUpTo: z.int(),
  /** Null or absent: pictures are not looked at. */
  picture: pictureOrders.nullish(),
});
export type NodeOrders = z.infer<typeof nodeOrders>;

export const journalEntry = z.discriminatedUnion('type', [
  z.object({
    seq: z.int(), type: z.literal('segment'), camera: z.string(), file: z.string(),
    from: z.string(), to: z.string(), bytes: z.int(), sha256: z.string(), codec: z.string().nullable(),
    /** The hash chain of the camera (contract/chain.ts); absent in entries from before it was kept. */
    previous: z.string().optional(), chain: z.string().optional(),
  }),
  /** The camera's state changed; explains a gap. */
  z.object({ seq: z.int(), type: z.literal('state'), camera: z.string(), at: z.string(), state: z.enum(CAMERA_STATES), gap: z.enum(GAP_REASONS).nullable() }),
  z.object({ seq: z.int(), type: z.literal('deleted'), camera: z.string(), file: z.string(), at: z.string(), reason: z.string() }),
]);
export type HeldRange = NodeOrders['holds'][number];
export type JournalEntry = z.infer<typeof journalEntry>;

export const nodeJournal = z.object({ node: z.string(), entries: z.array(journalEntry).max(2000) });
export const nodeJournalAnswer = z.object({ upTo: z.int() });

/** The payload of a live ticket: `base64url(JSON).base64url(HMAC-SHA-256)`. Instants in milliseconds. */
export const ticketPayload = z.object({
  id: z.string(), camera: z.string(), quality: z.enum(['main', 'sub']), session: z.string(), notBefore: z.number(), expires: z.number(),
  /** The picture itself ends then, unless the viewer has asked again; without it, it does not end by itself. */
  ends: z.number().optional(),
  /** Without the camera's masks. */
  unmasked: z.literal(true).optional(),
});
export type TicketPayload = z.infer<typeof ticketPayload>;

/** A clip of one camera, as its node cuts it: one file for each stretch that can be joined without encoding anew. */
export const clipFile = z.object({
  name: z.string(), bytes: z.int(), sha256: z.string(), seconds: z.number(),
  /** Which times the file shows: `from` is at `atSeconds` of it. */
  pieces: z.array(z.object({ from: z.string(), to: z.string(), atSeconds: z.number() })),
});
export const clipSegment = z.object({
  file: z.string(), from: z.string(), to: z.string(), bytes: z.int(), sha256: z.string(), previous: z.string().nullable(), chain: z.string().nullable(),
  /** The file has still the hash of its journal entry, as read for this clip. */
  intact: z.boolean(),
});
export const nodeClip = z.object({
  state: z.enum(['waiting', 'cutting', 'ready', 'failed']), progress: z.number(), cause: z.enum(['no_room', 'cut_failed']).nullable(),
  files: z.array(clipFile), segments: z.array(clipSegment),
  /** Encoded anew with the masks that were asked for. */
  masked: z.boolean().optional(),
});
export type NodeClip = z.infer<typeof nodeClip>;
