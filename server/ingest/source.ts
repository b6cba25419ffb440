/**
 * Who sends: an ingest key, hashed at rest, scoped to kinds of data and to units. In two forms: `Authorization: Bearer <key>`,
 * or, for keys made for it, a signature over each request (signed.ts).
 */
import type { Request } from 'express';
import { Fault } from '#contract/faults.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { sha256, type Seal } from '../access/seal.ts';
import type { Database } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';
import { signedSource } from './signed.ts';

export interface Source { id: string; kinds: readonly IngestKind[]; units: ReadonlySet<string>; simulated: boolean }

export interface KeyRow extends Record<string, unknown> { id: string; kinds: IngestKind[]; units: string[]; simulated: boolean }

export function sourceOfRow(row: KeyRow, units: Units): Source {
  return { id: row.id, kinds: row.kinds, units: new Set(row.units.flatMap((unit) => units.tree.under(unit))), simulated: row.simulated };
}

/** A revoked key is out after five seconds at the most; asking for it anew every two leaves room. */
const KNOWN_FOR = 2_000;

/** `checkBody`: of a signed request, which is not admitted before its body was read. */
export interface Admitted { source: Source; checkBody?: (body: Buffer) => Promise<void> }
export interface Sources { of(request: Request, now: Date): Promise<Admitted> }

export function openSources(database: Database, units: Units, seal: Seal): Sources {
  const known = new Map<string, { admitted: Admitted; until: number }>();
  const asking = new Map<string, Promise<Admitted>>();
  async function ask(hash: Buffer, now: Date): Promise<Admitted> {
    // Once a minute is enough to tell whether a key is still in use. Who may sign does not send the key: it would be known then.
    const found = await database.query<KeyRow & { stale: boolean; old: boolean }>(
      `SELECT id, kinds, units, simulated, key_hash <> $1 AS old, CASE WHEN key_hash = $1 THEN last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute' ELSE old_used_at IS NULL OR old_used_at < $2::timestamptz - interval '1 minute' END AS stale
       FROM ingest_keys WHERE (key_hash = $1 OR (old_hash = $1 AND old_until > $2)) AND key_sealed IS NULL AND revoked_at IS NULL`, [hash, now]);
    const row = found.rows[0];
    if (!row) throw new Fault('key_invalid');
    if (row.stale) await database.query(row.old ? 'UPDATE ingest_keys SET old_used_at = $2 WHERE id = $1' : 'UPDATE ingest_keys SET last_used_at = $2 WHERE id = $1', [row.id, now]);
    return { source: sourceOfRow(row, units) };
  }
  return {
    async of(request, now) {
      if (request.headers['x-signature'] !== undefined) return await signedSource({ database, units, seal }, request, now);
      const key = /^Bearer ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
      if (key === undefined) throw new Fault('key_invalid', 'Authorization: Bearer <key> is missing or not of its form');
      const hash = sha256(key);
      const name = hash.toString('hex');
      const held = known.get(name);
      if (held && held.until > performance.now()) return held.admitted;
      // What comes together asks together: a thousand requests at the end of the two seconds are one question.
      let asked = asking.get(name);
      if (!asked) asking.set(name, (asked = ask(hash, now).finally(() => { asking.delete(name); })));
      known.delete(name);
      const admitted = await asked;
      if (known.size >= 1_000) known.clear();
      known.set(name, { admitted, until: performance.now() + KNOWN_FOR });
      return admitted;
    },
  };
}
