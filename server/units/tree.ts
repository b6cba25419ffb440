/** The units: filled from config at start, kept in memory with their tree. */
import { unitTree, type UnitTree } from '#analytics/unit/tree.ts';
import type { UnitRow } from '#contract/figures.ts';
import type { Queryable } from '../database/pool.ts';

export interface UnitEntry { code: string; name: string; level: string; kind: string; parent: string | null; lat: number | null; lon: number | null; validFrom: string | null; validTo: string | null }

export interface Units {
  readonly rows: readonly UnitRow[];
  readonly tree: UnitTree;
  nameOf(code: string): string;
  /** The scope of an account: its unit and all under it. */
  scopeOf(unit: string): ReadonlySet<string>;
}

/** Units that the configuration no longer names stay: dossiers refer to them. */
export async function loadUnits(database: Queryable, configured: readonly UnitEntry[]): Promise<Units> {
  await database.query(
    `INSERT INTO units (code, valid_from, valid_to, name, level, kind, parent, lat, lon)
     SELECT * FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[])
     ON CONFLICT (code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, name = excluded.name, level = excluded.level,
       kind = excluded.kind, parent = excluded.parent, lat = excluded.lat, lon = excluded.lon`,
    [configured.map((u) => u.code), configured.map((u) => u.validFrom ?? '-infinity'), configured.map((u) => u.validTo), configured.map((u) => u.name),
      configured.map((u) => u.level), configured.map((u) => u.kind), configured.map((u) => u.parent), configured.map((u) => u.lat), configured.map((u) => u.lon)]);
  const found = await database.query<{ code: string; name: string; level: string; kind: string; parent: string | null; lat: number | null; lon: number | null; valid_from: string; valid_to: string | null }>(
    'SELECT DISTINCT ON (code) code, name, level, kind, parent, lat, lon, valid_from::text, valid_to::text FROM units ORDER BY code, valid_from DESC');
  const rows = found.rows.map((row) => ({
    code: row.code, name: row.name, level: row.level, kind: row.kind, parent: row.parent, lat: row.lat, lon: row.lon,
    validFrom: row.valid_from === '-infinity' ? null : row.valid_from, validTo: row.valid_to,
  }));
  const tree = unitTree(rows);
  const names = new Map(rows.map((row) => [row.code, row.name]));
  return { rows, tree, nameOf: (code) => names.get(code) ?? code, scopeOf: (unit) => new Set(tree.under(unit)) };
}
