/**
 * Scenes of a wall: tiles on a grid of 12 × 8 cells. The same shape is a file of config/scenes, a row of the database and an
 * exported file. A tile shows the unit that the wall is opened for, unless its settings name another.
 */
import { z } from 'zod';
import { unitCode } from './events.ts';
import { firstOverlap, inGrid } from './grid.ts';
import { ALERT_RULES, BOARD_FIGURES, MAP_COLOURS, RANKED_BY, SEVERITIES, TREND_MEASURES } from './vocabulary.ts';

const line = (max: number) => z.string().trim().min(1).max(max);
const bilingual = z.strictObject({ vi: line(120), en: line(120) });
export const sceneId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const place = z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }).refine(inGrid, 'the place must lie in the grid of 12 columns and 8 rows');
const rows = z.int().min(1).max(60);
const settings = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ title: line(80).optional(), unit: unitCode.optional(), ...shape }).prefault({} as never);
const tileOf = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) => z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/), kind: z.literal(kind), at: place,
  /** Where it lies on a screen at least 2.5 times as wide as high; without one, where it always lies. */
  wide: place.optional(), settings: settings(shape),
});

export const tile = z.discriminatedUnion('kind', [
  tileOf('map', { colour: z.enum(MAP_COLOURS).optional() }),
  tileOf('figures', { figures: z.array(z.enum(BOARD_FIGURES)).min(1).max(12).optional(), columns: z.int().min(1).max(12).optional() }),
  tileOf('trend', { measure: z.enum(TREND_MEASURES).default('satisfiedRate') }),
  tileOf('ranking', { by: z.enum(RANKED_BY).default('overdue'), limit: rows.optional() }),
  /** Overdue and due soon by the field of the procedure. */
  tileOf('fields', { limit: rows.optional() }),
  tileOf('queue', { limit: rows.optional() }),
  tileOf('forecast', { limit: rows.optional() }),
  tileOf('overdue', { list: z.enum(['pendingOverdue', 'pendingDueSoon']).default('pendingOverdue'), limit: rows.optional() }),
  tileOf('apologies', { limit: rows.optional() }),
  tileOf('alerts', { rules: z.array(z.enum(ALERT_RULES)).min(1).optional(), limit: rows.optional() }),
  tileOf('cameras', { count: z.int().min(1).max(16).default(4), cameras: z.array(line(60)).min(1).max(16).optional() }),
  tileOf('health', { limit: rows.optional() }),
  tileOf('satisfaction', {}),
  tileOf('reasons', { limit: rows.optional() }),
  tileOf('ratings', { limit: rows.optional() }),
  tileOf('desk', {}),
  tileOf('text', { text: z.string().trim().min(1).max(600), size: z.enum(['small', 'normal', 'large']).default('normal') }),
  tileOf('clock', {}),
  /** One alert; only in what a screen makes up for itself when an alert is shown on it. */
  tileOf('alert', { alert: line(40) }),
]);
export type Tile = z.infer<typeof tile>;

const tiles = z.array(tile).min(1).max(24).superRefine((all, context) => {
  const names = new Set<string>();
  for (const [i, one] of all.entries()) { if (names.has(one.id)) context.addIssue({ code: 'custom', path: [i, 'id'], message: `«${one.id}» stands here twice` }); names.add(one.id); }
  for (const key of ['at', 'wide'] as const) {
    if (key === 'wide' && !all.some((one) => one.wide)) continue;
    const found = firstOverlap(all.map((one) => (key === 'wide' ? one.wide ?? one.at : one.at)));
    if (found) context.addIssue({ code: 'custom', path: [found[1], key], message: `lies over the tile «${all[found[0]]?.id ?? ''}»` });
  }
});
export const sceneContent = z.strictObject({ tiles }).meta({ id: 'SceneContent' });
/** A file of config/scenes. */
export const sceneFile = z.strictObject({ id: sceneId, name: bilingual, about: bilingual, tiles });
export type BuiltInScene = z.infer<typeof sceneFile>;

