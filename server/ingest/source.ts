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

/** A revoked key is out after five seconds at the most; asking for it anew every two leaves room. */
const KNOWN_FOR = 2_000;

export interface Sources { of(request: Request, now: Date): Promise<Source> }

export function openSources(database: Database, units: Units): Sources {
  const known = new Map<string, { source: Source; until: number }>();
  return {
    async of(request, now) {
      const key = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
      if (key === undefined) throw new Fault('key_invalid', 'Authorization: Bearer <key> is missing or not of its form');
      const hash = sha256(key);
      const name = hash.toString('hex');
      const held = known.get(name);
      if (held && held.until > performance.now()) return held.source;
      // Once a minute is enough to tell whether a key is still in use.
      const found = await database.query<KeyRow & { stale: boolean }>(
        "SELECT id, kinds, units, simulated, last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute' AS stale FROM ingest_keys WHERE key_hash = $1 AND revoked_at IS NULL", [hash, now]);
      const row = found.rows[0];
      known.delete(name);
      if (!row) throw new Fault('key_invalid');
      if (row.stale) await database.query('UPDATE ingest_keys SET last_used_at = $2 WHERE id = $1', [row.id, now]);
      const source = sourceOfRow(row, units);
      if (known.size >= 1_000) known.clear();
      known.set(name, { source, until: performance.now() + KNOWN_FOR });
      return source;
    },
  };
}
