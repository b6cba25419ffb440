/** The mapping assistant over HTTP, and its command: a stranger's file is read apart, and nothing of it stays. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportPreview } from '#contract/imports.ts';
import { fromRoot } from '#config/paths.ts';
import { startTestCentre, type Answer, type TestCentre } from '../../support/centre.ts';
import { workbook } from '../../support/workbook.ts';

let centre: TestCentre;
beforeAll(async () => { centre = await startTestCentre(); await centre.createUser('district-admin', ['admin'], '731'); });
afterAll(async () => { await centre?.end(); });

type Problem = { code: string; messages: { vi: { next: string } }; errors?: unknown };
async function preview(file: string | Buffer, query: Record<string, string> = {}, as = 'admin'): Promise<Answer<ImportPreview & Problem>> {
  return await centre.call('POST', `/imports/preview?${new URLSearchParams({ kind: 'dossiers', name: 'hồ sơ.csv', ...query }).toString()}`, { as, body: Buffer.from(file), headers: { 'content-type': 'application/octet-stream' } });
}
const FILE = 'Mã hồ sơ;Người nộp;Đơn vị;Mã TTHC;Ngày tiếp nhận;Quầy\nH-1;Nguyễn Văn An;Phường Hóa An;1.004199;25/01/2026;3\nH-2;Lê Thị Hoa;Huyện Xuân Lộc;1.004199;26/01/2026;4\n';

describe('POST /imports/preview', () => {
  it('proposes, shows the rows, hears what is decided, and stores nothing', async () => {
    const count = async () => (await centre.database.query<{ n: number }>('SELECT (SELECT count(*) FROM dossier_events) + (SELECT count(*) FROM rejections) + (SELECT count(*) FROM audit_log) AS n')).rows[0]?.n;
    const before = await count();
    const { status, body } = await preview(FILE);
    expect([status, body.missing, body.totals]).toEqual([200, [], { rows: 2, events: 2, refused: 0, byCode: {} }]);
    expect(body.rows[0]?.events[0]).toMatchObject({ dossier: 'H-1', unit: '26068', counter: '3' });
    expect(body.yaml).toContain('Dữ liệu của công dân, không nhập: Người nộp');
    expect(JSON.stringify(body)).not.toContain('Nguyễn Văn An');
    const decided = await preview(FILE, { decided: JSON.stringify({ columns: { counter: null, dossier: 1 }, fixed: { unit: '26077' } }) });
    expect(decided.body.rows[0]?.events[0]).toMatchObject({ dossier: 'H-1', unit: '26077' });
    expect(decided.body.rows[0]?.events[0]).not.toHaveProperty('counter');
    expect(await count()).toBe(before);
  });
  it('knows the units of the caller’s scope only', async () => {
    const { body } = await preview(FILE, {}, 'district-admin');
    expect(body.values.filter((value) => value.field === 'unit').map((value) => [value.text, value.word])).toEqual([['Phường Hóa An', '26068'], ['Huyện Xuân Lộc', null]]);
  });
  it('refuses what cannot be read with a cause and a next step, in time, and lives on', async () => {
    const bomb = (() => { const made = workbook({ a: [['Mã hồ sơ', 'Ngày tiếp nhận'], ['1', '25/01/2026']] }); const packed = deflateRawSync(Buffer.alloc(300 * 1_048_576)); const at = made.indexOf(Buffer.from('PK\x01\x02', 'latin1')); const directory = Buffer.from(made.subarray(at, at + 46)); directory.writeUInt16LE(8, 10); directory.writeUInt32LE(packed.length, 20); directory.writeUInt32LE(at, 42); const local = Buffer.concat([made.subarray(0, 30), made.subarray(30, 30 + made.readUInt16LE(26))]); const end = Buffer.from(made.subarray(made.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1')))); end.writeUInt16LE(1, 10); end.writeUInt32LE(at + local.length + packed.length, 16); return Buffer.concat([made.subarray(0, at), local, packed, directory, made.subarray(30, 30 + made.readUInt16LE(26)), end]); })();
    const cells = Array.from({ length: 60 }, (_, i) => `<c r="A${i}" t="inlineStr"><is><t>x</t></is></c>`).join('');
    const wide = workbook({ a: [['Mã hồ sơ', 'Ngày tiếp nhận'], ['1', cells]] });
    for (const [name, file] of [['empty', ''], ['bomb', bomb], ['columns', `${'a,'.repeat(100_000)}b\n${'1,'.repeat(100_000)}1\n`], ['old', Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.alloc(600)])], ['binary', Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(1), Buffer.alloc(600, 65)])], ['broken', wide.subarray(0, wide.length - 30)]] as const) {
      const began = Date.now();
      const { status, body } = await preview(file);
      expect([name, status, body.code]).toEqual([name, 422, 'import_unreadable']);
      expect(body.messages.vi.next.length).toBeGreaterThan(20);
      expect(Date.now() - began).toBeLessThan(15_000);
    }
    expect((await preview(Buffer.alloc(17 * 1_048_576, 65))).status).toBe(413);
    expect((await preview(FILE, { decided: '{"columns":{"dossier":"x"}}' })).body.code).toBe('invalid_request');
    expect((await preview(FILE, { kind: 'indicators' })).status).toBe(400);
    expect((await preview(FILE)).status).toBe(200);
  }, 120_000);
  it('reads two files at once and asks a third to wait', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, async () => await preview(FILE)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 429, 429, 429]);
    expect(answers.find((answer) => answer.status === 429)?.headers.get('retry-after')).toBe('3');
  });
});

describe('npm run import -- … --propose', () => {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-propose-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  const run = async (...args: string[]) => await new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', fromRoot('server/commands/import.ts'), ...args], { env: { PATH: process.env.PATH } });
    let out = ''; let err = '';
    child.stdout.on('data', (piece: Buffer) => { out += piece.toString(); }); child.stderr.on('data', (piece: Buffer) => { err += piece.toString(); });
    child.on('close', (code) => { resolve({ code, out, err }); });
  });
  it('writes a mapping without a centre, which the import then takes as it is', async () => {
    const file = join(folder, 'hồ sơ.csv');
    writeFileSync(file, FILE);
    const proposed = await run('dossiers', file, '--propose');
    expect([proposed.err, proposed.code]).toEqual(['', 0]);
    for (const text of ['dossier                ← Mã hồ sơ  (chắc', 'Dữ liệu của công dân, không nhập: Người nộp (tiêu đề', 'dòng 2:', '"eventId":"H-1:tiep-nhan"', '2 sự kiện, 0 dòng bị từ chối']) expect(proposed.out).toContain(text);
    expect(proposed.out).not.toContain('Nguyễn Văn An');
    const again = await run('dossiers', file, '--propose');
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('đã có')]);
    const key = await centre.keyFor(['dossiers'], ['75']);
    const imported = await run('dossiers', file, '--mapping', `${file}.mapping.yaml`, '--url', centre.url, '--key', key);
    expect([imported.err, imported.code]).toEqual([expect.stringContaining('2 sự kiện: 2 nhận, 0 trùng, 0 từ chối'), 0]);
  });
  it('says what is missing, and writes nothing where nothing can become an event', async () => {
    const file = join(folder, 'khác.csv');
    writeFileSync(file, 'Tên hàng,Giá\ngạo,5\nmuối,6\n');
    const proposed = await run('dossiers', file, '--propose', '--out', join(folder, 'out.yaml'));
    expect([proposed.code, existsSync(join(folder, 'out.yaml'))]).toEqual([1, false]);
    expect(proposed.out).toMatch(/THIẾU mã hồ sơ[\s\S]*THIẾU cột ngày giờ[\s\S]*THIẾU đơn vị[\s\S]*Chưa đủ cột/);
    writeFileSync(file, 'Mã hồ sơ,Ngày tiếp nhận\n1,25/01/2026\n');
    expect((await run('dossiers', file, '--propose', '--out', join(folder, 'out.yaml'), '--set', 'unit=26068', '--set', 'procedure=1.004199')).out).toContain('1 sự kiện, 0 dòng bị từ chối');
    expect(readFileSync(join(folder, 'out.yaml'), 'utf8')).toContain('unit: giá trị cố định');
    expect((await run('dossiers', file, '--propose', '--set', 'unit')).err).toContain('Tham số');
    expect((await run('indicators', file, '--propose')).err).toContain('--propose');
  });
});
