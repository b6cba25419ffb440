/**
 * The log of a shift as it is read: what people wrote, joined with what was done meanwhile. Acts on alerts stand in their
 * stories, orders to screens in the audit log; neither is written a second time.
 */
import type { LogLine } from '#contract/shift.ts';
import type { AlertRule } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

/** So many lines of each kind at most, the newest. */
export const MOST_LINES = 1_000;
export interface Span { id: string; unit: string; from: Date; to: Date }

interface Entry extends Record<string, unknown> {
  id: number; at: Date; by_whom: string; text: string; unit: string | null; alert: number | null; rule: AlertRule | null; dossier: string | null; camera: string | null; ticket: string | null; corrects: number | null; corrected_by: number | null;
  snapshot: string | null; camera_name: string; picture_at: Date; bytes: number; sha256: string; kept: boolean;
}

export async function readLog(database: Queryable, units: Units, shift: Span): Promise<{ lines: LogLine[]; more: boolean }> {
  const codes = [...units.scopeOf(shift.unit)];
  const nothing = { action: null, text: null, unit: null, unitName: null, alert: null, rule: null, dossier: null, camera: null, ticket: null, screen: null, corrects: null, correctedBy: null, snapshot: null };
  const placed = (unit: string | null) => (unit === null ? {} : { unit: units.deskOf(unit), unitName: units.nameOf(units.deskOf(unit)) });
  const number = (id: number | null) => (id === null ? null : String(id));

  const entries = await database.query<Entry>(
    `SELECT e.*, a.rule, s.camera_name, s.picture_at, s.bytes, s.sha256, s.picture IS NOT NULL AS kept, (SELECT max(c.id) FROM shift_entries c WHERE c.corrects = e.id) AS corrected_by
     FROM shift_entries e LEFT JOIN alerts a ON a.id = e.alert LEFT JOIN shift_snapshots s ON s.id = e.snapshot WHERE e.shift = $1 ORDER BY e.id DESC LIMIT ${MOST_LINES}`, [shift.id]);
  const acts = await database.query<{ id: number; at: Date; by_whom: string; action: string; note: string | null; alert_id: number; rule: AlertRule; unit: string; dossier: string | null; camera: string | null }>(
    `SELECT n.id, n.at, n.by_whom, n.action, n.note, n.alert_id, a.rule, a.unit, a.dossier, a.camera FROM alert_notes n JOIN alerts a ON a.id = n.alert_id
     WHERE n.at >= $2 AND n.at < $3 AND a.unit = ANY($1) ORDER BY n.at DESC, n.id DESC LIMIT ${MOST_LINES}`, [codes, shift.from, shift.to]);
  const screens = await database.query<{ seq: number; at: Date; actor: string; action: string; unit: string; subject: string; name: string | null; detail: { show?: Record<string, string> } }>(
    `SELECT l.seq, l.at, l.actor, l.action, l.unit, l.subject, s.name, l.detail FROM audit_log l LEFT JOIN screens s ON s.id = l.subject
     WHERE l.at >= $2 AND l.at < $3 AND l.action IN ('screen.show', 'screen.release') AND l.unit = ANY($1) ORDER BY l.seq DESC LIMIT ${MOST_LINES}`, [codes, shift.from, shift.to]);

  const lines = [
    ...entries.rows.map((row): LogLine => ({
      ...nothing, id: String(row.id), at: row.at.toISOString(), by: row.by_whom, kind: row.snapshot === null ? 'entry' : 'snapshot', text: row.text, ...placed(row.unit),
      alert: number(row.alert), rule: row.rule, dossier: row.dossier, camera: row.camera, ticket: row.ticket, corrects: number(row.corrects), correctedBy: number(row.corrected_by),
      snapshot: row.snapshot === null ? null : { id: row.snapshot, cameraName: row.camera_name, pictureAt: row.picture_at.toISOString(), bytes: row.bytes, sha256: row.sha256, kept: row.kept },
    })),
    ...acts.rows.map((row): LogLine => ({ ...nothing, id: `alert ${row.id}`, at: row.at.toISOString(), by: row.by_whom, kind: 'alert', action: row.action, text: row.note, ...placed(row.unit), alert: String(row.alert_id), rule: row.rule, dossier: row.dossier, camera: row.camera })),
    ...screens.rows.map((row): LogLine => {
      const { scene = null, unit = null, camera = null, alert = null } = row.detail.show ?? {};
      return { ...nothing, id: `audit ${row.seq}`, at: row.at.toISOString(), by: row.actor, kind: 'screen', action: row.action.slice('screen.'.length), text: scene, ...placed(unit ?? row.unit), alert, camera, screen: row.name ?? row.subject };
    }),
  ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  return { lines, more: [entries, acts, screens].some(({ rows }) => rows.length === MOST_LINES) };
}
