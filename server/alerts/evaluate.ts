/**
 * One round of the alert rules. Each rule says which subjects are in its condition now; what is new opens, what ended
 * closes. One statement opens, one closes: a round costs the same for ten units and for four thousand.
 */
import { crosses } from '#analytics/alert/condition.ts';
import { dayText } from '#analytics/time/localDay.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { QueueRow } from '#contract/live.ts';
import { ALERT_RULES, type AlertRule, type Severity } from '#contract/vocabulary.ts';
import type { Silence } from '../coverage/rhythms.ts';
import type { Database, Queryable } from '../database/pool.ts';
import { pictureConditions, type PictureInput, type PictureRules } from './pictures.ts';
import { apologyConditions, type ApologyRules, type Experience } from './apologies.ts';
import { securityConditions, type SecurityRules } from './security.ts';
import { recordingConditions, type DiskSeen, type RecordingAlertRules } from './recordings.ts';

export interface Condition { unit: string; subject: string; dossier: string | null; camera: string | null; counter: string | null; value: number | null; limit: number | null; moment: Date; simulated: boolean }

export interface RuleSettings extends ApologyRules, PictureRules, RecordingAlertRules, SecurityRules {
  dossier_overdue: { severity: Severity; maxAgeDays: number } | null;
  dossier_due_soon: { severity: Severity; soonUntil: (at: Date) => Date } | null;
  queue_long: { severity: Severity; openSeconds: number; clearSeconds: number; waiting: number } | null;
  camera_away: { severity: Severity; patienceSeconds: number } | null;
  unit_silent: { severity: Severity } | null;
  day_mismatch: { severity: Severity; maxAgeDays: number } | null;
}

export interface RoundInput { at: Date; /** Where alerts about the centre itself stand. */ rootUnit?: string; /** The day of `at` in the centre's zone. */ today: number; silences: readonly Silence[]; queues: readonly QueueRow[]; cameras: readonly CameraRow[]; /** Of nodes that are there; what is not known stays as it was. */ disks: readonly DiskSeen[]; /** False until nodes had time to report. */ camerasKnown: boolean; /** What only the rules of pictures need; absent: these rules are not asked. */ pictures?: Pick<PictureInput, 'everyMinutes' | 'zone' | 'isWorking'>; /** How dossiers of a procedure ended that were open so near their deadline. */ experienceOf: (at: Date, leadDays: number) => Promise<Experience> }

/** Returns how many alerts changed. */
export async function evaluateAlerts(database: Database, rules: RuleSettings, input: RoundInput): Promise<number> {
  const { at } = input;
  const living = await database.query<{ rule: AlertRule; subject: string }>('SELECT rule, subject FROM alerts WHERE condition_ended_at IS NULL');
  const openOf = (rule: AlertRule) => living.rows.filter((row) => row.rule === rule).map((row) => row.subject);
  const isOpen = new Set(living.rows.map((row) => `${row.rule} ${row.subject}`));
  const found = new Map<AlertRule, { severity: Severity; conditions: Condition[] }>();
  if (rules.dossier_overdue) found.set('dossier_overdue', { severity: rules.dossier_overdue.severity, conditions: await overdue(database, at, rules.dossier_overdue.maxAgeDays, openOf('dossier_overdue')) });
  if (rules.dossier_due_soon) found.set('dossier_due_soon', { severity: rules.dossier_due_soon.severity, conditions: await dueSoon(database, at, rules.dossier_due_soon.soonUntil(at)) });
  for (const [rule, one] of await apologyConditions(database, rules, at, input.experienceOf)) found.set(rule, one);
  if (rules.queue_long) found.set('queue_long', { severity: rules.queue_long.severity, conditions: longQueues(rules.queue_long, input, isOpen) });
  if (rules.camera_away && input.camerasKnown) found.set('camera_away', { severity: rules.camera_away.severity, conditions: awayCameras(rules.camera_away.patienceSeconds, input) });
  if (input.camerasKnown && input.pictures) for (const [rule, one] of await pictureConditions(database, rules, { ...input, ...input.pictures }, isOpen)) found.set(rule, one);
  if (input.camerasKnown) for (const [rule, one] of await recordingConditions(database, rules, at, input.disks, isOpen)) found.set(rule, one);
  if (input.rootUnit !== undefined) for (const [rule, one] of await securityConditions(database, rules, at, input.rootUnit)) found.set(rule, one);
  if (rules.unit_silent) found.set('unit_silent', { severity: rules.unit_silent.severity, conditions: silentUnits(input) });
  if (rules.day_mismatch) found.set('day_mismatch', { severity: rules.day_mismatch.severity, conditions: await mismatchedDays(database, input.today - rules.day_mismatch.maxAgeDays, openOf('day_mismatch')) });

  let changes = 0;
  await database.transaction(async (connection) => {
    for (const [rule, { severity, conditions }] of found) {
      changes += await openNew(connection, rule, severity, conditions.filter((one) => !isOpen.has(`${rule} ${one.subject}`)), at);
      const subjects = new Set(conditions.map((one) => one.subject));
      const ended = living.rows.filter((row) => row.rule === rule && !subjects.has(row.subject)).map((row) => row.subject);
      changes += await closeEnded(connection, rule, ended, at, 'condition_ended');
    }
    // Of a rule that is switched off nobody knows any more whether the condition holds.
    for (const rule of ALERT_RULES) if (rules[rule] === null) changes += await closeEnded(connection, rule, openOf(rule), at, 'rule_off');
    const awake = await connection.query("UPDATE alerts SET state = 'open', snoozed_until = NULL, updated_at = $1 WHERE state = 'snoozed' AND snoozed_until <= $1", [at]);
    changes += awake.rowCount ?? 0;
  });
  return changes;
}

