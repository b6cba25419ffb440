/** The scenes: those that ship, and those that people made. Each version of these is kept; a scene is archived, never deleted. */
import { randomBytes } from 'node:crypto';
import { Fault } from '#contract/faults.ts';
import type { BuiltInScene, SceneAnswer, SceneMark, SceneRow, SceneVersion, Tile } from '#contract/scene.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

interface Stored extends Record<string, unknown> { id: string; unit: string; name: string; version: number; tiles: Tile[]; changed_at: Date; changed_by: string }
export interface Change { name: string; tiles: Tile[]; by: string; at: Date }

export interface Scenes {
  list(scope: ReadonlySet<string>): Promise<SceneRow[]>;
  read(id: string): Promise<SceneAnswer>;
  /** Null: no such scene; undefined: it ships. */
  unitOf(id: string): Promise<string | null | undefined>;
  create(unit: string, change: Change): Promise<SceneAnswer>;
  /** Refused when another version came meanwhile; the refusal says whose. */
  update(id: string, version: number, change: Change): Promise<SceneAnswer>;
  versions(id: string): Promise<SceneVersion[]>;
  version(id: string, version: number): Promise<{ name: string; tiles: Tile[] }>;
  archive(id: string, by: string, at: Date): Promise<void>;
  /** For the live topic. */
  marks(): Promise<SceneMark[]>;
}

export function openScenes({ database, builtIn, units }: { database: Database; builtIn: readonly BuiltInScene[]; units: Units }): Scenes {
  const shipped = new Map(builtIn.map((scene) => [scene.id, scene]));
  const ofShipped = ({ id, name, about }: BuiltInScene): SceneRow => ({ id, name: name.vi, names: name, about, unit: null, unitName: null, builtIn: true, version: 0, changedAt: null, changedBy: null });
  const ofStored = (row: Stored): SceneRow => ({ id: row.id, name: row.name, names: null, about: null, unit: row.unit, unitName: units.nameOf(row.unit), builtIn: false, version: row.version, changedAt: row.changed_at.toISOString(), changedBy: row.changed_by });
  const find = async (id: string, connection: Queryable = database, lock = ''): Promise<Stored> => {
    const row = (await connection.query<Stored>(`SELECT * FROM scenes WHERE id = $1 AND archived_at IS NULL ${lock}`, [id])).rows[0];
    if (!row) throw new Fault('not_found', `scene ${id}`);
    return row;
  };
  const keep = async (connection: Queryable, id: string, version: number, { name, tiles, by, at }: Change) => {
    await connection.query('INSERT INTO scene_versions (scene, version, name, tiles, at, by_whom) VALUES ($1, $2, $3, $4, $5, $6)', [id, version, name, JSON.stringify(tiles), at, by]);
  };

  const self: Scenes = {
    async list(scope) {
      const found = await database.query<Stored>('SELECT * FROM scenes WHERE archived_at IS NULL AND unit = ANY($1) ORDER BY name, id', [[...scope]]);
      return [...builtIn.map(ofShipped), ...found.rows.map(ofStored)];
    },
    async read(id) {
      const ships = shipped.get(id);
      if (ships) return { ...ofShipped(ships), tiles: ships.tiles };
      const row = await find(id);
      return { ...ofStored(row), tiles: row.tiles };
    },
    async unitOf(id) {
      if (shipped.has(id)) return undefined;
      return (await database.query<{ unit: string }>('SELECT unit FROM scenes WHERE id = $1 AND archived_at IS NULL', [id])).rows[0]?.unit ?? null;
    },
    async create(unit, change) {
      const id = `s-${randomBytes(5).toString('hex')}`;
      await database.transaction(async (connection) => {
        await connection.query('INSERT INTO scenes (id, unit, name, version, tiles, changed_at, changed_by) VALUES ($1, $2, $3, 1, $4, $5, $6)', [id, unit, change.name, JSON.stringify(change.tiles), change.at, change.by]);
        await keep(connection, id, 1, change);
        await appendAudit(connection, { actor: change.by, action: 'scene.create', unit, subject: id, detail: { name: change.name } }, change.at);
      });
      return await self.read(id);
    },
    async update(id, version, change) {
      if (shipped.has(id)) throw new Fault('scene_ships');
      await database.transaction(async (connection) => {
        const row = await find(id, connection, 'FOR UPDATE');
        if (row.version !== version) throw new Fault('changed_meanwhile', `version ${row.version} by ${row.changed_by} at ${row.changed_at.toISOString()}`, { by: row.changed_by, at: row.changed_at.toISOString(), version: row.version });
        await connection.query('UPDATE scenes SET name = $2, tiles = $3, version = version + 1, changed_at = $4, changed_by = $5 WHERE id = $1', [id, change.name, JSON.stringify(change.tiles), change.at, change.by]);
        await keep(connection, id, version + 1, change);
        await appendAudit(connection, { actor: change.by, action: 'scene.change', unit: row.unit, subject: id, detail: { name: change.name, version: version + 1 } }, change.at);
      });
      return await self.read(id);
    },
    async versions(id) {
      if (shipped.has(id)) return [];
      await find(id);
      const found = await database.query<{ version: number; name: string; at: Date; by_whom: string; tiles: number }>('SELECT version, name, at, by_whom, jsonb_array_length(tiles) AS tiles FROM scene_versions WHERE scene = $1 ORDER BY version DESC LIMIT 200', [id]);
      return found.rows.map((row) => ({ version: row.version, name: row.name, at: row.at.toISOString(), by: row.by_whom, tiles: row.tiles }));
    },
    async version(id, version) {
      await find(id);
      const row = (await database.query<{ name: string; tiles: Tile[] }>('SELECT name, tiles FROM scene_versions WHERE scene = $1 AND version = $2', [id, version])).rows[0];
      if (!row) throw new Fault('not_found', `version ${version}`);
      return row;
    },
    async archive(id, by, at) {
      if (shipped.has(id)) throw new Fault('scene_ships');
      await database.transaction(async (connection) => {
        const row = await find(id, connection, 'FOR UPDATE');
        await connection.query('UPDATE scenes SET archived_at = $2 WHERE id = $1', [id, at]);
        await appendAudit(connection, { actor: by, action: 'scene.archive', unit: row.unit, subject: id, detail: { name: row.name } }, at);
      });
    },
    async marks() {
      const found = await database.query<SceneMark & Record<string, unknown>>('SELECT id, unit, name, version FROM scenes WHERE archived_at IS NULL ORDER BY id LIMIT 2000');
      return found.rows;
    },
  };
  return self;
}
