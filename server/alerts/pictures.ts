/** Alerts of what cameras show: pictures that show nothing or something else, a counter without anybody, a crowd that waits. */
import { isCrowd, isUnattended } from '#analytics/camera/activity.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { QueueRow } from '#contract/live.ts';
import type { AlertRule, Severity } from '#contract/vocabulary.ts';
import type { Queryable } from '../database/pool.ts';
import type { Condition } from './evaluate.ts';

export const PICTURE_RULES = ['camera_black', 'camera_frozen', 'camera_covered', 'camera_moved', 'camera_out_of_focus', 'camera_wrong_time'] as const;
type PictureRule = (typeof PICTURE_RULES)[number];

export interface PictureRules extends Record<PictureRule, { severity: Severity; workingTimeOnly: boolean } | null> {
  counter_unattended: { severity: Severity; minutes: number; activity: number; onlyWhileWaiting: boolean } | null;
  waiting_crowd: { severity: Severity; minutes: number; factor: number; atLeast: number } | null;
}
export const NO_PICTURE_RULES: PictureRules = { camera_black: null, camera_frozen: null, camera_covered: null, camera_moved: null, camera_out_of_focus: null, camera_wrong_time: null, counter_unattended: null, waiting_crowd: null };

/** `zone`: the name of the centre's time zone. `isWorking`: whether an instant is working time at a unit. */
export interface PictureInput { at: Date; cameras: readonly CameraRow[]; queues: readonly QueueRow[]; everyMinutes: number; zone: string; isWorking: (unit: string, at: Date) => boolean }

export async function pictureConditions(database: Queryable, rules: PictureRules, input: PictureInput, isOpen: ReadonlySet<string>): Promise<[AlertRule, { severity: Severity; conditions: Condition[] }][]> {
  const { at, cameras } = input;
  const found: [AlertRule, { severity: Severity; conditions: Condition[] }][] = [];
  const condition = (camera: CameraRow, value: number | null, limit: number | null, moment = at): Condition => ({ unit: camera.unit, subject: camera.id, dossier: null, camera: camera.id, counter: camera.counter, value, limit, moment, simulated: camera.simulated });
  for (const name of PICTURE_RULES) {
    const rule = rules[name];
    if (!rule) continue;
    const what = name.slice('camera_'.length);
    const hit = cameras.filter((camera) => camera.enabled && (camera.state === what || camera.warnings.some((warning) => warning === what))
      // One that opened in working time does not end because people went home.
      && (!rule.workingTimeOnly || isOpen.has(`${name} ${camera.id}`) || input.isWorking(camera.unit, at)));
    found.push([name, { severity: rule.severity, conditions: hit.map((camera) => condition(camera, name === 'camera_wrong_time' ? Math.abs(camera.picture?.clockSeconds ?? 0) : null, null, new Date(camera.picture?.since ?? at))) }]);
  }

  const watched = (zone: 'staff' | 'public', minutes: number) => cameras.filter((camera) => camera.enabled && camera.zones?.[zone] && input.isWorking(camera.unit, at) && input.isWorking(camera.unit, new Date(at.getTime() - minutes * 60_000)));
  const looks = async (zone: 'staff' | 'public', of: readonly CameraRow[], minutes: number) => {
    // A look is told some minutes after its minute.
    const since = new Date(at.getTime() - (minutes + input.everyMinutes + 2) * 60_000);
    const rows = of.length === 0 ? [] : (await database.query<{ camera: string; shares: number[] }>(`SELECT camera, array_agg(${zone}::float8 ORDER BY minute) AS shares FROM camera_minutes WHERE camera = ANY($1) AND minute > $2 AND minute <= $3 AND ${zone} IS NOT NULL GROUP BY camera`, [of.map((camera) => camera.id), since, at])).rows;
    return new Map(rows.map((row) => [row.camera, row.shares]));
  };

  if (rules.counter_unattended) {
    const rule = rules.counter_unattended;
    const waits = new Set(input.queues.filter((queue) => queue.waiting > 0).map((queue) => queue.unit));
    const of = watched('staff', rule.minutes).filter((camera) => !rule.onlyWhileWaiting || waits.has(camera.unit));
    const shares = await looks('staff', of, rule.minutes);
    found.push(['counter_unattended', { severity: rule.severity, conditions: of.filter((camera) => isUnattended(shares.get(camera.id) ?? [], { ...rule, everyMinutes: input.everyMinutes })).map((camera) => condition(camera, rule.minutes, null)) }]);
  }
  if (rules.waiting_crowd) {
    const rule = rules.waiting_crowd;
    const of = watched('public', rule.minutes);
    const shares = await looks('public', of, rule.minutes);
    // Only of those that are lively enough at all is the usual asked for: it reads four weeks.
    const lively = of.filter((camera) => isCrowd(shares.get(camera.id) ?? [], 0, { ...rule, everyMinutes: input.everyMinutes }));
    const usual = await usualOf(database, lively.map((camera) => camera.id), at, input.zone);
    found.push(['waiting_crowd', { severity: rule.severity, conditions: lively.filter((camera) => isCrowd(shares.get(camera.id) ?? [], usual.get(camera.id) ?? null, { ...rule, everyMinutes: input.everyMinutes })).map((camera) => condition(camera, Math.min(...shares.get(camera.id) ?? []), usual.get(camera.id) ?? null)) }]);
  }
  return found;
}

/** The median of the public zone within an hour of this time of the day, over the four weeks before today; of cameras with five such days. */
async function usualOf(database: Queryable, cameras: readonly string[], at: Date, zone: string): Promise<Map<string, number>> {
  if (cameras.length === 0) return new Map();
  const rows = await database.query<{ camera: string; usual: number }>(
    `SELECT camera, percentile_cont(0.5) WITHIN GROUP (ORDER BY public::float8) AS usual FROM camera_minutes
     WHERE camera = ANY($1) AND public IS NOT NULL AND minute > $2::timestamptz - interval '28 days' AND minute < date_trunc('day', $2::timestamptz AT TIME ZONE $3) AT TIME ZONE $3
       AND abs(extract(epoch FROM (minute AT TIME ZONE $3)::time) - extract(epoch FROM ($2::timestamptz AT TIME ZONE $3)::time)) <= 3600
     GROUP BY camera HAVING count(DISTINCT (minute AT TIME ZONE $3)::date) >= 5`, [cameras, at, zone]);
  return new Map(rows.rows.map((row) => [row.camera, row.usual]));
}