interface DossierCondition extends Record<string, unknown> { code: string; unit: string; counter: string | null; due_at: Date; received_at: Date; simulated: boolean }

/** Overdue for longer than `maxAgeDays` is a figure and a list, not an alert: an import of old data opens none. One that is open stays, however long it lasts. */
async function overdue(database: Queryable, at: Date, maxAgeDays: number, open: readonly string[]): Promise<Condition[]> {
  const rows = await database.query<DossierCondition>(
    `SELECT code, unit, counter, due_at, received_at, simulated FROM dossiers WHERE closed_at IS NULL AND received_at IS NOT NULL AND unit IS NOT NULL AND paused_since IS NULL AND due_at < $1 AND due_at > $1::timestamptz - $2::float8 * interval '1 day'
     UNION SELECT code, unit, counter, due_at, received_at, simulated FROM dossiers WHERE code = ANY($3) AND closed_at IS NULL AND received_at IS NOT NULL AND unit IS NOT NULL AND paused_since IS NULL AND due_at < $1`, [at, maxAgeDays, open]);
  return rows.rows.map((row) => ({ unit: row.unit, subject: row.code, dossier: row.code, camera: null, counter: row.counter, value: Math.round((at.getTime() - row.due_at.getTime()) / 60_000), limit: 0, moment: row.received_at, simulated: row.simulated }));
}

async function dueSoon(database: Queryable, at: Date, until: Date): Promise<Condition[]> {
  const rows = await database.query<DossierCondition>(
    'SELECT code, unit, counter, due_at, received_at, simulated FROM dossiers WHERE closed_at IS NULL AND received_at IS NOT NULL AND unit IS NOT NULL AND paused_since IS NULL AND due_at >= $1 AND due_at <= $2', [at, until]);
  return rows.rows.map((row) => ({ unit: row.unit, subject: row.code, dossier: row.code, camera: null, counter: row.counter, value: Math.round((row.due_at.getTime() - at.getTime()) / 60_000), limit: Math.round((until.getTime() - at.getTime()) / 60_000), moment: row.received_at, simulated: row.simulated }));
}

