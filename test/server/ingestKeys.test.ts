/** Ingest keys: two live secrets during a change, and requests that are signed. */
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
let clock = Date.now();
beforeAll(async () => { centre = await startTestCentre({ now: () => new Date(clock) }); });
afterAll(async () => { await centre?.end(); });
let count = 0;
const event = () => ({ eventId: `k-${count += 1}`, unit: '26068', ticket: `T${count}`, status: 'issued', at: new Date(clock - 60_000).toISOString() });
const bearer = async (key: string) => (await centre.send('queue', [event()], key)).status;
const make = async (signed: boolean) => (await centre.call<{ id: string; key: string }>('POST', '/ingest-keys', { body: { name: 'k', kinds: ['queue', 'dossiers'], units: ['26068'], signed } })).body;
const known = () => new Promise((resolve) => { setTimeout(resolve, 2_100); });
const shown = async (id: string) => (await centre.call<{ keys: { id: string; lastUsedAt: string | null; old: { until: string; lastUsedAt: string | null } | null }[] }>('GET', '/ingest-keys')).body.keys.find((one) => one.id === id);

interface Signing { method?: string; path?: string; body?: string; at?: number; nonce?: string }
function headersFor(id: string, key: string, { method = 'POST', path = '/api/v1/ingest/queue', body = '', at = clock, nonce = randomBytes(12).toString('hex') }: Signing): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', key).update([method, path, timestamp, nonce, createHash('sha256').update(body).digest('hex')].join('\n')).digest('hex');
  return { 'x-key': id, 'x-timestamp': timestamp, 'x-nonce': nonce, 'x-signature': signature };
}
async function send(headers: Record<string, string>, body: string | Uint8Array, path = '/ingest/queue') {
  const answer = await centre.call<{ code?: string; accepted?: number }>('POST', path, { as: null, body, headers: { 'content-type': 'application/json', ...headers } });
  return answer.body.code ?? answer.status;
}

describe('rotation', () => {
  it('gives a new secret while the old lives on, both with their last use; the old ends by itself, or is ended', async () => {
    const { id, key } = await make(false);
    expect(await bearer(key)).toBe(200);
    const made = await centre.call<{ key: string; oldUntil: string }>('POST', `/ingest-keys/${id}/rotate`, { body: { days: 1 } });
    expect([made.status, made.body.key === key]).toEqual([200, false]);
    await known();
    expect((await shown(id))?.lastUsedAt).toBeNull();
    expect([await bearer(key), await bearer(made.body.key)]).toEqual([200, 200]);
    const both = await shown(id);
    expect([both?.lastUsedAt === null, both?.old?.lastUsedAt === null, both?.old?.until]).toEqual([false, false, made.body.oldUntil]);
    expect((await centre.call('POST', `/ingest-keys/${id}/rotate`, { body: {} })).body.code).toBe('key_rotating');
    clock += 86_400_000;
    await known();
    expect([await bearer(key), await bearer(made.body.key)]).toEqual([401, 200]);
  });
  it('ends the old at once when asked, and both when revoked', async () => {
    centre = await (async () => { await centre.end(); return await startTestCentre({ now: () => new Date(clock) }); })();
    const { id, key } = await make(false);
    const made = await centre.call<{ key: string }>('POST', `/ingest-keys/${id}/rotate`, { body: {} });
    expect((await centre.call('DELETE', `/ingest-keys/${id}/old`)).status).toBe(204);
    expect([await bearer(key), await bearer(made.body.key)]).toEqual([401, 200]);
    const again = await centre.call<{ key: string }>('POST', `/ingest-keys/${id}/rotate`, { body: {} });
    expect((await centre.call('DELETE', `/ingest-keys/${id}`)).status).toBe(204);
    await known();
    expect([await bearer(made.body.key), await bearer(again.body.key)]).toEqual([401, 401]);
  });
});

