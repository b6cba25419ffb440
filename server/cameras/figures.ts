/** Uptime, outages and coverage of a period, by unit, month or camera. */
import { meets, targetFor } from '#analytics/kpi/target.ts';
import { dateOf } from '#analytics/time/localDay.ts';
import type { CameraFigures, CameraOutage, FIGURES_BY } from '#contract/cameraFigures.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { TargetRow } from '#contract/figures.ts';
import type { Database } from '../database/pool.ts';
import type { Period } from '../figures/period.ts';
import type { Units } from '../units/tree.ts';

export interface FigureSource { database: Database; units: Units; targets: readonly TargetRow[]; zone: string; cameras: () => readonly CameraRow[]; /** Codes of the units whose desks should have a camera, and where that is said. */ expected: () => { units: ReadonlySet<string>; source: string } }
type By = (typeof FIGURES_BY)[number];
interface Sum { known: number; up: number; cameras: Set<string>; outages: number; repaired: number; seconds: number; simulated: boolean; real: boolean; unit: string | null }

export async function cameraFiguresOf({ database, units, targets, zone, cameras, expected }: FigureSource, codes: readonly string[], period: Period, by: By): Promise<CameraFigures> {
  const days = (await database.query<{ camera: string; unit: string; month: string; known: number; up: number; simulated: boolean }>(
    `SELECT camera, unit, to_char(day, 'YYYY-MM') AS month, sum(known_seconds) AS known, sum(up_seconds) AS up, bool_or(simulated) AS simulated FROM camera_days
     WHERE unit = ANY($1) AND day BETWEEN $2 AND $3 GROUP BY 1, 2, 3`, [codes, period.from, period.to])).rows;
  const outages = (await database.query<{ camera: string | null; unit: string; began: string | null; repaired: string | null; seconds: number; simulated: boolean }>(
    `SELECT camera, unit, simulated, extract(epoch FROM ended_at - began_at)::float8 AS seconds,
       CASE WHEN began_at >= $2 AND began_at < $3 THEN to_char(began_at AT TIME ZONE $4, 'YYYY-MM') END AS began,
       CASE WHEN closed_as = 'back' AND ended_at >= $2 AND ended_at < $3 THEN to_char(ended_at AT TIME ZONE $4, 'YYYY-MM') END AS repaired
     FROM camera_outages WHERE unit = ANY($1) AND (closed_as IS NULL OR closed_as <> 'line') AND began_at < $3 AND (ended_at IS NULL OR ended_at >= $2)`, [codes, period.start, period.end, zone])).rows;

  const none = (unit: string | null): Sum => ({ known: 0, up: 0, cameras: new Set(), outages: 0, repaired: 0, seconds: 0, simulated: false, real: false, unit });
  const total = none(null);
  const sums = new Map<string, Sum>();
  const at = (row: { camera: string | null; unit: string }, month: string): Sum[] => {
    const key = by === 'unit' ? row.unit : by === 'month' ? month : row.camera;
    if (key === null) return [total];
    let sum = sums.get(key);
    if (!sum) sums.set(key, sum = none(by === 'month' ? null : row.unit));
    return [total, sum];
  };
  for (const row of days) for (const sum of at(row, row.month)) { sum.known += Number(row.known); sum.up += Number(row.up); sum.cameras.add(row.camera); if (row.simulated) sum.simulated = true; else sum.real = true; }
  for (const row of outages) {
    if (row.began !== null) for (const sum of at(row, row.began)) { sum.outages += 1; if (row.simulated) sum.simulated = true; }
    if (row.repaired !== null) for (const sum of at(row, row.repaired)) { sum.repaired += 1; sum.seconds += row.seconds; }
  }
  const here = cameras().filter((camera) => codes.includes(camera.unit));
  const { year } = dateOf(period.toDay);
  const levelOf = new Map(units.rows.map((unit) => [unit.code, unit.level]));
  const shown = (sum: Sum) => {
    const uptime = sum.known > 0 ? sum.up / sum.known : null;
    const level = sum.unit === null ? 'province' : levelOf.get(sum.unit) ?? 'commune';
    const target = targetFor(targets, 'cameraUptimeRate', level, sum.unit ?? units.rows[0]?.code ?? '', year);
    return {
      cameras: sum.cameras.size, knownSeconds: Math.round(sum.known), upSeconds: Math.round(sum.up), uptime,
      target: target && { operator: target.operator, value: target.value, document: target.document, issuer: target.issuer }, meets: target && uptime !== null ? meets(uptime, target) : null,
      outages: sum.outages, repaired: sum.repaired, repairHours: sum.repaired > 0 ? sum.seconds / sum.repaired / 3600 : null, simulated: sum.simulated,
    };
  };
  const names = new Map((await database.query<{ id: string; name: string }>('SELECT id, name FROM cameras WHERE unit = ANY($1)', [codes])).rows.map((row) => [row.id, row.name]));
  const wanted = expected();
  const desks = codes.filter((code) => wanted.units.has(code));
  const works = new Set(here.filter((camera) => camera.enabled && camera.state === 'online').map((camera) => camera.unit));
  const working = desks.filter((code) => works.has(code)).length;
  return {
    from: period.from, to: period.to, by,
    coverage: {
      expected: desks.length, working, share: desks.length === 0 ? null : working / desks.length, source: wanted.source, simulated: here.some((camera) => camera.simulated),
      without: desks.filter((code) => !works.has(code)).slice(0, 500).map((unit) => ({ unit, unitName: units.nameOf(unit), cameras: here.filter((camera) => camera.unit === unit && camera.enabled).length })),
    },
    total: shown(total),
    rows: [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => ({ key, name: by === 'unit' ? units.nameOf(key) : by === 'camera' ? names.get(key) ?? key : key, unit: sum.unit, unitName: sum.unit === null ? null : units.nameOf(sum.unit), ...shown(sum) })),
  };
}

export async function outagesOf({ database, units }: Pick<FigureSource, 'database' | 'units'>, codes: readonly string[], period: Period, now: Date): Promise<CameraOutage[]> {
  const rows = (await database.query<{ id: number; kind: CameraOutage['kind']; unit: string; camera: string | null; name: string | null; cameras: number; cause: string; began_at: Date; opened_at: Date; ended_at: Date | null; closed_as: CameraOutage['closedAs']; simulated: boolean }>(
    `SELECT o.*, c.name FROM camera_outages o LEFT JOIN cameras c ON c.id = o.camera WHERE o.unit = ANY($1) AND o.began_at < $3 AND (o.ended_at IS NULL OR o.ended_at >= $2)
     ORDER BY o.ended_at IS NOT NULL, o.began_at DESC, o.id DESC LIMIT 2000`, [codes, period.start, period.end])).rows;
  return rows.map((row) => ({
    id: Number(row.id), kind: row.kind, unit: row.unit, unitName: units.nameOf(row.unit), camera: row.camera, cameraName: row.name, cameras: row.cameras, cause: row.cause,
    beganAt: row.began_at.toISOString(), openedAt: row.opened_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null, closedAs: row.closed_as,
    minutes: Math.round(((row.ended_at ?? now).getTime() - row.began_at.getTime()) / 6000) / 10, simulated: row.simulated,
  }));
}
