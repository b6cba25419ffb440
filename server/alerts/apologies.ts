/**
 * Letters of apology (Decree 61/2018, article 19): due, missing, too late, or a second one. All of open dossiers whose clock
 * runs; what happened to those that ended is a figure, not an alert.
 */
import type { AlertRule, Severity } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Condition } from './evaluate.ts';

export interface ApologyRules {
  apology_due: { severity: Severity; soonUntil: (at: Date) => Date; leadDays: number; lateShare: number; minimum: number } | null;
  late_without_apology: { severity: Severity; graceDays: number; maxAgeDays: number } | null;
  apology_after_deadline: { severity: Severity; maxAgeDays: number } | null;
  second_reappointment: { severity: Severity; maxAgeDays: number } | null;
}

/** Of the dossiers of each procedure that were still open `leadDays` before their deadline: how many became late. */
export type Experience = ReadonlyMap<string, { open: number; late: number }>;

const EXPERIENCE_DAYS = 180;
export async function readExperience(database: Queryable, at: Date, leadDays: number): Promise<Experience> {
  const found = await database.query<{ procedure: string; open: number; late: number }>(
    `SELECT procedure, count(*) AS open, count(*) FILTER (WHERE resolved_at > due_at) AS late FROM dossiers
     WHERE resolved_at > $1::timestamptz - interval '${EXPERIENCE_DAYS} days' AND resolved_at <= $1 AND procedure IS NOT NULL AND resolved_at > due_at - $2::float8 * interval '1 day' AND received_at <= due_at - $2::float8 * interval '1 day' GROUP BY 1`, [at, leadDays]);
  return new Map(found.rows.map((row) => [row.procedure, row]));
}

/** Experience changes by the day, a round comes every few seconds: it is read again after an hour. */
export function keepExperience(database: Queryable): (at: Date, leadDays: number) => Promise<Experience> {
  let kept: { at: number; leadDays: number; experience: Experience } | null = null;
  return async (at, leadDays) => {
    if (kept === null || kept.leadDays !== leadDays || at.getTime() - kept.at > 3_600_000 || at.getTime() < kept.at) kept = { at: at.getTime(), leadDays, experience: await readExperience(database, at, leadDays) };
    return kept.experience;
  };
}

interface Row extends Record<string, unknown> { code: string; unit: string; counter: string | null; procedure: string | null; due_at: Date; received_at: Date; reappointments: number; first_apology: Date | null; simulated: boolean }
const RUNNING = 'closed_at IS NULL AND received_at IS NOT NULL AND unit IS NOT NULL AND paused_since IS NULL';
const rowsOf = async (database: Queryable, where: string, values: unknown[]) => (await database.query<Row>(
  `SELECT code, unit, counter, procedure, due_at, received_at, reappointments, (SELECT min(a) FROM unnest(apologies) a) AS first_apology, simulated FROM dossiers WHERE ${RUNNING} AND ${where}`, values)).rows;
const DAYS = (name: string) => `$1::timestamptz - ${name}::float8 * interval '1 day'`;

export type Found = readonly [AlertRule, { severity: Severity; conditions: Condition[] }];

/** The conditions of the rules that are switched on. Values are minutes, of a second re-appointment how many new dates were promised. */
export async function apologyConditions(database: Queryable, rules: ApologyRules, at: Date, experienceOf: (at: Date, leadDays: number) => Promise<Experience>): Promise<Found[]> {
  const found: Found[] = [];
  const condition = (row: Row, value: number, limit: number): Condition => ({ unit: row.unit, subject: row.code, dossier: row.code, camera: null, counter: row.counter, value, limit, moment: row.received_at, simulated: row.simulated });
  const minutes = (from: Date, to: Date) => Math.round((to.getTime() - from.getTime()) / 60_000);
  const { apology_due: due, late_without_apology: without, apology_after_deadline: after, second_reappointment: second } = rules;
  if (due) {
    const rows = await rowsOf(database, 'cardinality(apologies) = 0 AND due_at >= $1 AND due_at <= $2', [at, due.soonUntil(at)]);
    const experience = rows.length > 0 ? await experienceOf(at, due.leadDays) : new Map<string, never>();
    const cannot = rows.filter(({ procedure }) => { const known = experience.get(procedure ?? ''); return known !== undefined && known.open >= due.minimum && known.late / known.open >= due.lateShare; });
    found.push(['apology_due', { severity: due.severity, conditions: cannot.map((row) => condition(row, minutes(at, row.due_at), minutes(at, due.soonUntil(at)))) }]);
  }
  if (without) found.push(['late_without_apology', { severity: without.severity, conditions: (await rowsOf(database, `cardinality(apologies) = 0 AND due_at < ${DAYS('$2')} AND due_at > ${DAYS('$3')}`, [at, without.graceDays, without.maxAgeDays])).map((row) => condition(row, minutes(row.due_at, at), Math.round(without.graceDays * 1440))) }]);
  if (after) found.push(['apology_after_deadline', { severity: after.severity, conditions: (await rowsOf(database, `due_at < $1 AND due_at > ${DAYS('$2')} AND cardinality(apologies) > 0 AND NOT EXISTS (SELECT FROM unnest(apologies) a WHERE a <= due_at)`, [at, after.maxAgeDays])).map((row) => condition(row, minutes(row.due_at, row.first_apology ?? at), 0)) }]);
  if (second) found.push(['second_reappointment', { severity: second.severity, conditions: (await rowsOf(database, `reappointments > 1 AND coalesce(due_at, received_at) > ${DAYS('$2')}`, [at, second.maxAgeDays])).map((row) => condition(row, row.reappointments, 1)) }]);
  return found;
}
