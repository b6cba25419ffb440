/** The shapes of the files that an operator edits. Strict: an unknown key is an error, with its place. */
import { z } from 'zod';
import type { PublicSettings } from '#contract/public.ts';
import { alertShow, type AlertShow, type BuiltInScene } from '#contract/scene.ts';
import { ROLES } from '#contract/vocabulary.ts';
import type { Boundaries } from './boundaries.ts';
import type { Indicator } from './indicators.ts';
import type { RuleSet } from './scoring.ts';

const port = z.int().min(0).max(65_535);
const text = z.string().min(1);
const bilingual = z.strictObject({ vi: text, en: text });
const SEVERITY = z.enum(['critical', 'warning', 'notice']);
/** As express reads them: a name for a set of ranges, an address, or a range. */
const proxy = z.string().regex(/^(loopback|linklocal|uniquelocal|\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?|[0-9a-fA-F]*:[0-9a-fA-F:.]*(\/\d{1,3})?)$/, 'loopback, linklocal, uniquelocal, an address or a range such as 10.20.0.0/16');
const cidr = z.string().regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, 'a range such as 10.20.0.0/16');

/** Null: as all (`retentionDays`); no bound by size. */
const keep = z.strictObject({ days: z.number().min(1).max(3650).nullable(), gigabytes: z.number().min(0.1).max(1_000_000).nullable() });

/** What somebody may ask: so much at once, then so much a second; an ordinary request costs one. */
const allowance = z.strictObject({ perSecond: z.number().min(0.1).max(1_000_000), atOnce: z.number().min(10).max(10_000_000) });

