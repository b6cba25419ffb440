/** The outages that are open, kept in the database, so that a restart forgets none. */
import type { Database } from '../database/pool.ts';
import { judgeOutages, type Open, type Seen } from './judgeOutages.ts';

export interface OutageKeeper { note(cameras: readonly Seen[], at: Date): Promise<void> }

interface Row extends Record<string, unknown> { id: number; kind: Open['kind']; unit: string; camera: string | null; began_at: Date }

export function keepOutages(database: Pick<Database, 'query' | 'transaction'>, { minutes }: { minutes: number }): OutageKeeper {
  let open: (Open & { id: number })[] | null = null;
  const lineEnded = new Map<string, number>();
  return {
    async note(cameras, at) {
      if (open === null) {
        open = (await database.query<Row>('SELECT id, kind, unit, camera, began_at FROM camera_outages WHERE ended_at IS NULL')).rows.map((row) => ({ id: Number(row.id), kind: row.kind, unit: row.unit, camera: row.camera, beganAt: row.began_at.getTime() }));
        for (const row of (await database.query<{ unit: string; at: Date }>("SELECT unit, max(ended_at) AS at FROM camera_outages WHERE kind <> 'camera' AND ended_at IS NOT NULL GROUP BY unit")).rows) lineEnded.set(row.unit, row.at.getTime());
      }
      const { opened, closed } = judgeOutages(cameras, open, lineEnded, at.getTime(), minutes * 60_000);
      if (opened.length === 0 && closed.length === 0) return;
      const held = open;
      const ids: number[] = [];
      await database.transaction(async (connection) => {
        for (const one of closed) await connection.query('UPDATE camera_outages SET ended_at = greatest($2, began_at), closed_as = $3 WHERE id = $1 AND ended_at IS NULL', [held.find((other) => other === one.outage)?.id ?? 0, new Date(one.at), one.as]);
        for (const one of opened) {
          const made = await connection.query<{ id: number }>(
            'INSERT INTO camera_outages (kind, unit, camera, cameras, cause, began_at, opened_at, simulated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id',
            [one.kind, one.unit, one.camera, one.cameras, one.cause, new Date(one.beganAt), at, one.simulated]);
          ids.push(Number(made.rows[0]?.id));
        }
      });
      for (const one of closed) if (one.outage.kind !== 'camera') lineEnded.set(one.outage.unit, one.at);
      open = [...held.filter((one) => !closed.some((other) => other.outage === one)), ...opened.map((one, i) => ({ kind: one.kind, unit: one.unit, camera: one.camera, beganAt: one.beganAt, id: ids[i] ?? 0 }))];
    },
  };
}
