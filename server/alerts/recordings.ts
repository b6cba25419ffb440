/** Alerts of recording disks, and of recordings that were deleted before their days were over. */
import { DAY } from '#analytics/time/localDay.ts';
import type { AlertRule, CameraPosition, Severity, StorageState } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Condition } from './evaluate.ts';

export interface RecordingAlertRules {
  disk_low: { severity: Severity; freeShare: number } | null;
  disk_critical: { severity: Severity; freeShare: number } | null;
  disk_fault: { severity: Severity } | null;
  recording_shortened: { severity: Severity; hours: number; promisedDays: (position: CameraPosition) => number } | null;
}
export interface DiskSeen { node: string; unit: string; freeShare: number | null; state: StorageState | null }

/** So much more must be free before an alert of the disk closes, so that it does not swing. */
const CLEAR = 1.1;

/** What each of these rules finds; a rule that is off is not in it. */
export async function recordingConditions(database: Queryable, rules: RecordingAlertRules, at: Date, disks: readonly DiskSeen[], isOpen: ReadonlySet<string>): Promise<[AlertRule, { severity: Severity; conditions: Condition[] }][]> {
  const found: [AlertRule, { severity: Severity; conditions: Condition[] }][] = [];
  const ofDisk = (disk: DiskSeen, value: number | null, limit: number | null): Condition => ({ unit: disk.unit, subject: disk.node, dossier: null, camera: null, counter: null, value, limit, moment: at, simulated: false });
  for (const name of ['disk_low', 'disk_critical'] as const) {
    const rule = rules[name];
    if (!rule) continue;
    const short = disks.filter((disk) => disk.freeShare !== null && disk.freeShare < rule.freeShare * (isOpen.has(`${name} ${disk.node}`) ? CLEAR : 1));
    found.push([name, { severity: rule.severity, conditions: short.map((disk) => ofDisk(disk, disk.freeShare, rule.freeShare)) }]);
  }
  if (rules.disk_fault) found.push(['disk_fault', { severity: rules.disk_fault.severity, conditions: disks.filter((disk) => disk.state !== null && disk.state !== 'ready').map((disk) => ofDisk(disk, null, null)) }]);
  if (rules.recording_shortened) found.push(['recording_shortened', { severity: rules.recording_shortened.severity, conditions: await shortened(database, rules.recording_shortened, at) }]);
  return found;
}

/** `value`: how many days the last one was kept that had to go; `limit`: how many were promised. */
async function shortened(database: Queryable, { hours, promisedDays }: NonNullable<RecordingAlertRules['recording_shortened']>, at: Date): Promise<Condition[]> {
  const rows = await database.query<{ camera: string; unit: string; counter: string | null; position: CameraPosition | null; simulated: boolean; ends: Date; deleted_at: Date }>(
    `SELECT DISTINCT ON (s.camera) s.camera, i.unit, c.counter, c.position, c.simulated IS NOT NULL AS simulated, s.ends, s.deleted_at
     FROM segments s JOIN camera_ids i ON i.id = s.camera AND i.unit <> '' LEFT JOIN cameras c ON c.id = s.camera
     WHERE s.deleted_reason = 'space' AND s.deleted_at > $1::timestamptz - $2::float8 * interval '1 hour' ORDER BY s.camera, s.deleted_at DESC`, [at, hours]);
  return rows.rows.map((row) => ({
    unit: row.unit, subject: row.camera, dossier: null, camera: row.camera, counter: row.counter,
    value: Math.round((row.deleted_at.getTime() - row.ends.getTime()) / DAY * 10) / 10, limit: promisedDays(row.position ?? 'counter'), moment: row.deleted_at, simulated: row.simulated,
  }));
}