export const centreFile = z.strictObject({
  host: text.default('127.0.0.1'),
  port: port.default(8080),
  databaseUrl: z.string().regex(/^postgres(ql)?:\/\//, 'postgres://user:password@host:port/database').nullable().default(null),
  dataDir: text.default('./data'),
  demo: z.enum(['on', 'off', 'auto']).default('auto'),
  adminPassword: z.string().min(10, 'at least 10 characters').nullable().default(null),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  cameraNetworks: z.array(cidr).default([]),
  uplinkKbps: z.int().min(64).max(10_000_000).nullable().default(null),
  nodePlace: z.enum(['centre', 'desk']).default('centre'),
  mainLeaseMinutes: z.number().min(0.05).max(720).default(10),
  transcodings: z.int().min(0).max(64).default(2),
  cameraOutageMinutes: z.number().min(0.05).max(1440).default(5),
  cameraUnits: z.union([z.literal('indicator'), z.array(text)]).default('indicator'),
  zone: z.string().refine(isZone, 'not a known time zone').default('Asia/Ho_Chi_Minh'),
  rootUnit: text.default('75'),
  unitTree: z.enum(['three_level', 'history']).default('three_level'),
  trustProxy: z.array(proxy).default([]),
  eventRetentionMonths: z.int().min(3).max(600).nullable().default(null),
  retentionDays: z.number().min(1).max(3650).default(30),
  picture: z.strictObject({
    everyMinutes: z.int().min(1).max(60).default(3), confirm: z.int().min(1).max(10).default(2), clockSeconds: z.number().min(5).max(86_400).default(60),
    uptime: z.enum(['connected', 'usable']).default('connected'), keepDays: z.int().min(1).max(3650).default(400),
  }).prefault({}),
  recordingKeep: z.strictObject({ counter: keep, waiting: keep, entrance: keep }).default({ counter: { days: null, gigabytes: null }, waiting: { days: null, gigabytes: null }, entrance: { days: null, gigabytes: null } }),
  clips: z.strictObject({ maxHours: z.number().min(0.1).max(24), maxCameras: z.int().min(1).max(64), atOnce: z.int().min(1).max(8), waiting: z.int().min(1).max(500), keepDays: z.number().min(0.1).max(365) }).default({ maxHours: 4, maxCameras: 9, atOnce: 1, waiting: 20, keepDays: 7 }),
  recordingMarginMinutes: z.int().min(0).max(240).default(15),
  sessionHours: z.number().min(1).max(72).default(12),
  sessionIdleMinutes: z.number().min(5).max(4320).nullable().default(60),
  secondFactor: z.strictObject({ requiredFor: z.array(z.enum(ROLES)), graceDays: z.number().min(0).max(365) }).default({ requiredFor: ['admin', 'inspector'], graceDays: 14 }),
  viewing: z.strictObject({ decisionRequired: z.boolean() }).default({ decisionRequired: false }),
  anchor: z.strictObject({ command: z.array(text).min(1).nullable(), url: z.url({ protocol: /^https?$/ }).nullable() }).default({ command: null, url: null }),
  limits: z.strictObject({ account: allowance, source: allowance }).default({ account: { perSecond: 50, atOnce: 2000 }, source: { perSecond: 5000, atOnce: 20_000 } }),
  dueSoonWorkingHours: z.number().min(0.25).max(80).default(8),
  map: z.strictObject({
    boundaries: text.nullable(), codeProperty: text,
    tiles: z.string().regex(/^https?:\/\/[^{}\s/;,'"]+\/[^\s;'"]*$/, 'an address such as https://tiles.example.vn/{z}/{x}/{y}.png').refine((url) => ['{z}', '{x}', '{y}'].every((part) => url.includes(part)) && !/[{](?![zxy][}])/.test(url), 'must hold {z}, {x} and {y}, and nothing else in braces').nullable(),
    pmtiles: text.nullable(), attribution: z.string().max(300).nullable(), maxZoom: z.int().min(1).max(22),
  }).partial().transform((given) => ({ boundaries: given.boundaries ?? null, codeProperty: given.codeProperty ?? 'code', tiles: given.tiles ?? null, pmtiles: given.pmtiles ?? null, attribution: given.attribution ?? null, maxZoom: given.maxZoom ?? 18 })).refine(({ tiles, pmtiles }) => tiles === null || pmtiles === null, 'one base map: tiles or pmtiles').prefault({}),
  publicName: bilingual.default({ vi: 'Tỉnh Đồng Nai', en: 'Đồng Nai province' }),
  levels: z.array(z.strictObject({ code: text, vi: text, en: text })).default([
    { code: 'province', vi: 'Cấp tỉnh', en: 'Province' }, { code: 'department', vi: 'Sở, ban, ngành', en: 'Department' },
    { code: 'district', vi: 'Cấp huyện', en: 'District' }, { code: 'commune', vi: 'Cấp xã', en: 'Commune' },
  ]),
});

function isZone(name: string): boolean {
  try { new Intl.DateTimeFormat('en', { timeZone: name }); return true; } catch { return false; }
}

const rule = <N extends string, S extends z.ZodRawShape>(name: N, shape: S) => z.strictObject({ rule: z.literal(name), enabled: z.boolean(), severity: SEVERITY, ...shape });
export const alertRule = z.discriminatedUnion('rule', [
  rule('dossier_overdue', { maxAgeDays: z.number().min(1).max(3650) }),
  rule('dossier_due_soon', { workingHours: z.number().min(0.25).max(80) }),
  rule('apology_due', { workingHours: z.number().min(0.25).max(80), lateShare: z.number().gt(0).max(1), minimum: z.int().min(5).max(10_000) }),
  rule('late_without_apology', { graceDays: z.number().min(0).max(365), maxAgeDays: z.number().min(1).max(3650) }),
  rule('apology_after_deadline', { maxAgeDays: z.number().min(1).max(3650) }),
  rule('second_reappointment', { maxAgeDays: z.number().min(1).max(3650) }),
  rule('queue_long', { longestWaitMinutes: z.number().min(1).max(600), clearWaitMinutes: z.number().min(1).max(600), waiting: z.int().min(1).max(1000) }),
  rule('camera_away', { patienceSeconds: z.number().min(5).max(86_400) }),
  rule('unit_silent', { workingMinutes: z.number().min(5).max(10_000), minimumWorkingMinutes: z.number().min(5).max(10_000).default(60), probability: z.number().gt(0).max(0.5).default(0.0001) }),
  rule('disk_low', { freeShare: z.number().gt(0).max(0.9) }),
  rule('disk_critical', { freeShare: z.number().gt(0).max(0.9) }),
  rule('disk_fault', {}),
  rule('bulk_viewing', { cameras: z.int().min(2).max(10_000), minutes: z.int().min(1).max(1440), live: z.enum(['all', 'main', 'none']) }),
  rule('break_glass', {}),
  rule('recording_shortened', { hours: z.number().min(1).max(720) }),
  rule('day_mismatch', { maxAgeDays: z.number().min(1).max(3650) }),
  rule('camera_black', { workingTimeOnly: z.boolean() }), rule('camera_frozen', { workingTimeOnly: z.boolean() }), rule('camera_covered', { workingTimeOnly: z.boolean() }),
  rule('camera_moved', { workingTimeOnly: z.boolean() }), rule('camera_out_of_focus', { workingTimeOnly: z.boolean() }), rule('camera_wrong_time', { workingTimeOnly: z.boolean() }),
  rule('counter_unattended', { minutes: z.int().min(2).max(480), activity: z.number().gt(0).max(1), onlyWhileWaiting: z.boolean() }),
  rule('waiting_crowd', { minutes: z.int().min(2).max(480), factor: z.number().gt(1).max(100), atLeast: z.number().gt(0).max(1) }),
]);
export const alertsFile = z.strictObject({ rules: z.array(alertRule), show: z.array(alertShow).default([]) });

const target = z.strictObject({
  indicator: text, level: text, unit: z.string().nullable().default(null), year: z.int().min(2000).max(2100), operator: z.enum(['>=', '>', '<=', '<']),
  value: z.number().min(0), issuer: text, document: text,
});
/** A target speaks of an indicator of the catalogue; that of a share lies within 100 %. */
export const targetsFileFor = (indicators: readonly Pick<Indicator, 'id' | 'measure'>[]) => z.strictObject({
  targets: z.array(target).superRefine((all, context) => {
    const measures = new Map(indicators.map(({ id, measure }) => [id, measure]));
    for (const [i, { indicator, value }] of all.entries()) {
      const measure = measures.get(indicator);
      if (measure === undefined) context.addIssue({ code: 'custom', path: [i, 'indicator'], message: `«${indicator}» is not in indicators.yaml` });
      else if (measure === 'share' && value > 1) context.addIssue({ code: 'custom', path: [i, 'value'], message: 'a share lies between 0 and 1' });
    }
  }),
});

const SESSION = /^([01]\d|2[0-4]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/;
const minutes = z.string().regex(SESSION, 'a session such as 07:30-11:30');
const day = z.array(minutes).refine((sessions) => {
  // «07:30-11:30» sorts as its times do.
  const times = sessions.flatMap((session) => session.split('-'));
  const inOrder = (before: string, time: string, ends: boolean) => (ends ? before < time : before <= time);
  return !sessions.every((session) => SESSION.test(session)) || times.every((time, i) => time <= '24:00' && inOrder(times[i - 1] ?? '', time, i % 2 === 1));
}, 'sessions must follow one another within the day, such as 07:30-11:30, 13:00-17:00');
const week = z.strictObject({ monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day });
export const hoursFile = z.strictObject({ counting: z.enum(['working_hours', 'end_of_nth_day']).default('working_hours'), week, units: z.record(z.string(), week).default({}) });

const position = z.enum(['counter', 'waiting', 'entrance']);
export const demoFile = z.strictObject({
  history: z.strictObject({ months: z.int().min(1).max(36), dossiers: z.int().min(0).max(2_000_000), surveys: z.int().min(0).max(2_000_000), ticketDays: z.int().min(0).max(400), cases: z.int().min(0).max(100_000) }),
  live: z.strictObject({ eventsPerSecond: z.number().min(0).max(50), alwaysOpen: z.boolean() }),
  trouble: z.strictObject({ unit: text, counter: text }),
  cameras: z.array(z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/), unit: text, counter: text.nullable(), name: text, position, scene: position, seed: z.int() })),
});

export type CentreConfig = z.infer<typeof centreFile>;
export type AlertRuleConfig = z.infer<typeof alertRule>;
export type DemoMakeUp = z.infer<typeof demoFile>;
export type TargetEntry = z.infer<typeof target>;

/** A period of a unit: from and to are days, both included; null for always and for ever. */
export interface UnitEntry { code: string; name: string; level: string; kind: string; parent: string | null; lat: number | null; lon: number | null; validFrom: string | null; validTo: string | null }
/** On the day `on` the share `weight` of the unit `from` passed to the unit `to`. */
export interface SuccessorEntry { from: string; on: string; to: string; weight: number; source: string }
export interface Procedure { code: string; name: string; field: string; workingDays: number; levels: string[]; feeRequired: boolean; /** Null: the list does not say. */ online: 'full' | 'partial' | 'none' | null; payable: boolean | null; portal: boolean | null; sample: boolean | null }
/** Minutes since midnight; `to` is not included. */
export interface WorkSession { from: number; to: number }
export type WorkWeek = Record<1 | 2 | 3 | 4 | 5 | 6 | 7, WorkSession[]>;
export interface SpecialDay { kind: 'holiday' | 'compensatory' | 'makeup'; name: string; source: string }
export interface Calendar { sessions: WorkWeek; unitSessions: Record<string, WorkWeek>; days: Record<string, SpecialDay>; counting: 'working_hours' | 'end_of_nth_day' }

export interface Config { centre: CentreConfig; units: UnitEntry[]; successors: SuccessorEntry[]; procedures: Procedure[]; calendar: Calendar; indicators: Indicator[]; scoring: RuleSet[]; targets: TargetEntry[]; alerts: AlertRuleConfig[]; alertShows: AlertShow[]; scenes: BuiltInScene[]; /** Null: none are configured. */ boundaries: Boundaries | null; published: PublicSettings; demo: DemoMakeUp }
