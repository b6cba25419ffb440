/** What the line of each desk may carry: the unit's own limit, else the configured one. */
import type { Queryable } from '../database/pool.ts';

export interface Uplink { kbps: number | null; own: boolean }
export interface Uplinks {
  of(unit: string): Promise<Uplink>;
  all(): Promise<ReadonlyMap<string, number>>;
  readonly defaultKbps: number | null;
}

export function openUplinks({ database, defaultKbps }: { database: Queryable; defaultKbps: number | null }): Uplinks {
  return {
    defaultKbps,
    async of(unit) {
      const row = (await database.query<{ kbps: number }>('SELECT kbps FROM unit_uplinks WHERE unit = $1', [unit])).rows[0];
      return row ? { kbps: row.kbps, own: true } : { kbps: defaultKbps, own: false };
    },
    async all() { return new Map((await database.query<{ unit: string; kbps: number }>('SELECT unit, kbps FROM unit_uplinks')).rows.map((row) => [row.unit, row.kbps])); },
  };
}
