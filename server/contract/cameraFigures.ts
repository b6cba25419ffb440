/** Cameras as figures: how many desks have a working one, how long they were there, and what was away why and how long. */
import { z } from 'zod';

export const OUTAGE_KINDS = ['camera', 'line', 'node'] as const;
export const FIGURES_BY = ['unit', 'month', 'camera'] as const;

export const cameraOutage = z.object({
  id: z.int(), kind: z.enum(OUTAGE_KINDS), unit: z.string(), unitName: z.string(), camera: z.string().nullable(), cameraName: z.string().nullable(),
  /** How many cameras it took away. */
  cameras: z.int(),
  /** The reason of the camera's state; `line` when all of a unit were away at once, `node_away` when the media node was. */
  cause: z.string(), beganAt: z.string(), openedAt: z.string(), endedAt: z.string().nullable(),
  /** `back`: repaired. `line`: it was the line's, which has an outage of its own. `removed`: switched off or deleted meanwhile. */
  closedAs: z.enum(['back', 'line', 'removed']).nullable(), minutes: z.number(), simulated: z.boolean(),
}).meta({ id: 'CameraOutage' });
export type CameraOutage = z.infer<typeof cameraOutage>;

const measured = {
  cameras: z.int(),
  /** Seconds that were watched, and of these the camera was there; the share is null where nothing was watched. */
  knownSeconds: z.number(), upSeconds: z.number(), uptime: z.number().nullable(),
  target: z.object({ operator: z.enum(['>=', '>', '<=', '<']), value: z.number(), document: z.string(), issuer: z.string() }).nullable(), meets: z.boolean().nullable(),
  /** Outages that began in the period; those that were repaired in it, and their mean time to repair in hours. */
  outages: z.int(), repaired: z.int(), repairHours: z.number().nullable(), simulated: z.boolean(),
};
export const cameraFigures = z.object({
  from: z.string(), to: z.string(), by: z.enum(FIGURES_BY),
  /** Now. Desks that should have a camera (`cameraUnits` in config/centre.yaml), and those with one that works. */
  coverage: z.object({ expected: z.int(), working: z.int(), share: z.number().nullable(), source: z.string(), without: z.array(z.object({ unit: z.string(), unitName: z.string(), cameras: z.int() })), simulated: z.boolean() }),
  total: z.object(measured),
  rows: z.array(z.object({ key: z.string(), name: z.string(), unit: z.string().nullable(), unitName: z.string().nullable(), ...measured })),
}).meta({ id: 'CameraFigures' });
export type CameraFigures = z.infer<typeof cameraFigures>;
