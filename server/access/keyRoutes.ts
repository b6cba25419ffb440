/** Ingest keys: made, shown once, rotated with two live secrets, revoked. A signed key is never sent: requests are signed with it. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { ingestKeyAnswer, ingestKeyCreate, ingestKeyRotate, ingestKeyRotated, ingestKeyRow } from '#contract/session.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import { randomToken, sha256, type Seal } from './seal.ts';

interface KeyRecord extends Record<string, unknown> {
  id: string; name: string; kinds: IngestKind[]; units: string[]; simulated: boolean; created_at: Date; last_used_at: Date | null; revoked_at: Date | null;
  signed: boolean; rotated_at: Date | null; old_until: Date | null; old_used_at: Date | null;
}
const ADMIN = { tag: 'Access', access: ['admin'], scope: { kind: 'filter' } } as const;
const id = z.object({ id: z.string().max(40) });

export function keyRoutes({ database, seal, now }: { database: Database; seal: Seal; now: () => Date }): Route[] {
  return [
    route({
      method: 'get', path: '/ingest-keys', ...ADMIN, summary: 'Ingest keys, without their secrets', answer: z.object({ keys: z.array(ingestKeyRow) }),
      async handle({ session }) {
        const found = await database.query<KeyRecord>('SELECT *, key_sealed IS NOT NULL AS signed FROM ingest_keys WHERE units <@ $1 ORDER BY created_at DESC', [[...session.scope]]);
        return {
          keys: found.rows.map((row) => ({
            id: row.id, name: row.name, kinds: row.kinds, units: row.units, simulated: row.simulated, createdAt: row.created_at.toISOString(), lastUsedAt: row.last_used_at?.toISOString() ?? null, revokedAt: row.revoked_at?.toISOString() ?? null,
            signed: row.signed, rotatedAt: row.rotated_at?.toISOString() ?? null, old: row.old_until !== null && row.old_until > now() ? { until: row.old_until.toISOString(), lastUsedAt: row.old_used_at?.toISOString() ?? null } : null,
          })),
        };
      },
    }),
    route({
      method: 'post', path: '/ingest-keys', ...ADMIN, summary: 'Creates an ingest key; the key is shown this once', body: ingestKeyCreate, answer: ingestKeyAnswer, status: 201,
      async handle({ session, body }) {
        for (const unit of body.units) if (!session.scope.has(unit)) throw new Fault('not_found', `unit ${unit}`);
        const { signed, ...rest } = body;
        return await createIngestKey(database, { ...rest, simulated: false, by: session.username, sealedBy: signed ? seal : null }, now());
      },
    }),
    route({
      method: 'post', path: '/ingest-keys/:id/rotate', ...ADMIN, summary: 'A new secret for a key, shown this once; the old one lives on for some days, so that the source can change without a break', params: id, body: ingestKeyRotate, answer: ingestKeyRotated,
      async handle({ session, params, body }) {
        const key = randomToken();
        const until = new Date(now().getTime() + body.days * 86_400_000);
        await database.transaction(async (connection) => {
          const held = (await connection.query<KeyRecord>('SELECT *, key_sealed IS NOT NULL AS signed FROM ingest_keys WHERE id = $1 AND units <@ $2 AND revoked_at IS NULL FOR UPDATE', [params.id, [...session.scope]])).rows[0];
          if (!held) throw new Fault('not_found');
          if (held.old_until !== null && held.old_until > now()) throw new Fault('key_rotating', `until ${held.old_until.toISOString()}`);
          await connection.query(
            'UPDATE ingest_keys SET old_hash = key_hash, old_sealed = key_sealed, old_used_at = last_used_at, old_until = $2, key_hash = $3, key_sealed = $4, last_used_at = NULL, rotated_at = $5 WHERE id = $1',
            [params.id, until, sha256(key), held.signed ? seal.close(key) : null, now()]);
          await appendAudit(connection, { actor: session.username, action: 'ingest-key.rotate', subject: params.id, detail: { oldUntil: until.toISOString() } }, now());
        });
        return { id: params.id, key, oldUntil: until.toISOString() };
      },
    }),
    route({
      method: 'delete', path: '/ingest-keys/:id/old', ...ADMIN, summary: 'Ends the old secret of a rotated key now', params: id, answer: z.null(), status: 204,
      async handle({ session, params }) {
        await database.transaction(async (connection) => {
          const done = await connection.query('UPDATE ingest_keys SET old_until = $3, old_hash = NULL, old_sealed = NULL WHERE id = $1 AND units <@ $2 AND old_until > $3', [params.id, [...session.scope], now()]);
          if (done.rowCount === 0) throw new Fault('not_found');
          await appendAudit(connection, { actor: session.username, action: 'ingest-key.end-old', subject: params.id }, now());
        });
        return null;
      },
    }),
    route({
      method: 'delete', path: '/ingest-keys/:id', ...ADMIN, summary: 'Revokes an ingest key, its old secret too', params: id, answer: z.null(), status: 204,
      async handle({ session, params }) {
        await database.transaction(async (connection) => {
          const done = await connection.query('UPDATE ingest_keys SET revoked_at = $3 WHERE id = $1 AND units <@ $2 AND revoked_at IS NULL', [params.id, [...session.scope], now()]);
          if (done.rowCount === 0) throw new Fault('not_found');
          await appendAudit(connection, { actor: session.username, action: 'ingest-key.revoke', subject: params.id }, now());
        });
        return null;
      },
    }),
  ];
}

/** `sealedBy`: the key is for signing, and must be read again to check a signature. */
export async function createIngestKey(database: Database, { name, kinds, units, simulated, by, sealedBy = null }: { name: string; kinds: readonly IngestKind[]; units: readonly string[]; simulated: boolean; by: string; sealedBy?: Seal | null }, at: Date): Promise<{ id: string; key: string }> {
  const id = randomBytes(6).toString('hex');
  const key = randomToken();
  await database.transaction(async (connection) => {
    await connection.query('INSERT INTO ingest_keys (id, key_hash, name, kinds, units, simulated, created_at, created_by, key_sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [id, sha256(key), name, kinds, units, simulated, at, by, sealedBy?.close(key) ?? null]);
    await appendAudit(connection, { actor: by, action: 'ingest-key.create', subject: id, detail: { name, kinds, units, simulated, signed: sealedBy !== null } }, at);
  });
  return { id, key };
}
