/** Who sends: an ingest key, hashed at rest, scoped to kinds of data and to units. */
import type { Request } from 'express';
import { Fault } from '#contract/faults.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { sha256 } from '../access/seal.ts';
import type { Database } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

export interface Source { id: string; kinds: readonly IngestKind[]; units: ReadonlySet<string>; simulated: boolean }

interface KeyRow extends Record<string, unknown> { id: string; kinds: IngestKind[]; units: string[]; simulated: boolean }

export function sourceOfRow(row: KeyRow, units: Units): Source {
  return { id: row.id, kinds: row.kinds, units: new Set(row.units.flatMap((unit) => units.tree.under(unit))), simulated: row.simulated };
}

export async function sourceOf(request: Request, database: Database, units: Units, now: Date): Promise<Source> {
  const key = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
  if (key === undefined) throw new Fault('key_invalid', 'Authorization: Bearer <key> is missing or not of its form');
  // Once a minute is enough to tell whether a key is still in use.
  const found = await database.query<KeyRow & { stale: boolean }>(
    "SELECT id, kinds, units, simulated, last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute' AS stale FROM ingest_keys WHERE key_hash = $1 AND revoked_at IS NULL", [sha256(key), now]);
  const row = found.rows[0];
  if (!row) throw new Fault('key_invalid');
  if (row.stale) await database.query('UPDATE ingest_keys SET last_used_at = $2 WHERE id = $1', [row.id, now]);
  return sourceOfRow(row, units);
}
