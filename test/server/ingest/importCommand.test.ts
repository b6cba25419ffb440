/** `npm run import` as a person runs it: a child process against a real centre. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import type { KpiAnswer } from '#contract/figures.ts';
import { startTestCentre, type TestCentre } from '../../support/centre.ts';
import { serialOf, workbook } from '../../support/workbook.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-import-'));
const REAL = fromRoot('../shared/data/receipt.csv');
const reason = existsSync(REAL) ? null : 'the real log ../shared/data/receipt.csv is not on this machine';
if (reason !== null) console.warn(`skipped: ${reason}`);

let centre: TestCentre;
let key = '';
beforeAll(async () => {
  centre = await startTestCentre();
  key = await centre.keyFor(['dossiers', 'surveys'], ['75']);
});
afterAll(async () => { await centre?.end(); rmSync(folder, { recursive: true, force: true }); });

interface Ended { code: number | null; out: string; err: string }
function start(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', fromRoot('server/commands/import.ts'), ...args], { cwd: fromRoot(), env: { ...process.env, INGEST_KEY: key, ...environment } });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => { out += piece.toString(); });
  child.stderr.on('data', (piece: Buffer) => { err += piece.toString(); });
  return { child, ended: new Promise<Ended>((resolve) => { child.on('close', (code) => { resolve({ code, out, err }); }); }) };
}
const run = async (args: string[], environment: Record<string, string> = {}): Promise<Ended> => await start(['--url', centre.url, ...args], environment).ended;
const write = (name: string, content: string | Buffer): string => { const path = join(folder, name); writeFileSync(path, content); return path; };
const dossiers = async (unit: string, from: string, to: string) => (await centre.call<KpiAnswer>('GET', `/kpis?unit=${unit}&from=${from}&to=${to}`)).body.dossiers;
const refusedOf = (file: string): string[][] => (parse(readFileSync(`${file}.refused.csv`), { bom: true }) as string[][]).slice(1);

const BY_DOSSIER = fromRoot('docs/import/dossiers-mapping.yaml');
const HEADER = ['Mã hồ sơ', 'Ngày tiếp nhận', 'Ngày hẹn trả', 'Mã đơn vị', 'Mã thủ tục', 'Hình thức', 'Quầy', 'Số hoá', 'Ngày yêu cầu bổ sung', 'Ngày nhận bổ sung', 'Ngày kết thúc', 'Kết quả'];

describe('the import of a workbook with a row a dossier', () => {
  const at = (local: string) => ({ serial: serialOf(local) });
  const file = join(folder, 'hồ sơ.xlsx');
  it('makes the events of each row, and reports each row that did not go in', async () => {
    write('hồ sơ.xlsx', workbook({ Bìa: [['x']], 'Hồ sơ': [
      ['DANH SÁCH HỒ SƠ'], [], HEADER,
      // On time on the due day, which has only a date: the end of work counts.
      ['X-1', at('2026-03-02T08:00:00'), at('2026-03-05T00:00:00'), 26068, '1.004199', 'Trực tiếp', '3', 'x', null, null, at('2026-03-05T16:00:00'), 'Đã trả kết quả'],
      // Two working days of a supplement move the due day from 5 to 9 March (7 and 8 are a weekend).
      ['X-2', at('2026-03-02T08:00:00'), at('2026-03-05T00:00:00'), '26068', '1.004199', 'Trực tuyến toàn trình', null, 'không', at('2026-03-03T08:00:00'), '05/03/2026 08:00', at('2026-03-09T16:59:00'), 'Đã trả kết quả'],
      ['X-3', at('2026-03-02T08:00:00'), '05/03/2026', '26068', '1.004199', 'Bưu chính', null, null, null, null, null, null],
      ['X-4', '31/02/2026', null, '26068', '1.004199', 'Trực tiếp', null, null, null, null, null, null],
      ['=X-5', at('2026-03-02T08:00:00'), null, 'nơi nào', '1.004199', 'Trực tiếp', null, null, null, null, null, null],
      ['X-6', at('2026-03-02T08:00:00'), null, '26068', '1.004199', 'Bồ câu', null, null, null, null, null, null],
    ] }));
    const trial = await run(['dossiers', file, '--mapping', BY_DOSSIER, '--dry-run'], { INGEST_KEY: '' });
    expect(trial).toMatchObject({ code: 0 });
    expect(trial.err).toMatch(/Chạy thử: 6 dòng thành 9 sự kiện, 3 không hợp lệ/);
    expect(trial.out.trim().split('\n').map((line) => (JSON.parse(line) as { eventId: string }).eventId)).toContain('X-2:nhan-bo-sung');
    expect((await dossiers('26068', '2026-03-01', '2026-03-31')).received).toBe(0);
    expect([existsSync(`${file}.dry-run.csv`), existsSync(`${file}.refused.csv`)]).toEqual([true, false]);

    const ended = await run(['dossiers', file, '--mapping', BY_DOSSIER]);
    expect([ended.code, ended.err]).toEqual([0, expect.stringContaining('6 dòng, 9 sự kiện: 7 nhận, 0 trùng, 3 từ chối')]);
    expect(await dossiers('26068', '2026-03-01', '2026-03-31')).toMatchObject({ received: 3, resolved: 2, resolvedOnTime: 2, resolvedLate: 0, receivedOnline: 1, digitized: 1, pending: 1 });
    expect(refusedOf(file).map((cells) => cells.slice(0, 4))).toEqual([['7', 'Ngày tiếp nhận', 'X-4:tiep-nhan', 'bad_date'], ['8', 'Mã đơn vị', "'=X-5:tiep-nhan", 'invalid_event'], ['9', 'Hình thức', 'X-6:tiep-nhan', 'invalid_event']]);
    for (const cells of refusedOf(file)) expect([cells[4], cells[6]]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
    expect(existsSync(`${file}.import.json`)).toBe(false);
    const again = await run(['dossiers', file, '--mapping', BY_DOSSIER]);
    expect(again.err).toContain('0 nhận, 7 trùng, 3 từ chối');
    expect(refusedOf(file)).toHaveLength(3);
  });
});

describe('an import that is killed', () => {
  const COUNT = 12_000;
  it('goes on where it was, and the sums are those of one run', async () => {
    const file = write('lớn.csv', [HEADER.join(','), ...Array.from({ length: COUNT }, (_, i) => {
      const day = String(1 + i % 28).padStart(2, '0');
      const unit = i % 1000 === 7 ? 'nowhere' : '26077';
      return `K-${i},${day}/04/2025 08:00,${day}/05/2025,${unit},1.004199,Trực tiếp,,x,,,${i % 3 === 0 ? `${day}/05/2025 09:00,Đã trả kết quả` : ','}`;
    })].join('\n'));
    const mapping = write('csv-mapping.yaml', readFileSync(BY_DOSSIER, 'utf8').replace('headerRow: 3', 'headerRow: 1'));
    const progress = () => { try { return (JSON.parse(readFileSync(`${file}.import.json`, 'utf8')) as { row: number }).row; } catch { return 0; } };
    const stops: number[] = [];
    for (const rows of [1_500, 6_000]) {
      const { child, ended } = start(['--url', centre.url, 'dossiers', file, '--mapping', mapping]);
      while (progress() < rows && child.exitCode === null) await sleep(5);
      child.kill('SIGKILL');
      expect((await ended).code).toBe(null);
      stops.push(progress());
    }
    expect(stops[1]).toBeGreaterThan(stops[0] ?? COUNT);
    const last = await run(['dossiers', file, '--mapping', mapping]);
    expect(last.err).toContain(`Tiếp tục sau dòng ${stops[1]} `);
    const sum = /(\d+) dòng, (\d+) sự kiện: (\d+) nhận, (\d+) trùng, (\d+) từ chối/.exec(last.err)?.slice(1).map(Number) ?? [];
    const refused = refusedOf(file);
    const bad = COUNT / 1000;
    // The end of a dossier may come before its receipt: it waits at the centre, and counts nowhere yet.
    const badResolved = Array.from({ length: bad }, (_, i) => i * 1000 + 7).filter((i) => i % 3 === 0).length;
    // What a batch had sent before its acknowledgement was noted comes back as duplicates; together they are all events.
    expect([last.code, sum[0], sum[1], (sum[2] ?? 0) + (sum[3] ?? 0), sum[4]]).toEqual([0, COUNT, COUNT + COUNT / 3, COUNT + COUNT / 3 - bad, bad]);
    expect(new Set(refused.map((cells) => cells[2])).size).toBe(refused.length);
    expect(refused).toHaveLength(bad);
    expect(existsSync(`${file}.import.json`)).toBe(false);
    const figures = async () => await dossiers('26077', '2025-04-01', '2025-05-31');
    const after = await figures();
    expect([after.received, after.resolved, after.pending]).toEqual([COUNT - bad, COUNT / 3 - badResolved, COUNT - bad - (COUNT / 3 - badResolved)]);
    const whole = await run(['dossiers', file, '--mapping', mapping, '--restart']);
    expect(whole.err).toContain(`0 nhận, ${COUNT + COUNT / 3 - bad} trùng`);
    expect([await figures(), refusedOf(file)]).toEqual([after, refused]);
  }, 180_000);
  it('begins again when the mapping is another', async () => {
    const file = write('other.csv', 'id,ngày,điểm\n1,05/01/2026,5\n2,05/01/2026,4\n');
    const mapping = write('other.yaml', "events:\n  - fields: { eventId: '{id}', unit: '26068', at: '{ngày}', rating: '{điểm}', source: tablet }\n");
    write('other.csv.import.json', JSON.stringify({ of: 'another', row: 2, reportBytes: 0, totals: { rows: 1, events: 1, accepted: 1, duplicates: 0, refused: 0 } }));
    const ended = await run(['surveys', file, '--mapping', mapping]);
    expect(ended.err).toMatch(/làm lại từ đầu[\s\S]*2 dòng, 2 sự kiện: 2 nhận/);
  });
});

describe('what cannot be imported', () => {
  it('ends with code 1, a cause and a next step, and no stack', async () => {
    const good = "events:\n  - fields: { eventId: '{id}', unit: '26068', at: '{ngày}', rating: '{điểm}', source: tablet }\n";
    const mapping = write('m.yaml', good);
    const csv = write('m.csv', 'id,ngày,điểm\n1,05/01/2026,5\n');
    const cases: [string[], RegExp, Record<string, string>?][] = [
      [[], /npm run import/], [['dogs', csv, '--mapping', mapping], /npm run import/], [['surveys', csv, '--mapping', mapping, '--what'], /Tham số.*--help/],
      [['surveys', join(folder, 'none.csv'), '--mapping', mapping], /ENOENT.*đường dẫn/], [['surveys', folder, '--mapping', mapping], /EISDIR/], [['surveys', csv, '--mapping', join(folder, 'none.yaml')], /ánh xạ.*missing/s],
      [['surveys', write('empty.csv', ''), '--mapping', mapping], /Tệp trống/], [['surveys', write('head.csv', 'id,ngày,điểm\n'), '--mapping', mapping], /chỉ có dòng tiêu đề/],
      [['surveys', write('miss.csv', 'id,ngày\n1,05/01/2026\n'), '--mapping', mapping], /không có trong tệp: điểm.*Tệp có các cột: id, ngày/s], [['surveys', write('twice.csv', 'id,id,ngày,điểm\n1,2,05/01/2026,5\n'), '--mapping', mapping], /hai lần.*: id/],
      [['surveys', write('broken.xlsx', 'PK'), '--mapping', mapping], /tệp Excel/],
      [['surveys', csv, '--mapping', mapping], /Thiếu khoá/, { INGEST_KEY: '' }], [['surveys', csv, '--mapping', mapping], /401 key_invalid.*khoá/s, { INGEST_KEY: 'wrong' }], [['feedback', csv, '--mapping', write('f.yaml', "events:\n  - fields: { eventId: '{id}', case: '{id}', unit: '26068', at: '{ngày}', status: received, source: other }\n")], /403 key_kind/],
    ];
    for (const [args, text, environment] of cases) {
      const ended = await run(args, environment);
      expect(ended.err).toMatch(text);
      expect(ended.err).not.toMatch(/\n\s+at |node:internal/);
      expect([args, ended.code]).toEqual([args, 1]);
    }
    const away = await start(['surveys', csv, '--mapping', mapping, '--url', 'http://127.0.0.1:9']).ended;
    expect([away.code, away.err]).toEqual([1, expect.stringMatching(/không trả lời ở http:\/\/127\.0\.0\.1:9\. Kiểm tra --url/)]);
  }, 120_000);
});

describe.skipIf(reason !== null)('the real log', () => {
  it('gives its known figures, and a second import changes nothing', async () => {
    const file = join(folder, 'receipt.csv');
    copyFileSync(REAL, file);
    const figures = async () => await dossiers('75', '2010-01-01', '2012-12-31');
    expect((await run(['dossiers', file, '--mapping', fromRoot('docs/import/receipt-mapping.yaml')])).err).toContain('0 từ chối');
    const first = await figures();
    expect([first.received, first.resolved, first.resolvedEarly + first.resolvedOnTime, first.resolvedLate, first.pending]).toEqual([1434, 1329, 952, 377, 105]);
    expect((await run(['dossiers', file, '--mapping', fromRoot('docs/import/receipt-mapping.yaml')])).err).toContain(' 0 nhận');
    expect(await figures()).toEqual(first);
  }, 120_000);
});