export const sceneCreate = z.strictObject({ name: line(80), unit: unitCode, tiles }).meta({ id: 'SceneCreate' });
export const sceneUpdate = z.strictObject({ name: line(80), tiles, /** The version that was changed; another one meanwhile is a conflict. */ version: z.int().min(1) }).meta({ id: 'SceneUpdate' });
export const sceneRow = z.object({
  id: z.string(), name: z.string(), /** Of a scene that ships, in both languages. */ names: bilingual.nullable(), about: bilingual.nullable(),
  /** Null: it ships, and is for every unit. */
  unit: z.string().nullable(), unitName: z.string().nullable(), builtIn: z.boolean(), version: z.int(), changedAt: z.string().nullable(), changedBy: z.string().nullable(),
}).meta({ id: 'SceneRow' });
export type SceneRow = z.infer<typeof sceneRow>;
export const sceneAnswer = sceneRow.extend({ tiles: z.array(tile) }).meta({ id: 'Scene' });
export type SceneAnswer = z.infer<typeof sceneAnswer>;
export const sceneVersion = z.object({ version: z.int(), name: z.string(), at: z.string(), by: z.string(), tiles: z.int() }).meta({ id: 'SceneVersion' });
export type SceneVersion = z.infer<typeof sceneVersion>;

/** What a screen is asked to show: one of them. `unit` beside a scene: the unit that it is opened for. */
export const show = z.union([
  z.strictObject({ scene: sceneId, unit: unitCode.optional() }), z.strictObject({ camera: line(60) }), z.strictObject({ unit: unitCode }), z.strictObject({ alert: z.string().regex(/^\d{1,15}$/) }),
]).meta({ id: 'Show' });
export type Show = z.infer<typeof show>;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 07:30');
export const rotationEntry = z.strictObject({
  scene: sceneId, unit: unitCode.optional(), seconds: z.int().min(5).max(86_400), from: clock.optional(), to: clock.optional(),
  /** 1 is Monday. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
}).meta({ id: 'RotationEntry' });
export type RotationEntry = z.infer<typeof rotationEntry>;

export const screenReport = z.strictObject({
  /** What is truly on the screen. */
  shows: show, sceneVersion: z.int().min(0), sceneName: z.string().max(120),
  tiles: z.array(z.strictObject({ kind: z.string().max(20), x: z.int(), y: z.int(), w: z.int(), h: z.int(), state: z.enum(['fresh', 'old', 'missing']) })).max(24),
  /** The text that stands on the screen; the centre keeps its SHA-256. */
  text: z.string().max(20_000),
  ageSeconds: z.number().min(0), cameras: z.int().min(0).max(64), playing: z.int().min(0).max(64), droppedFrames: z.int().min(0),
  width: z.int().min(0).max(40_000), height: z.int().min(0).max(40_000), upSeconds: z.number().min(0),
}).meta({ id: 'ScreenReport' });
export type ScreenReport = z.infer<typeof screenReport>;
export const keptReport = screenReport.omit({ text: true }).extend({ at: z.string(), hash: z.string() }).meta({ id: 'KeptScreenReport' });
export type KeptReport = z.infer<typeof keptReport>;

const length = z.number().gt(0).max(20_000);
/** Several screens as one: rows and columns, what of the picture is lost between two screens, who stands where (from the top left, from 0). */
export const wallMake = z.strictObject({
  rows: z.int().min(1).max(6), columns: z.int().min(1).max(8),
  /** Between two visible parts, both frames together: in per cent of the visible width and height, or in mm (then `visible` must be given). */
  bezel: z.strictObject({ x: z.number().min(0).max(500), y: z.number().min(0).max(500), unit: z.enum(['percent', 'mm']) }).default({ x: 0, y: 0, unit: 'percent' }),
  visible: z.strictObject({ width: length, height: length }).nullable().default(null),
  places: z.array(z.strictObject({ screen: line(60), row: z.int().min(0).max(5), column: z.int().min(0).max(7) })).min(1).max(16),
}).superRefine(({ rows: down, columns: across, bezel, visible, places }, context) => {
  const issue = (path: (string | number)[], message: string) => { context.addIssue({ code: 'custom', path, message }); };
  if (down * across < 2 || down * across > 16) issue(['rows'], 'a wall has 2 to 16 places');
  if (bezel.unit === 'mm' && visible === null) issue(['visible'], 'bezels in mm need the visible size of a screen in mm');
  const most = bezel.unit === 'percent' || visible === null ? { x: 50, y: 50 } : { x: visible.width / 2, y: visible.height / 2 };
  for (const key of ['x', 'y'] as const) if (bezel[key] > most[key]) issue(['bezel', key], 'is more than half of a screen');
  if (visible !== null && (visible.width / visible.height > 5 || visible.height / visible.width > 5)) issue(['visible'], 'no screen is five times as long as wide');
  for (const [i, one] of places.entries()) {
    if (one.row >= down || one.column >= across) issue(['places', i], `the wall has ${down} rows and ${across} columns`);
    if (places.findIndex((other) => other.screen === one.screen) !== i) issue(['places', i, 'screen'], `«${one.screen}» stands here twice`);
    if (places.findIndex((other) => other.row === one.row && other.column === one.column) !== i) issue(['places', i], 'the place is taken');
  }
}).meta({ id: 'WallMake' });
export type WallMake = z.infer<typeof wallMake>;
const popup = z.object({ show, until: z.string(), by: z.string(), reason: z.enum(['operator', 'alert']) }).nullable();

