/** How a desk stands, and what happened there in a time: what the outgoing hand over, and the list of the night. */
import type { CameraRow } from '#contract/camera.ts';
import type { AlertBrief, ShiftOverview } from '#contract/shift.ts';
import type { AlertRule } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

export interface OverviewParts { database: Queryable; units: Units; cameras: () => readonly CameraRow[]; isSimulated: () => boolean }

/** Nobody reads more at seven in the morning; the number of all stands beside. */
const SHOWN = 50;
const URGENT = "array_position(ARRAY['critical', 'warning', 'notice'], severity), opened_at DESC, id DESC";

interface Stored extends Record<string, unknown> { id: number; rule: AlertRule; severity: AlertBrief['severity']; state: AlertBrief['state']; unit: string; subject: string; dossier: string | null; opened_at: Date; closed_at: Date | null; assignee: string | null; of: number }

export async function overviewOf({ database, units, cameras, isSimulated }: OverviewParts, unit: string, from: Date, to: Date): Promise<ShiftOverview> {
  const scope = units.scopeOf(unit);
  const codes = [...scope];
  const some = async (where: string) => {
    const { rows } = await database.query<Stored>(
      `SELECT id, rule, severity, state, unit, subject, dossier, opened_at, closed_at, assignee, count(*) OVER () AS of FROM alerts WHERE unit = ANY($1) AND ${where} ORDER BY ${URGENT} LIMIT ${SHOWN}`, where.includes('$3') ? [codes, from, to] : [codes]);
    return { total: rows[0]?.of ?? 0, rows: rows.map((row): AlertBrief => ({
      id: String(row.id), rule: row.rule, severity: row.severity, state: row.state, unit: units.deskOf(row.unit), unitName: units.nameOf(units.deskOf(row.unit)), subject: row.subject, dossier: row.dossier,
      openedAt: row.opened_at.toISOString(), closedAt: row.closed_at?.toISOString() ?? null, assignee: row.assignee,
    })) };
  };
  const opened = await some('opened_at >= $2 AND opened_at < $3');
  const open = await some("closed_at IS NULL AND state = 'open'");
  const unanswered = await some("closed_at IS NULL AND state = 'assigned'");
  const closed = (await database.query<{ n: number }>('SELECT count(*) AS n FROM alerts WHERE unit = ANY($1) AND closed_at >= $2 AND closed_at < $3', [codes, from, to])).rows[0]?.n ?? 0;
  const byRule = (await database.query<{ rule: AlertRule; opened: number }>('SELECT rule, count(*) AS opened FROM alerts WHERE unit = ANY($1) AND opened_at >= $2 AND opened_at < $3 GROUP BY rule ORDER BY 2 DESC, 1', [codes, from, to])).rows;
  const outages = (await database.query<{ kind: string; unit: string; camera: string | null; name: string | null; cause: string; began_at: Date; ended_at: Date | null; of: number }>(
    `SELECT o.kind, o.unit, o.camera, c.name, o.cause, o.began_at, o.ended_at, count(*) OVER () AS of FROM camera_outages o LEFT JOIN cameras c ON c.id = o.camera
     WHERE o.unit = ANY($1) AND o.began_at < $3 AND (o.ended_at IS NULL OR o.ended_at >= $2) ORDER BY o.began_at DESC LIMIT ${SHOWN}`, [codes, from, to])).rows;
  // A camera of which no node has said anything yet is neither up nor down.
  const enabled = cameras().filter((camera) => camera.enabled && scope.has(camera.unit));
  const told = enabled.filter((camera) => camera.state !== 'connecting' || camera.since !== null);
  const down = told.filter((camera) => camera.state !== 'online');
  return {
    unit, from: from.toISOString(), to: to.toISOString(), simulated: isSimulated(), opened, closed, byRule, open, unanswered,
    camerasDown: enabled.length > 0 && told.length === 0 ? null : { total: down.length, rows: down.slice(0, SHOWN).map(({ id, name, unit: of, unitName, state, reason, since }) => ({ id, name, unit: of, unitName, state, reason, since })) },
    outages: { total: outages[0]?.of ?? 0, rows: outages.map((row) => ({ kind: row.kind, unit: row.unit, unitName: units.nameOf(row.unit), camera: row.camera, cameraName: row.name, cause: row.cause, beganAt: row.began_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null })) },
  };
}
