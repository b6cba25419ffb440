/**
 * Signed requests: X-Key (the id of the key), X-Timestamp (seconds since 1970), X-Nonce (16 to 64 letters, digits, «_», «-»),
 * X-Signature: HMAC-SHA-256 in hex, under the key, over these lines joined by «\n»: method, path with its query, X-Timestamp,
 * X-Nonce, SHA-256 in hex of the body before any compression. A nonce is good once, also over a restart.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Request } from 'express';
import { Fault } from '#contract/faults.ts';
import { sameSecret, type Seal } from '../access/seal.ts';
import type { Database } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';
import { sourceOfRow, type Admitted, type KeyRow } from './source.ts';

const MOST_OFF = 300;
const one = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

export function signatureOf(key: string, { method, path, timestamp, nonce, body }: { method: string; path: string; timestamp: string; nonce: string; body: Uint8Array }): Buffer {
  return createHmac('sha256', key).update([method, path, timestamp, nonce, createHash('sha256').update(body).digest('hex')].join('\n')).digest();
}

export async function signedSource({ database, units, seal }: { database: Database; units: Units; seal: Seal }, request: Request, now: Date): Promise<Admitted> {
  const [id, timestamp, nonce, signature] = [one(request.headers['x-key']), one(request.headers['x-timestamp']), one(request.headers['x-nonce']), one(request.headers['x-signature'])];
  if (!/^[0-9a-f]{12}$/.test(id) || !/^[\w-]{16,64}$/.test(nonce) || !/^[0-9a-f]{64}$/i.test(signature) || !/^\d{1,12}$/.test(timestamp)) throw new Fault('signature_invalid', 'X-Key, X-Timestamp, X-Nonce and X-Signature are not of their form');
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > MOST_OFF) throw new Fault('signature_time');
  const row = (await database.query<KeyRow & { key_sealed: Buffer; old_sealed: Buffer | null }>(
    'SELECT id, kinds, units, simulated, key_sealed, CASE WHEN old_until > $2 THEN old_sealed END AS old_sealed FROM ingest_keys WHERE id = $1 AND key_sealed IS NOT NULL AND revoked_at IS NULL', [id, now])).rows[0];
  if (!row) throw new Fault('signature_invalid');
  return {
    source: sourceOfRow(row, units),
    async checkBody(body) {
      const given = Buffer.from(signature, 'hex');
      const parts = { method: request.method, path: request.originalUrl, timestamp, nonce, body };
      const isNew = sameSecret(signatureOf(seal.open(row.key_sealed), parts), given);
      const isOld = row.old_sealed !== null && sameSecret(signatureOf(seal.open(row.old_sealed), parts), given);
      if (!isNew && !isOld) throw new Fault('signature_invalid');
      // Written down before anything is done: should we fail after it, the sender signs anew.
      const expires = new Date((Number(timestamp) + MOST_OFF + 60) * 1000);
      const first = await database.query('INSERT INTO ingest_nonces (key_id, nonce, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [id, nonce, expires]);
      if (first.rowCount === 0) throw new Fault('signature_replayed');
      const used = isNew ? 'last_used_at' : 'old_used_at';
      await database.query(`UPDATE ingest_keys SET ${used} = $2 WHERE id = $1 AND (${used} IS NULL OR ${used} < $2::timestamptz - interval '1 minute')`, [id, now]);
    },
  };
}

/** Nonces are kept a little longer than their request could be repeated. */
export async function dropPastNonces(database: Database, now: Date): Promise<void> {
  await database.query('DELETE FROM ingest_nonces WHERE expires_at < $1', [now]);
}
