/** Alerts as the API and the live messages show them. */
import type { AlertRow } from '#contract/alert.ts';
import type { AlertCounts } from '#contract/live.ts';
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

/** Of one unit no screen shows more; so a province with many alerts takes none away from a commune. */
const LIVING_OF_UNIT = 200;

export interface Living { /** The most urgent first. */ rows: AlertRow[]; /** Of all that are not closed, by the unit they are shown at. */ counts: Map<string, AlertCounts> }

/** Those that are not closed: the most urgent of each unit, and how many there are. */
export async function livingAlerts(database: Queryable, units: Units): Promise<Living> {
  const found = await database.query<Stored>(
    `WITH living AS (SELECT id, row_number() OVER (PARTITION BY unit ORDER BY state <> 'open', array_position(ARRAY['critical', 'warning', 'notice'], severity), opened_at DESC, id DESC) AS place FROM alerts WHERE closed_at IS NULL)
     ${SELECT} JOIN living USING (id) WHERE place <= ${LIVING_OF_UNIT} ORDER BY state <> 'open', array_position(ARRAY['critical', 'warning', 'notice'], severity), opened_at DESC, a.id DESC`);
  const counted = await database.query<{ unit: string; rule: AlertRule; n: number; critical: number }>(
    "SELECT unit, rule, count(*) AS n, count(*) FILTER (WHERE severity = 'critical' AND state = 'open') AS critical FROM alerts WHERE closed_at IS NULL GROUP BY unit, rule ORDER BY unit, rule");
  const counts = new Map<string, AlertCounts>();
  for (const { unit: code, rule, n, critical } of counted.rows) {
    const unit = units.deskOf(code);
    const sum = counts.get(unit) ?? { unit, total: 0, criticalOpen: 0, byRule: {} };
    counts.set(unit, { unit, total: sum.total + n, criticalOpen: sum.criticalOpen + critical, byRule: { ...sum.byRule, [rule]: (sum.byRule[rule] ?? 0) + n } });
  }
  return { rows: found.rows.map((row) => rowOf(row, units)), counts };
}

export interface AlertFilter { state: string; rule: string | null; unit: string | null; from: Date | null; to: Date | null; limit: number; before: number | null }

/** `active`: all that are not closed; `all`: all; else those in exactly this state. With a time: what happened, or was opened, within it. */
export async function listAlerts(database: Queryable, units: Units, scope: ReadonlySet<string>, filter: AlertFilter): Promise<AlertRow[]> {
  const within = filter.unit === null ? [...scope] : units.tree.under(filter.unit).filter((unit) => scope.has(unit));
  const found = await database.query<Stored>(
    `${SELECT} WHERE a.unit = ANY($1) AND ($2 = 'all' OR ($2 = 'active' AND closed_at IS NULL) OR state = $2) AND ($3::text IS NULL OR rule = $3)
       AND (((moment >= $4::timestamptz) IS NOT FALSE AND (moment < $5::timestamptz) IS NOT FALSE) OR ((opened_at >= $4) IS NOT FALSE AND (opened_at < $5) IS NOT FALSE)) AND ($6::bigint IS NULL OR a.id < $6) ORDER BY a.id DESC LIMIT $7`,
    [within, filter.state, filter.rule, filter.from, filter.to, filter.before, filter.limit]);
  return found.rows.map((row) => rowOf(row, units));
}

export async function readAlert(database: Queryable, units: Units, id: string): Promise<AlertRow | null> {
  const row = (await database.query<Stored>(`${SELECT} WHERE a.id = $1`, [id])).rows[0];
  return row ? rowOf(row, units) : null;
}
