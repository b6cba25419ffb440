/** How long each camera was there, day by day: each round adds the time since the last one; time in which nobody looked is not known. */
import { dayOf, dayText, type Zone } from '#analytics/time/localDay.ts';
import { CONNECTED_STATES, type CameraState } from '#contract/vocabulary.ts';
import type { CameraRow } from '#contract/camera.ts';
import type { Database } from '../database/pool.ts';

/** A longer silence between two rounds is a stop of ours, and tells nothing of the cameras. */
const LONGEST_STEP = 15_000;
const FLUSH_EVERY = 60_000;

export interface Uptime { note(cameras: readonly Pick<CameraRow, 'id' | 'unit' | 'enabled' | 'state' | 'simulated'>[], at: Date): Promise<void> }

/** `counts`: whether a camera is up while it is connected, or only while its picture shows something. */
export function keepUptime(database: Pick<Database, 'query'>, zone: Zone, counts: 'connected' | 'usable' = 'connected'): Uptime {
  const up: readonly CameraState[] = counts === 'usable' ? ['online'] : CONNECTED_STATES;
  const held = new Map<string, { camera: string; unit: string; day: string; known: number; up: number; simulated: boolean }>();
  let last: number | null = null;
  let flushed: number | null = null;
  return {
    async note(cameras, at) {
      const step = last === null ? 0 : at.getTime() - last;
      last = at.getTime();
      flushed ??= last;
      if (step > 0 && step <= LONGEST_STEP) {
        const day = dayText(dayOf(at.getTime(), zone));
        for (const { id, unit, enabled, state, simulated } of cameras) {
          // A camera that was never reached since the start is not yet known to be away; one switched off is nobody's fault.
          if (!enabled || state === 'connecting') continue;
          const key = `${id}\n${day}`;
          const row = held.get(key) ?? { camera: id, unit, day, known: 0, up: 0, simulated };
          row.known += step / 1000;
          if (up.includes(state)) row.up += step / 1000;
          held.set(key, row);
        }
      }
      if (last - flushed < FLUSH_EVERY || held.size === 0) return;
      flushed = last;
      const rows = [...held.values()];
      await database.query(
        `INSERT INTO camera_days (camera, unit, day, known_seconds, up_seconds, simulated) SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::float8[], $5::float8[], $6::boolean[])
         ON CONFLICT (camera, day) DO UPDATE SET unit = excluded.unit, known_seconds = camera_days.known_seconds + excluded.known_seconds, up_seconds = camera_days.up_seconds + excluded.up_seconds`,
        [rows.map((row) => row.camera), rows.map((row) => row.unit), rows.map((row) => row.day), rows.map((row) => row.known), rows.map((row) => row.up), rows.map((row) => row.simulated)]);
      held.clear();
    },
  };
}