describe('a signed request', () => {
  it('is taken once; another body, path, time, nonce or key is refused, and the key itself is never good as Bearer', async () => {
    const { id, key } = await make(true);
    const body = JSON.stringify([event()]);
    const good = headersFor(id, key, { body });
    expect(await send(good, body)).toBe(200);
    expect(await send(good, body)).toBe('signature_replayed');
    const other = JSON.stringify([event()]);
    expect(await send(headersFor(id, key, { body }), other)).toBe('signature_invalid');
    expect(await send(headersFor(id, key, { body, path: '/api/v1/ingest/dossiers' }), body)).toBe('signature_invalid');
    expect(await send(headersFor(id, key, { body, method: 'PUT' }), body)).toBe('signature_invalid');
    expect(await send(headersFor(id, `${key}x`, { body }), body)).toBe('signature_invalid');
    expect(await send(headersFor('000000000000', key, { body }), body)).toBe('signature_invalid');
    for (const off of [-301_000, 302_000]) expect(await send(headersFor(id, key, { body, at: clock + off }), body)).toBe('signature_time');
    for (const off of [-290_000, 290_000]) expect(await send(headersFor(id, key, { body: other, at: clock + off }), other)).toBe(200);
    for (const bad of ['short', `${'x'.repeat(65)}`, 'has space in it!!']) expect(await send({ ...headersFor(id, key, { body }), 'x-nonce': bad }, body)).toBe('signature_invalid');
    expect(await bearer(key)).toBe(401);
    // A refused signature uses no nonce up: who guesses cannot block the source.
    const nonce = randomBytes(12).toString('hex');
    expect(await send(headersFor(id, 'wrong', { body, nonce }), body)).toBe('signature_invalid');
    expect(await send(headersFor(id, key, { body, nonce }), body)).toBe(200);
  });
  it('is over the body before compression, and over what is no list of events', async () => {
    const { id, key } = await make(true);
    const body = JSON.stringify([event()]);
    expect(await send({ ...headersFor(id, key, { body }), 'content-encoding': 'gzip' }, gzipSync(body))).toBe(200);
    const path = '/api/v1/ingest/day-close';
    expect(await send(headersFor(id, 'wrong', { body: '{}', path }), '{}', '/ingest/day-close')).toBe('signature_invalid');
    expect(await send(headersFor(id, key, { body: '{}', path }), '{}', '/ingest/day-close')).toBe('invalid_event');
  });
  it('of two at the same moment one is taken', async () => {
    const { id, key } = await make(true);
    const body = JSON.stringify([event()]);
    const headers = headersFor(id, key, { body });
    const all = await Promise.all(Array.from({ length: 8 }, () => send(headers, body)));
    expect(all.filter((one) => one === 200)).toHaveLength(1);
    expect(all.filter((one) => one === 'signature_replayed')).toHaveLength(7);
  });
  it('has its nonce written down in the database, for longer than it could be repeated', async () => {
    const { id, key } = await make(true);
    const body = JSON.stringify([event()]);
    const headers = headersFor(id, key, { body });
    expect(await send(headers, body)).toBe(200);
    const kept = (await centre.database.query<{ nonce: string; expires_at: Date }>('SELECT nonce, expires_at FROM ingest_nonces WHERE key_id = $1', [id])).rows[0];
    expect(kept?.nonce).toBe(headers['x-nonce']);
    // Longer than its request could be repeated.
    expect((kept?.expires_at.getTime() ?? 0) - clock).toBeGreaterThan(300_000);
  });
  it('keeps the key sealed, and rotates like any other', async () => {
    const { id, key } = await make(true);
    const made = (await centre.call<{ key: string }>('POST', `/ingest-keys/${id}/rotate`, { body: {} })).body;
    for (const secret of [key, made.key]) { const body = JSON.stringify([event()]); expect(await send(headersFor(id, secret, { body }), body)).toBe(200); }
    const dump = JSON.stringify((await centre.database.query("SELECT encode(key_sealed, 'escape') AS a, encode(old_sealed, 'escape') AS b, k.* FROM ingest_keys k")).rows);
    expect(dump).not.toContain(key);
    expect(dump).not.toContain(made.key);
  });
  it('is made with openssl and curl as the guide says', async () => {
    const { id, key } = await make(true);
    const script = `set -e
BODY='${JSON.stringify([event()])}'
TIMESTAMP=${Math.floor(clock / 1000)}; NONCE=$(openssl rand -hex 16); REQUEST_PATH=/api/v1/ingest/queue
HASH=$(printf '%s' "$BODY" | openssl dgst -sha256 -r | cut -d' ' -f1)
SIGNATURE=$(printf 'POST\\n%s\\n%s\\n%s\\n%s' "$REQUEST_PATH" "$TIMESTAMP" "$NONCE" "$HASH" | openssl dgst -sha256 -hmac "$KEY" -r | cut -d' ' -f1)
printf '%s' "$NONCE $SIGNATURE $BODY"`;
    const [nonce = '', signature = '', ...rest] = execFileSync('bash', ['-c', script], { env: { ...process.env, KEY: key }, encoding: 'utf8' }).split(' ');
    expect(await send({ 'x-key': id, 'x-timestamp': String(Math.floor(clock / 1000)), 'x-nonce': nonce, 'x-signature': signature }, rest.join(' '))).toBe(200);
  });
});