export const screenRow = z.object({
  id: z.string(), name: z.string(), unit: z.string(), unitName: z.string(), rotation: z.array(rotationEntry),
  /** What stands until it is released, in place of the rotation. */
  pinned: show.nullable(), popup, waiting: z.int(),
  /** Of a wall: what stands until that instant, when all its screens change together. */
  before: z.object({ until: z.string(), pinned: show.nullable(), popup }).nullable(),
  /** It is a wall of these screens; it has no browser of its own. */
  wall: wallMake.nullable(),
  /** It is a part of that wall and shows what the wall is given. */
  partOf: z.string().nullable(),
  connected: z.boolean(), report: keptReport.nullable(), createdAt: z.string(),
}).meta({ id: 'Screen' });
/** Topic `scenes`, key `screen:<id>`. */
export type ScreenRow = z.infer<typeof screenRow>;
/** Topic `scenes`, key `scene:<id>`: a scene in the scope and its version; gone when it is archived. */
export interface SceneMark { id: string; unit: string; name: string; version: number }

export const screenCreate = z.strictObject({ code: z.string().regex(/^\d{6}$/), name: line(80), unit: unitCode }).meta({ id: 'ScreenCreate' });
export const screenUpdate = z.strictObject({ name: line(80), unit: unitCode, rotation: z.array(rotationEntry).max(30) }).partial().meta({ id: 'ScreenUpdate' });
export const wallCreate = z.strictObject({ name: line(80), unit: unitCode, wall: wallMake }).meta({ id: 'WallCreate' });
export const wallUpdate = z.strictObject({ name: line(80), wall: wallMake }).meta({ id: 'WallUpdate' });
/** With `holdSeconds` it comes up for that long and gives way; without, it stands until released. */
export const showRequest = z.strictObject({
  scene: sceneId.optional(), camera: line(60).optional(), unit: unitCode.optional(), alert: z.string().regex(/^\d{1,15}$/).optional(),
  holdSeconds: z.int().min(5).max(3_600).optional(), priority: z.int().min(0).max(100).default(50),
}).meta({ id: 'ShowRequest' });
export const pairingAnswer = z.object({ code: z.string(), secret: z.string(), expiresAt: z.string() }).meta({ id: 'Pairing' });
export const pairingClaim = z.strictObject({ secret: z.string().regex(/^[\w-]{43}$/) }).meta({ id: 'PairingClaim' });
export const screenSelf = z.object({ id: z.string(), name: z.string(), unit: z.string(), unitName: z.string(), zone: z.string() }).meta({ id: 'ScreenSelf' });
export type ScreenSelf = z.infer<typeof screenSelf>;

/** config/alerts.yaml, `show`: which new alerts come up on which screens, and for how long. */
export const alertShow = z.strictObject({
  rule: z.enum(ALERT_RULES), minSeverity: z.enum(SEVERITIES).default('warning'),
  /** Names or ids of screens; units: their screens. Neither: every screen that sees the desk. */
  screens: z.array(line(80)).min(1).optional(), units: z.array(unitCode).min(1).optional(),
  holdSeconds: z.int().min(5).max(3_600).default(45), priority: z.int().min(0).max(100).default(40),
});
export type AlertShow = z.infer<typeof alertShow>;

/** What ratings say beside their number. */
export const ratingsAnswer = z.object({
  unit: z.string(), from: z.string(), to: z.string(), responses: z.int(), dissatisfied: z.int(), /** Dissatisfied ratings that name no reason. */ without: z.int(),
  reasons: z.array(z.object({ reason: z.string(), count: z.int(), fault: z.int() })),
  latest: z.array(z.object({ at: z.string(), unit: z.string(), unitName: z.string(), counter: z.string().nullable(), rating: z.int(), reasons: z.array(z.string()), fault: z.boolean(), simulated: z.boolean() })),
}).meta({ id: 'Ratings' });
export type RatingsAnswer = z.infer<typeof ratingsAnswer>;
