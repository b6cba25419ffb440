/** The audit chain: what is done to its rows is found, whoever did it; nobody does it through the application. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anchorAudit, readAnchors } from '#server/audit/anchor.ts';
import { audit, GENESIS, hashOf, type AuditRow } from '#server/audit/append.ts';
import { csvLine } from '#server/audit/csv.ts';
import { verifyAudit } from '#server/audit/verify.ts';
import { startTestCentre, type TestCentre } from '../support/centre.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre(); });
afterAll(async () => { await centre?.end(); });
const anchors = () => readAnchors(centre.dataDir);
const verify = async () => await verifyAudit(centre.database, await anchors());
/** As who owns the database could. */
async function asOwner(...statements: string[]): Promise<void> {
  await centre.database.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
  for (const statement of statements) await centre.database.query(statement);
  await centre.database.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
}

describe('the audit log', () => {
  beforeEach(async () => {
    await asOwner('TRUNCATE audit_log');
    const { rmSync } = await import('node:fs');
    rmSync(join(centre.dataDir, 'anchors'), { recursive: true, force: true });
    for (let i = 0; i < 12; i += 1) await audit(centre.database, { actor: `a${i}`, action: 'test', detail: { i, deep: { b: 1, a: [1, null, 'ă'] } } }, new Date());
    await anchorAudit(centre.database, centre.dataDir, { command: null, url: null }, new Date());
    expect(await verify()).toMatchObject({ ok: true, rows: 12 });
  });
  it('takes no change through the application', async () => {
    for (const statement of ["UPDATE audit_log SET actor = 'x'", 'DELETE FROM audit_log WHERE seq = 3', 'TRUNCATE audit_log', 'UPDATE audit_log SET hash = hash WHERE seq = 1']) {
      await expect(centre.database.query(statement)).rejects.toThrow(/only added to/);
    }
    expect(await verify()).toMatchObject({ ok: true, rows: 12 });
  });
  it('tells an edit', async () => {
    await asOwner("UPDATE audit_log SET detail = '{\"i\": 99}' WHERE seq = 5");
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 5, why: 'its content was changed' });
  });
  it('tells a deletion', async () => {
    await asOwner('DELETE FROM audit_log WHERE seq = 7');
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 7, why: 'row 7 is missing' });
  });
  it('tells a deletion whose gap was closed', async () => {
    await asOwner('DELETE FROM audit_log WHERE seq = 7', 'UPDATE audit_log SET seq = seq - 1 WHERE seq > 7');
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 7 });
  });
  it('tells another order', async () => {
    await asOwner('UPDATE audit_log SET seq = 100 WHERE seq = 4', 'UPDATE audit_log SET seq = 4 WHERE seq = 5', 'UPDATE audit_log SET seq = 5 WHERE seq = 100');
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 4 });
  });
  it('tells a cut tail by the anchor, and without one it could not', async () => {
    await asOwner('DELETE FROM audit_log WHERE seq > 9');
    expect(await verifyAudit(centre.database)).toMatchObject({ ok: true, rows: 9 });
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 10, why: expect.stringContaining('the tail is missing') });
  });
  it('tells a chain that was made anew, which holds in itself', async () => {
    const rows = (await centre.database.query<AuditRow & Record<string, unknown>>('SELECT * FROM audit_log ORDER BY seq')).rows;
    let previous: Buffer = GENESIS;
    const changes: string[] = [];
    for (const row of rows) {
      const made = { ...row, at: (row.at as unknown as Date).toISOString(), actor: row.seq === 6 ? 'somebody else' : row.actor };
      const hash = hashOf(previous, made);
      changes.push(`UPDATE audit_log SET actor = '${made.actor}', previous = '\\x${previous.toString('hex')}', hash = '\\x${hash.toString('hex')}' WHERE seq = ${row.seq}`);
      previous = hash;
    }
    await asOwner(...changes);
    expect(await verifyAudit(centre.database)).toMatchObject({ ok: true });
    expect(await verify()).toMatchObject({ ok: false, brokenAt: 12, why: expect.stringContaining('anchored') });
  });
  it('reads anchors over a line that was cut by a power loss', async () => {
    appendFileSync(join(centre.dataDir, 'anchors', 'audit.log'), '2026-01-05T00:00:00Z 12 abc');
    expect(await anchors()).toHaveLength(1);
    expect(await verify()).toMatchObject({ ok: true });
  });
  it('is one chain when twenty write at once', async () => {
    await Promise.all(Array.from({ length: 20 }, async (_, writer) => { for (let i = 0; i < 15; i += 1) await audit(centre.database, { actor: `w${writer}`, action: 'test', detail: { i } }, new Date()); }));
    expect(await verify()).toMatchObject({ ok: true, rows: 312 });
  });
  it('hands the anchor to a command, and says when that fails', async () => {
    const out = join(centre.dataDir, 'outside.log');
    await anchorAudit(centre.database, centre.dataDir, { command: ['tee', '-a', out], url: null }, new Date());
    expect(readFileSync(out, 'utf8')).toMatch(/^\S+ 12 [0-9a-f]{64}\n$/);
    await expect(anchorAudit(centre.database, centre.dataDir, { command: ['false'], url: null }, new Date())).rejects.toThrow(/command for anchors failed/);
  });
  it('is checked on the page, by accounts of the whole centre', async () => {
    const answer = await centre.call('GET', '/audit/check');
    expect(answer.body).toMatchObject({ ok: true, anchors: 1, brokenAt: null });
  });
});

it('a cell of the register is never a formula', () => {
  expect(csvLine(['=1+1', '+1', '-1', '@x', '\tx', ' =cmd', 'a,b', 'a"b', 5, null, 'thường'])).toBe("'=1+1,'+1,'-1,'@x,'\tx,' =cmd,\"a,b\",\"a\"\"b\",5,,thường\r\n");
});
