/** The importer: encodings, workbooks, dates, rows that cannot be read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { clockOf, instantOf } from '#server/ingest/importer/instant.ts';
import { mappingFile, numberOf, readMapping, rowReader, type Mapping } from '#server/ingest/importer/mapping.ts';
import { csvLine } from '#server/ingest/importer/refusedReport.ts';
import { openSource, type Row } from '#server/ingest/importer/source.ts';
import { ImportProblem } from '#server/ingest/importer/texts.ts';
import { numberText } from '#server/ingest/importer/xlsx.ts';
import { serialOf, workbook } from '../../support/workbook.ts';

const folder = mkdtempSync(join(tmpdir(), 'toan-canh-import-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const plain: Mapping = mappingFile.parse({ events: [{ fields: { eventId: '{id}' } }] });
async function read(name: string, bytes: string | Buffer, change: Partial<Mapping> = {}): Promise<{ columns: string[]; rows: Row[] }> {
  writeFileSync(join(folder, name), bytes);
  const source = await openSource(join(folder, name), { ...plain, ...change });
  const rows: Row[] = [];
  for await (const row of source.rows) rows.push(row);
  return { columns: source.columns, rows };
}
const trouble = async (name: string, bytes: string | Buffer, change: Partial<Mapping> = {}): Promise<string> => {
  try { await read(name, bytes, change); } catch (error) { expect(error).toBeInstanceOf(ImportProblem); return (error as Error).message; }
  return 'no error';
};

describe('a CSV export', () => {
  const text = 'mã;tên\r\n1;"Hồ sơ; đất\nđai"\r\n\r\n2;Khai sinh\r\n';
  const expected = { columns: ['mã', 'tên'], rows: [{ number: 2, cells: { mã: '1', tên: 'Hồ sơ; đất\nđai' } }, { number: 4, cells: { mã: '2', tên: 'Khai sinh' } }] };
  it('is read in UTF-8 and UTF-16, with and without a mark, with semicolons, quoted newlines and blank rows', async () => {
    const little = Buffer.from(text, 'utf16le');
    const cases: [string, Buffer, string][] = [
      ['le', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-8'], ['be', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-8'], ['le without mark', little, 'utf-16le'],
      ['mark', Buffer.from(`\ufeff${text}`), 'windows-1258'], ['plain', Buffer.from(text), 'utf-8'], ['tabs', Buffer.from(text.replace('mã;', 'mã\t').replace('1;', '1\t').replace('2;', '2\t')), 'utf-8'],
    ];
    for (const [name, bytes, encoding] of cases) expect([name, await read(`${name}.csv`, bytes, { encoding })]).toEqual([name, expected]);
  });
  it('has whole letters when it comes in windows-1258, where accents stand apart', async () => {
    const apart = iconv.encode('mã;trạng thái\n1;Đã trả kết quả\n'.normalize('NFD').replaceAll('a\u0302', 'â').replaceAll('e\u0302', 'ê'), 'windows-1258');
    const { columns, rows } = await read('1258.csv', apart, { encoding: 'windows-1258' });
    expect([columns, rows[0]?.cells]).toEqual([['mã', 'trạng thái'], { mã: '1', 'trạng thái': 'Đã trả kết quả' }]);
  });
  it('may have title rows above its header', async () => {
    expect((await read('title.csv', 'BÁO CÁO, quý I\n\nmã,tên\n1,a\n', { headerRow: 3 }))).toEqual({ columns: ['mã', 'tên'], rows: [{ number: 4, cells: { mã: '1', tên: 'a' } }] });
  });
  it('that cannot be read says why and what to do', async () => {
    expect(await trouble('empty.csv', '')).toMatch(/Tệp trống.*Kiểm tra/s);
    expect(await trouble('1258-as-utf8.csv', iconv.encode('ma;ten\n1;Hô sơ\n', 'windows-1258'))).toMatch(/không phải UTF-8.*windows-1258/s);
    expect(await trouble('nomark.csv', Buffer.from(text, 'utf16le'))).toMatch(/utf-16le/);
    expect(await trouble('open.csv', 'a,b\n1,2\n3,"never closed\n4,5\n')).toMatch(/Dòng 3 .*ngoặc kép/);
    expect(await trouble('stray.csv', 'a,b\n1,2\n3,"x"y\n')).toMatch(/Dòng 3 .*CSV/);
    expect(await trouble('enc.csv', 'a\n1\n', { encoding: 'klingon' })).toMatch(/klingon.*windows-1258/s);
    await expect(openSource(join(folder, 'not there.csv'), plain)).rejects.toThrow(/ENOENT.*đường dẫn/s);
  });
});

describe('a workbook', () => {
  const sheets = { 'Bìa': [['trang bìa']], 'Hồ sơ': [
    ['mã', 'tiếp nhận', 'ngày', 'điểm', 'thủ tục', 'đủ', 'lỗi'],
    [123_456_789_012_345, { serial: serialOf('2026-01-05T08:12:00') }, { serial: serialOf('2026-01-05T00:00:00') }, 4.0999999999999996, '1.004199', true, { error: '#N/A' }],
    [], ['  00123 ', { serial: serialOf('2026-12-31T23:59:59') }, { iso: '2026-01-05T08:12:00Z' }, 1e21, null, false, null],
  ] } as const;
  it('gives each cell as a person reads it, and the row numbers of the sheet', async () => {
    const { columns, rows } = await read('book.xlsx', workbook(sheets), { sheet: 'Hồ sơ' });
    expect(columns).toEqual(['mã', 'tiếp nhận', 'ngày', 'điểm', 'thủ tục', 'đủ', 'lỗi']);
    expect(rows).toEqual([
      { number: 2, cells: { mã: '123456789012345', 'tiếp nhận': '2026-01-05 08:12:00', ngày: '2026-01-05', điểm: '4.1', 'thủ tục': '1.004199', đủ: 'true', lỗi: '' } },
      { number: 4, cells: { mã: '00123', 'tiếp nhận': '2026-12-31 23:59:59', ngày: '2026-01-05 08:12:00', điểm: '1e+21', 'thủ tục': '', đủ: 'false', lỗi: '' } },
    ]);
    expect((await read('book.xlsx', workbook(sheets), { sheet: 1 })).columns).toEqual(['trang bìa']);
  });
  it('keeps every second of a day', () => fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 86_399 }), fc.integer({ min: 0, max: 20_000 }), async (second, day) => {
    const local = new Date(Date.UTC(1990, 0, 1 + day, 0, 0, second)).toISOString().slice(0, 19);
    const { rows } = await read('second.xlsx', workbook({ a: [['at'], [{ serial: serialOf(local) }]] }));
    expect(rows[0]?.cells.at).toBe(second === 0 ? local.slice(0, 10) : local.replace('T', ' '));
  }), { numRuns: 60 }));
  it('keeps ids that are numbers', () => fc.assert(fc.property(fc.maxSafeInteger(), (id) => { expect(numberText(String(id))).toBe(String(id)); })));
  it('that cannot be read says why and what to do', async () => {
    const book = workbook(sheets);
    expect(await trouble('a.xlsx', book, { sheet: 'Tháng 1' })).toMatch(/«Tháng 1».*Bìa, Hồ sơ.*sheet:/s);
    expect(await trouble('a.xlsx', book, { sheet: 3 })).toMatch(/«3».*Bìa, Hồ sơ/s);
    expect(await trouble('cut.xlsx', book.subarray(0, 700))).toMatch(/Không đọc được tệp Excel.*lưu lại/s);
    expect(await trouble('text.xlsx', 'a,b\n1,2\n')).toMatch(/Không đọc được tệp Excel/);
    expect(await trouble('old.xls', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'))).toMatch(/\.xls đời cũ/);
    expect(await trouble('locked.xlsx', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), Buffer.from('EncryptedPackage', 'utf16le')]))).toMatch(/mật khẩu/);
    expect(await trouble('none.xlsx', workbook({ a: [] }))).toMatch(/Tệp trống/);
    // The bytes decide, not the name.
    expect((await read('really.csv', book, { sheet: 2 })).rows).toHaveLength(2);
  });
});

describe('any bytes at all', () => {
  const book = workbook({ a: [['id', 'b'], [1, 'x'], [2, { serial: 46_000.5 }]] });
  const damaged = fc.array(fc.tuple(fc.nat(book.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => { const copy = Buffer.from(book); for (const [i, byte] of changes) copy[i] = byte; return copy; });
  const text = fc.array(fc.constantFrom('"', ',', ';', '\n', '\r\n', 'id', 'Hồ', ' ', '\ufeff', '=1'), { maxLength: 40 }).map((parts) => Buffer.from(parts.join('')));
  it('are rows, or a problem with a next step', () => fc.assert(fc.asyncProperty(fc.constantFrom('a.csv', 'a.xlsx'), fc.oneof(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), damaged, text), async (name, bytes) => {
    try { for (const row of (await read(name, bytes)).rows) expect(Object.values(row.cells).every((cell) => typeof cell === 'string')).toBe(true); } catch (error) { expect(error).toBeInstanceOf(ImportProblem); }
  }), { numRuns: 200 }));
});

describe('a time', () => {
  const at = (text: string, more: Partial<Mapping> = {}, day = '00:00') => instantOf(text, clockOf({ ...plain, ...more }), day);
  it('is read as people write it', () => {
    const cases: [string, string | null][] = [
      ['05/01/2026', '2026-01-05T00:00:00+07:00'], ['5/1/2026 8:05', '2026-01-05T08:05:00+07:00'], ['05-01-2026 08:05:06', '2026-01-05T08:05:06+07:00'], ['2026-01-05 08:05:06.123456+02:00', '2026-01-05T08:05:06.123+02:00'],
      ['2026-01-05', '2026-01-05T00:00:00+07:00'], ['2026-01-05T08:05:06Z', '2026-01-05T08:05:06Z'], ['08:30 05/01/2026', '2026-01-05T08:30:00+07:00'], ['8h30 ngày 5/1/2026', '2026-01-05T08:30:00+07:00'],
      ['05/01/2026 1:30 CH', '2026-01-05T13:30:00+07:00'], ['5/1/2026 12:05 AM', '2026-01-05T00:05:00+07:00'], ['2026-01-05 08:05+0930', '2026-01-05T08:05:00+09:30'], ['29/02/2024', '2024-02-29T00:00:00+07:00'],
      ['hôm qua', null], ['31/02/2026', null], ['29/02/2026', null], ['13/13/2026', null], ['05/01/26', null], ['05/01/2026 25:00', null], ['05/01/2026 13:05 PM', null], ['05/01/2026 08:60', null], ['46027', null], ['', null],
    ];
    for (const [text, expected] of cases) expect([text, at(text)]).toEqual([text, expected]);
  });
  it('has the order of day and month, the offset of the season, and the end of work for a deadline, by the mapping', () => {
    expect(at('05/01/2026', { dateOrder: 'mdy' })).toBe('2026-05-01T00:00:00+07:00');
    expect([at('15/01/2026 08:00', { zone: 'Europe/Amsterdam' }), at('15/07/2026 08:00', { zone: 'Europe/Amsterdam' }), at('29/03/2026 01:59', { zone: 'Europe/Amsterdam' }), at('29/03/2026 03:00', { zone: 'Europe/Amsterdam' })])
      .toEqual(['2026-01-15T08:00:00+01:00', '2026-07-15T08:00:00+02:00', '2026-03-29T01:59:00+01:00', '2026-03-29T03:00:00+02:00']);
    expect(at('12/01/2026', {}, '17:00')).toBe('2026-01-12T17:00:00+07:00');
  });
  it('written as dd/mm/yyyy is the same instant as in ISO', () => fc.assert(fc.property(fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }), (date) => {
    const iso = date.toISOString();
    const local = `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
    expect(Date.parse(at(local, { offset: '+00:00' }) ?? '')).toBe(Math.floor(date.getTime() / 1000) * 1000);
  })));
});

describe('a row', () => {
  const reader = (fields: Record<string, string>, more: object = {}, kind: 'dossiers' | 'surveys' | 'feedback' = 'surveys') => rowReader(mappingFile.parse({ events: [{ fields }], ...more }), kind, ',');
  const survey = { eventId: '{id}:v', unit: '26068', at: '{ngày}', rating: '{điểm}', source: 'tablet', counter: '{quầy}', fault: '{lỗi}', reasons: '{lý do}' };
  it('leaves out fields whose columns are empty, and reads decimal commas, flags and lists', () => {
    expect(reader(survey)({ id: '7', ngày: '05/01/2026', điểm: '4,0', quầy: '', lỗi: 'Có', 'lý do': 'chờ lâu; thái độ' })).toMatchObject({ refusals: [], events: [{ fields: { eventId: '7:v', unit: '26068', at: '2026-01-05T00:00:00+07:00', rating: 4, source: 'tablet', fault: true, reasons: ['chờ lâu', 'thái độ'] } }] });
  });
  it('that cannot be read is refused whole, with the column and the reason', () => {
    expect(reader(survey)({ id: '7', ngày: '31/02/2026', điểm: 'tốt', lỗi: 'có lẽ' })).toEqual({ events: [], refusals: [
      { column: 'ngày', eventId: '7:v', code: 'bad_date', detail: '«31/02/2026»' }, { column: 'điểm', eventId: '7:v', code: 'bad_number', detail: '«tốt»' }, { column: 'lỗi', eventId: '7:v', code: 'bad_flag', detail: '«có lẽ»' },
    ] });
    expect(reader(survey)({ id: '7', ngày: '', điểm: '5' }).refusals).toEqual([{ column: 'ngày', eventId: '7:v', code: 'missing_cell', detail: 'at' }]);
    // Half an id would be the id of many rows.
    expect(reader({ ...survey, eventId: '{id}:{bước}' })({ id: '7', bước: '', ngày: '05/01/2026', điểm: '5' }).refusals).toEqual([{ column: 'id, bước', eventId: '', code: 'missing_cell', detail: 'eventId' }]);
  });
  it('has numbers by their decimal mark', () => {
    const cases: [string, ',' | '.', number | null][] = [['4,5', ',', 4.5], ['4.5', ',', 4.5], ['1.234', ',', 1234], ['0.985', ',', 0.985], ['1.234.567,5', ',', 1_234_567.5], ['1,234.5', '.', 1234.5], ['1.234', '.', 1.234], ['4,5', '.', 4.5], ['-3', ',', -3], ['', ',', null], ['12a', ',', null], ['1,2,3', ',', null]];
    for (const [text, mark, value] of cases) expect([text, mark, numberOf(text, mark)]).toEqual([text, mark, value]);
  });
  it('takes no word of the prototype for a value', () => {
    expect(reader({ eventId: '{id}', case: '{id}', unit: '{đơn vị}', status: 'received', at: '05/01/2026', source: 'other' }, { values: { 'đơn vị': { a: 'b' } } }, 'feedback')({ id: 'constructor', 'đơn vị': 'toString' }).events[0]?.fields).toMatchObject({ eventId: 'constructor', unit: 'toString' });
  });
});

describe('a mapping', () => {
  it('with an error names its line and column', () => {
    writeFileSync(join(folder, 'bad.yaml'), 'ofset: "+07:00"\nevents:\n  - fields: { eventId: "{a}" }\n    wen: x\n');
    for (const place of [/bad\.yaml:1:1 ofset: unknown key/, /bad\.yaml:4:5 events\.0\.wen: unknown key/]) expect(() => readMapping(join(folder, 'bad.yaml'))).toThrow(place);
    expect(() => readMapping(join(folder, 'none.yaml'))).toThrow(/missing/);
  });
  it('of the documentation makes of one row as many events as it has dates', () => {
    const mapping = readMapping(fromRoot('docs/import/dossiers-mapping.yaml'));
    const row = { 'Mã hồ sơ': 'H19-1', 'Ngày tiếp nhận': '05/01/2026 08:12', 'Ngày hẹn trả': '12/01/2026', 'Mã đơn vị': '26068', 'Mã thủ tục': '1.004199', 'Hình thức': 'Trực tiếp', Quầy: '3', 'Số hoá': 'x', 'Ngày yêu cầu bổ sung': '', 'Ngày nhận bổ sung': '', 'Ngày kết thúc': '09/01/2026 15:00', 'Kết quả': 'Đã trả kết quả' };
    expect(rowReader(mapping, 'dossiers', '.')(row).events.map((one) => one.fields)).toEqual([
      { eventId: 'H19-1:tiep-nhan', dossier: 'H19-1', status: 'received', at: '2026-01-05T08:12:00+07:00', dueAt: '2026-01-12T17:00:00+07:00', unit: '26068', procedure: '1.004199', channel: 'in_person', counter: '3', facts: { digitized: true } },
      { eventId: 'H19-1:ket-thuc', dossier: 'H19-1', status: 'resolved', at: '2026-01-09T15:00:00+07:00' },
    ]);
  });
});

describe('the report of refused rows', () => {
  it('runs nothing in a spreadsheet, and reads back as it was', () => fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (cells) => {
    const back = (parse(csvLine(cells), { relax_column_count: true, skip_empty_lines: false }) as string[][])[0] ?? [''];
    expect(back.some((cell) => /^[=+\-@\t\r]/.test(cell))).toBe(false);
    expect(back.map((cell, i) => (cell === `'${cells[i] ?? ''}` ? cells[i] : cell))).toEqual(cells);
  })));
});