function longQueues(rule: NonNullable<RuleSettings['queue_long']>, { at, queues }: RoundInput, isOpen: ReadonlySet<string>): Condition[] {
  return queues.filter((queue) => {
    const already = isOpen.has(`queue_long ${queue.unit}`);
    return crosses(queue.longestWaitSeconds, { open: rule.openSeconds, clear: rule.clearSeconds }, already) || crosses(queue.waiting, { open: rule.waiting, clear: Math.floor(rule.waiting * 0.7) }, already);
  }).map((queue) => ({ unit: queue.unit, subject: queue.unit, dossier: null, camera: null, counter: null, value: queue.longestWaitSeconds, limit: rule.openSeconds, moment: at, simulated: queue.simulated }));
}

/** One that comes and goes is away as well, without patience, until it holds: else each return would close its alert. */
function awayCameras(patienceSeconds: number, { at, cameras }: RoundInput): Condition[] {
  return cameras.filter((camera) => camera.enabled && camera.since !== null && (camera.reason === 'unstable' || ((camera.state === 'offline' || camera.state === 'connecting') && at.getTime() - Date.parse(camera.since) > patienceSeconds * 1000)))
    .map((camera) => ({ unit: camera.unit, subject: camera.id, dossier: null, camera: camera.id, counter: camera.counter, value: Math.round((at.getTime() - Date.parse(camera.since ?? '')) / 1000), limit: patienceSeconds, moment: new Date(camera.lastFrameAt ?? at), simulated: camera.simulated }));
}

/** A desk that never sent anything is «no data», not silent. Stays open over night: the condition ends with the next event. */
function silentUnits({ silences }: RoundInput): Condition[] {
  return silences.filter((one) => one.silent)
    .map((one) => ({ unit: one.unit, subject: one.unit, dossier: null, camera: null, counter: null, value: Math.round(one.minutes), limit: one.limit, moment: one.lastEventAt, simulated: one.simulated }));
}

/** One for each unit and day, by the subject `unit/day`; of days after `since`, and of those that have one. */
async function mismatchedDays(database: Queryable, since: number, open: readonly string[]): Promise<Condition[]> {
  const rows = await database.query<{ unit: string; day: string; simulated: boolean; farthest: number; changed_at: Date }>(
    "SELECT unit, day, simulated, farthest, changed_at FROM day_states WHERE NOT matches AND (day > $1 OR unit || '/' || day = ANY($2))", [dayText(since), open]);
  return rows.rows.map((row) => ({ unit: row.unit, subject: `${row.unit}/${row.day}`, dossier: null, camera: null, counter: null, value: row.farthest, limit: 0, moment: row.changed_at, simulated: row.simulated }));
}

async function openNew(connection: Queryable, rule: AlertRule, severity: Severity, conditions: readonly Condition[], at: Date): Promise<number> {
  if (conditions.length === 0) return 0;
  const done = await connection.query(
    `INSERT INTO alerts (rule, severity, state, unit, subject, dossier, camera, counter, value, "limit", opened_at, updated_at, moment, simulated)
     SELECT $1, $2, 'open', unit, subject, dossier, camera, counter, value, lim, $3, $3, moment, simulated
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[], $10::float8[], $11::timestamptz[], $12::boolean[]) AS c(unit, subject, dossier, camera, counter, value, lim, moment, simulated)
     ON CONFLICT (rule, subject) WHERE condition_ended_at IS NULL DO NOTHING`,
    [rule, severity, at, conditions.map((c) => c.unit), conditions.map((c) => c.subject), conditions.map((c) => c.dossier), conditions.map((c) => c.camera), conditions.map((c) => c.counter), conditions.map((c) => c.value), conditions.map((c) => c.limit), conditions.map((c) => c.moment), conditions.map((c) => c.simulated)]);
  return done.rowCount ?? 0;
}

async function closeEnded(connection: Queryable, rule: AlertRule, subjects: readonly string[], at: Date, reason: 'condition_ended' | 'rule_off'): Promise<number> {
  if (subjects.length === 0) return 0;
  const done = await connection.query(
    `UPDATE alerts SET condition_ended_at = $3, updated_at = $3, state = 'resolved', closed_at = coalesce(closed_at, $3), closed_reason = coalesce(closed_reason, $4)
     WHERE rule = $1 AND subject = ANY($2) AND condition_ended_at IS NULL`, [rule, subjects, at, reason]);
  return done.rowCount ?? 0;
}
