/** Minutes of activity: kept as nodes send them, read for a camera, dropped when they are past their days. */
import type { CameraMinute, NodeMinute } from '#contract/picture.ts';
import type { Database, Queryable } from '../database/pool.ts';

/** A node speaks for its own cameras only, and of the time in which they were its own. Returns the highest number taken; what was there already stays one row. */
export async function keepMinutes(database: Queryable, node: string, minutes: readonly NodeMinute[]): Promise<number> {
  if (minutes.length > 0) {
    await database.query(
      `INSERT INTO camera_minutes (camera, minute, staff, public, usable, staff_persons, public_persons)
       SELECT DISTINCT ON (m.camera, m.minute) m.camera, m.minute, m.staff, m.public, m.usable, m.staff_persons, m.public_persons FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::real[], $6::real[], $7::boolean[], $8::real[], $9::real[]) AS m(seq, camera, minute, staff, public, usable, staff_persons, public_persons)
       JOIN camera_nodes h ON h.camera = m.camera AND h.node = $1 AND m.minute >= h.since - interval '1 minute' AND m.minute < COALESCE(h.until, 'infinity') ORDER BY m.camera, m.minute, m.seq DESC
       ON CONFLICT (camera, minute) DO UPDATE SET staff = excluded.staff, public = excluded.public, usable = excluded.usable, staff_persons = excluded.staff_persons, public_persons = excluded.public_persons`,
      [node, minutes.map((m) => m.seq), minutes.map((m) => m.camera), minutes.map((m) => m.minute), minutes.map((m) => m.staff), minutes.map((m) => m.public), minutes.map((m) => m.usable), minutes.map((m) => m.detected?.staff ?? null), minutes.map((m) => m.detected?.public ?? null)]);
  }
  return minutes.reduce((highest, minute) => Math.max(highest, minute.seq), 0);
}

/** Of [from, to), oldest first. */
export async function readMinutes(database: Queryable, camera: string, from: Date, to: Date): Promise<Omit<CameraMinute, 'camera'>[]> {
  const found = await database.query<{ minute: Date; staff: number | null; public: number | null; usable: boolean; staff_persons: number | null; public_persons: number | null }>('SELECT minute, staff, public, usable, staff_persons, public_persons FROM camera_minutes WHERE camera = $1 AND minute >= $2 AND minute < $3 ORDER BY minute', [camera, from, to]);
  return found.rows.map(({ staff_persons: counted, public_persons: waiting, ...row }) => ({ ...row, minute: row.minute.toISOString(), detected: counted === null && waiting === null ? null : { source: 'detector' as const, staff: counted, public: waiting } }));
}

const PAGE = 10_000;

/** Minutes older than `days` go: whole chunks where the table is a hypertable, rows in pages where it is not. */
export async function dropPastMinutes(database: Database, days: number, at: Date, isWanted: () => boolean = () => true): Promise<void> {
  const limit = new Date(at.getTime() - days * 86_400_000);
  const timescale = (await database.query("SELECT FROM pg_extension WHERE extname = 'timescaledb'")).rowCount === 1;
  if (timescale && (await database.query("SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = 'camera_minutes' AND hypertable_schema = current_schema()")).rowCount === 1) {
    await database.query("SELECT drop_chunks('camera_minutes'::regclass, older_than => $1::timestamptz)", [limit]);
    return;
  }
  while (isWanted()) {
    const gone = await database.query(`DELETE FROM camera_minutes WHERE ctid = ANY(ARRAY(SELECT ctid FROM camera_minutes WHERE minute < $1 LIMIT ${PAGE}))`, [limit]);
    if ((gone.rowCount ?? 0) < PAGE) return;
  }
}
