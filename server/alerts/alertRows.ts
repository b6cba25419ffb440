/** Alerts as the API and the live messages show them. */
import type { AlertRow } from '#contract/alert.ts';
import type { AlertRule, AlertState, Severity } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

interface Stored extends Record<string, unknown> {
  id: number; rule: AlertRule; severity: Severity; state: AlertState; unit: string; subject: string; dossier: string | null; camera: string | null; counter: string | null;
  value: number | null; limit: number | null; opened_at: Date; updated_at: Date; closed_at: Date | null; moment: Date; assignee: string | null; snoozed_until: Date | null;
  closed_reason: string | null; simulated: boolean; notes: AlertRow['notes'] | null;
}

const SELECT = `SELECT a.*, (SELECT json_agg(json_build_object('at', to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'by', n.by_whom, 'action', n.action, 'note', n.note) ORDER BY n.id) FROM alert_notes n WHERE n.alert_id = a.id) AS notes FROM alerts a`;

/** The alert of a unit that is no more is shown where its work is now. */
const rowOf = (row: Stored, units: Units): AlertRow => ({
  id: String(row.id), rule: row.rule, severity: row.severity, state: row.state, unit: units.deskOf(row.unit), unitName: units.nameOf(units.deskOf(row.unit)), subject: row.subject, dossier: row.dossier, camera: row.camera,
  counter: row.counter, value: row.value, limit: row.limit, openedAt: row.opened_at.toISOString(), updatedAt: row.updated_at.toISOString(), closedAt: row.closed_at?.toISOString() ?? null,
  at: row.moment.toISOString(), assignee: row.assignee, snoozedUntil: row.snoozed_until?.toISOString() ?? null, closedReason: row.closed_reason, notes: row.notes ?? [], simulated: row.simulated,
});

/** Those that are not closed, the most urgent and newest first; bounded, because a screen shows no more. */
export async function livingAlerts(database: Queryable, units: Units): Promise<AlertRow[]> {
  const found = await database.query<Stored>(`${SELECT} WHERE closed_at IS NULL ORDER BY (severity = 'critical') DESC, opened_at DESC LIMIT 2000`);
  return found.rows.map((row) => rowOf(row, units));
}

export interface AlertFilter { state: string; rule: string | null; unit: string | null; from: Date | null; to: Date | null; limit: number; before: number | null }

/** `active`: all that are not closed; `all`: all; else those in exactly this state. */
export async function listAlerts(database: Queryable, units: Units, scope: ReadonlySet<string>, filter: AlertFilter): Promise<AlertRow[]> {
  const within = filter.unit === null ? [...scope] : units.tree.under(filter.unit).filter((unit) => scope.has(unit));
  const found = await database.query<Stored>(
    `${SELECT} WHERE a.unit = ANY($1) AND ($2 = 'all' OR ($2 = 'active' AND closed_at IS NULL) OR state = $2) AND ($3::text IS NULL OR rule = $3)
       AND ($4::timestamptz IS NULL OR moment >= $4 OR opened_at >= $4) AND ($5::timestamptz IS NULL OR moment < $5 OR opened_at < $5) AND ($6::bigint IS NULL OR a.id < $6) ORDER BY a.id DESC LIMIT $7`,
    [within, filter.state, filter.rule, filter.from, filter.to, filter.before, filter.limit]);
  return found.rows.map((row) => rowOf(row, units));
}

export async function readAlert(database: Queryable, units: Units, id: string): Promise<AlertRow | null> {
  const row = (await database.query<Stored>(`${SELECT} WHERE a.id = $1`, [id])).rows[0];
  return row ? rowOf(row, units) : null;
}
