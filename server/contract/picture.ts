/** Health of a camera's picture and what moves in it: shapes of node, centre and API. No faces, no people: numbers. */
import { z } from 'zod';
import { PICTURE_WARNINGS, UNCHECKED_REASONS } from './vocabulary.ts';
import { instant } from './events.ts';

const share = z.number().min(0).max(1);
/** Corners in shares of the picture's width and height, from its upper left. */
export const zone = z.array(z.tuple([share, share])).min(3).max(12);
export const zones = z.strictObject({ staff: zone.nullish(), public: zone.nullish() });
export type Zones = z.infer<typeof zones>;
/** What of a camera's picture is covered for people without the right to lift masks: up to eight shapes, drawn like zones. */
export const maskShapes = z.array(zone).max(8);
export type MaskShapes = z.infer<typeof maskShapes>;
/** `version` counts each change; 0: there never were any. */
export const cameraMasks = z.object({ version: z.int(), shapes: maskShapes });
export type CameraMasks = z.infer<typeof cameraMasks>;

/** How a node looks at pictures. `confirm`: so many looks must agree before a state begins. */
export const pictureOrders = z.object({ everyMinutes: z.int(), confirm: z.int(), clockSeconds: z.number() });
export type PictureOrders = z.infer<typeof pictureOrders>;

/** Of one camera: when the administrator last confirmed its view (null: never, then no moved or blurred view is told), and its zones. */
export const pictureAssignment = z.object({ confirmedAt: z.string().nullable(), zones: zones.nullable() });

/** What a detector of the operator's counted: persons in a zone, the mean of a few pictures; null without that zone. Counts and nothing else. */
const persons = z.number().min(0).max(500).nullable();
export const detected = z.strictObject({ source: z.literal('detector'), staff: persons, public: persons });
export type Detected = z.infer<typeof detected>;
export const DETECTOR_STATES = ['waiting', 'counting', 'failing'] as const;
export type DetectorState = (typeof DETECTOR_STATES)[number];

export const nodePicture = z.object({
  /** The begin of the minute that was looked at last. */
  checkedAt: z.string().nullable(),
  /** Why it is not looked at now; null: it is. */
  unchecked: z.enum(UNCHECKED_REASONS).nullable(),
  finding: z.enum(['black', 'frozen', 'covered']).nullable(),
  /** Since when the finding or its absence holds. */
  since: z.string().nullable(),
  warnings: z.array(z.enum(PICTURE_WARNINGS)),
  /** Which confirmation the reference is of; null: there is none. */
  referenceOf: z.string().nullable(),
  /** The camera's clock minus ours, by its RTCP sender reports; null: it tells none. */
  clockSeconds: z.number().nullable(),
  /** CPU seconds of one look, ffmpeg and measures together, mean of the last ones. */
  cpuSeconds: z.number().nullable(),
  /** Looks that were left out because the node was busy. */
  dropped: z.int(),
  /** The node's detector, and what it counted last in this camera's zones; absent where there is none. */
  detector: z.object({ state: z.enum(DETECTOR_STATES), at: z.string().nullable(), staff: z.number().nullable(), public: z.number().nullable() }).nullish(),
});
export type NodePicture = z.infer<typeof nodePicture>;

/** One minute that was looked at. `staff`, `public`: share of the zone that changed between pictures; null without that zone. */
export const cameraMinute = z.object({ camera: z.string(), minute: instant, staff: share.nullable(), public: share.nullable(), usable: z.boolean(), /** Null: no detector, or no answer of it. */ detected: detected.nullish() });
export type CameraMinute = z.infer<typeof cameraMinute>;
/** `seq` is consecutive within a node; the centre answers up to where it has them. */
export const nodeMinute = cameraMinute.extend({ seq: z.int() });
export type NodeMinute = z.infer<typeof nodeMinute>;
export const nodeMinutes = z.object({ node: z.string(), minutes: z.array(nodeMinute).max(2000) });
export const nodeMinutesAnswer = z.object({ upTo: z.int() });

export const cameraActivity = z.object({
  camera: z.string(), from: z.string(), to: z.string(), zones: zones.nullable(),
  /** A minute is looked at so often; between two of them nothing is known. */
  everyMinutes: z.int(),
  minutes: z.array(cameraMinute.omit({ camera: true })),
}).meta({ id: 'CameraActivity' });
export type CameraActivity = z.infer<typeof cameraActivity>;
