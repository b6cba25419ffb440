/** Media nodes as an administrator sees and sets them. */
import { z } from 'zod';
import { STORAGE_STATES } from './vocabulary.ts';

export const nodeId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const name = z.string().trim().min(1).max(120);
const capacity = z.int().min(0).max(10_000);
export const nodeCreate = z.strictObject({ id: nodeId, name, capacity: capacity.default(100) }).meta({ id: 'MediaNodeCreate' });
export const nodeUpdate = z.strictObject({ name, capacity }).partial().meta({ id: 'MediaNodeUpdate' });
/** The key is told this once; only its hash is kept. */
export const nodeKey = z.object({ id: z.string(), key: z.string() }).meta({ id: 'MediaNodeKey' });
/** `cameras`: moved to this node now. `pin`: they stay there, also when the node is away. */
export const nodeTake = z.strictObject({ cameras: z.array(z.string().max(60)).min(1).max(2000), pin: z.boolean().default(false) }).meta({ id: 'MediaNodeTake' });
/** Of a camera or of all cameras of a unit; `node` null: no pin any more, the cameras stay where they are. */
export const nodePin = z.strictObject({ camera: z.string().max(60).optional(), unit: z.string().max(60).optional(), node: nodeId.nullable() }).refine((pin) => (pin.camera === undefined) !== (pin.unit === undefined), 'camera or unit').meta({ id: 'MediaNodePin' });

export const NODE_STATES = ['here', 'away', 'never', 'revoked'] as const;
export const nodeRow = z.object({
  id: z.string(), name: z.string(), /** Started by the centre on its own machine. */ own: z.boolean(), state: z.enum(NODE_STATES), seenAt: z.string().nullable(), startedAt: z.string().nullable(), version: z.string().nullable(),
  capacity: z.int(), /** Cameras that it has; of these switched on, pinned, online, recorded now. */ cameras: z.object({ all: z.int(), enabled: z.int(), pinned: z.int(), online: z.int(), recorded: z.int() }), viewers: z.int().nullable(),
  /** Share of its processors that wants to run, over a minute; 1 is full. */ load: z.number().nullable(), memoryFreeBytes: z.number().nullable(), memoryTotalBytes: z.number().nullable(),
  disk: z.object({ state: z.enum(STORAGE_STATES).nullable(), freeBytes: z.number(), totalBytes: z.number() }).nullable(), /** Also where there is no disk of which anything else is known. */ diskState: z.enum(STORAGE_STATES).nullable(), /** Recordings of cameras that another node has now. */ left: z.int(),
  keyMadeAt: z.string().nullable(), revokedAt: z.string().nullable(),
}).meta({ id: 'MediaNode' });
export type NodeRow = z.infer<typeof nodeRow>;
export const nodeList = z.object({ nodes: z.array(nodeRow), pins: z.array(z.object({ unit: z.string(), unitName: z.string(), node: z.string() })), /** The last moves, newest first. */ moves: z.array(z.object({ camera: z.string(), cameraName: z.string().nullable(), at: z.string(), from: z.string().nullable(), to: z.string(), why: z.string() })) });

/** A new empty disk for the recordings of a node; `before` is the one whose recordings cannot be shown any more. */
export const newDiskOrder = z.object({ journalUpTo: z.int().min(0) }).strict();
export const newDisk = z.object({ disk: z.string(), before: z.string().nullable(), freeBytes: z.number().nullable(), totalBytes: z.number().nullable() });
export type NewDisk = z.infer<typeof newDisk>;
