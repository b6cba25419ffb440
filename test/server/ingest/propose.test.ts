/** The mapping assistant on headers as real systems print them: what it finds, what it leaves out, what it says it does not know. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import { columnsOf, mappingFile, readMapping, type Mapping } from '#server/ingest/importer/mapping.ts';
import type { ImportKind } from '#server/ingest/importer/propose/headings.ts';
import { knownOf } from '#server/ingest/importer/propose/known.ts';
import { look } from '#server/ingest/importer/propose/look.ts';
import { propose, type Asked, type Proposal } from '#server/ingest/importer/propose/propose.ts';
import { openSource } from '#server/ingest/importer/source.ts';
import { ImportProblem } from '#server/ingest/importer/texts.ts';
import { serialOf, workbook, type TestCell } from '../../support/workbook.ts';

const known = knownOf(loadConfig({ dir: fromRoot('config'), environment: {} }));
const folder = mkdtempSync(join(tmpdir(), 'toan-canh-propose-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const NOW = Date.parse('2026-06-01T00:00:00Z');

async function of(kind: ImportKind, file: string | Buffer, asked: Partial<Asked> = {}, cut = false): Promise<Proposal> {
  const sheet = await look(kind, Buffer.from(file), { cut });
  return propose(kind, sheet, known, { columns: new Map(), fixed: {}, dateOrder: null, zone: 'Asia/Ho_Chi_Minh', fileName: 'tệp.csv', now: NOW, ...asked });
}
/** Field → heading. */
const fieldsOf = ({ preview }: Proposal) => Object.fromEntries(preview.fields.filter((field) => field.column !== null).map((field) => [field.name, preview.columns[field.column ?? 0]?.title]));
const personalOf = ({ preview }: Proposal) => preview.columns.filter((column) => column.use === 'personal').map((column) => column.title);
const eventsOf = ({ preview }: Proposal) => preview.rows.flatMap((row) => row.events);
const csv = (...rows: (readonly string[])[]) => rows.map((row) => row.map((cell) => (/[",;\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')).join('\r\n');

/** An export of a province's one-stop system: a row a dossier, citizens' data among it. */
const EGOV = [
  ['STT', 'Số hồ sơ', 'Tên thủ tục hành chính', 'Người nộp', 'Số CCCD', 'SĐT', 'Địa chỉ', 'Đơn vị xử lý', 'Hình thức nộp', 'Ngày tiếp nhận', 'Ngày hẹn trả', 'Ngày có kết quả', 'Ngày trả', 'Trạng thái', 'Ghi chú'],
  ['1', 'H19.37.26-260105-0012', 'Đăng ký thường trú', 'Nguyễn Văn An', '075090001234', '0912345678', 'Tổ 3', 'UBND phường Hóa An', 'Trực tuyến toàn trình', '05/01/2026 08:12', '14/01/2026', '13/01/2026 15:00', '14/01/2026 09:00', 'Đã trả kết quả', ''],
  ['2', 'H19.37.26-260105-0013', 'Đăng ký khai sinh', 'Trần Thị Bình', '075190001235', '0987654321', 'Tổ 4', 'Phường Trảng Dài', 'Trực tiếp', '05/01/2026 09:00', '06/01/2026', '', '', 'Đang xử lý', ''],
  ['3', 'H19.37.26-260106-0001', 'Đăng ký kết hôn', 'Lê Văn Chính', '075290001236', '0901234567', 'Tổ 5', 'UBND P. Tân Biên', 'Bưu chính công ích', '06/01/2026 10:30', '20/01/2026', '08/01/2026 10:00', '', 'Chờ trả kết quả', 'gọi lại'],
] as const;

describe('an export of dossiers', () => {
  it('with a row a dossier: its dates become events, names and numbers of citizens are left out', async () => {
    const found = await of('dossiers', csv(...EGOV));
    expect(fieldsOf(found)).toEqual({ dossier: 'Số hồ sơ', status: 'Trạng thái', receivedAt: 'Ngày tiếp nhận', resolvedAt: 'Ngày có kết quả', returnedAt: 'Ngày trả', dueAt: 'Ngày hẹn trả', unit: 'Đơn vị xử lý', procedure: 'Tên thủ tục hành chính', channel: 'Hình thức nộp' });
    expect(personalOf(found)).toEqual(['Người nộp', 'Số CCCD', 'SĐT', 'Địa chỉ']);
    expect(found.preview.columns.filter((column) => column.use === 'free').map((column) => column.title)).toEqual(['STT', 'Ghi chú']);
    expect([found.preview.rowIs, found.preview.missing, found.preview.dateOrder.certainty, found.preview.totals]).toEqual(['dossier', [], 'proved', { rows: 3, events: 6, refused: 0, byCode: {} }]);
    expect(eventsOf(found)[0]).toEqual({ eventId: 'H19.37.26-260105-0012:tiep-nhan', dossier: 'H19.37.26-260105-0012', status: 'received', at: '2026-01-05T08:12:00+07:00', dueAt: '2026-01-14T17:00:00+07:00', unit: '26068', procedure: '1.004199', channel: 'online_full' });
    expect(eventsOf(found).map((event) => event.status)).toEqual(['received', 'resolved', 'returned', 'received', 'received', 'resolved']);
    // No value of a column of citizens leaves the reader, by whatever way.
    expect(JSON.stringify(found.preview)).not.toMatch(/Nguyễn Văn An|075090001234|0912345678|Tổ 3/);
  });
  it('without accents, abbreviated, with a semicolon', async () => {
    const found = await of('dossiers', 'Ma HS;TTHC;Don vi XL;Ngay TN;Ngay hen;Ngay tra KQ;Kenh TN\n1-a;1.004199;26068;05/01/2026;15/01/2026;14/01/2026;truc tuyen mot phan\n1-b;1.001193;25993;05/01/2026;06/01/2026;;tai quay\n');
    expect(fieldsOf(found)).toEqual({ dossier: 'Ma HS', receivedAt: 'Ngay TN', returnedAt: 'Ngay tra KQ', dueAt: 'Ngay hen', unit: 'Don vi XL', procedure: 'TTHC', channel: 'Kenh TN' });
    expect(found.preview.file.separator).toBe(';');
    expect(eventsOf(found).map((event) => [event.status, event.channel])).toEqual([['received', 'online_partial'], ['returned', undefined], ['received', 'in_person']]);
  });
  it('with how it ended in one column and the day of it in another', async () => {
    const found = await of('dossiers', csv(['Mã hồ sơ', 'Mã đơn vị', 'Mã thủ tục', 'Ngày tiếp nhận', 'Ngày kết thúc', 'Kết quả'], ['a1', '26068', '1.004199', '05/01/2026', '20/01/2026', 'Đã trả kết quả'], ['a2', '26068', '1.004199', '05/01/2026', '21/01/2026', 'Từ chối'], ['a3', '26068', '1.004199', '05/01/2026', '22/01/2026', 'Công dân rút hồ sơ'], ['a4', '26068', '1.004199', '05/01/2026', '', 'Yêu cầu bổ sung']));
    expect(eventsOf(found).filter((event) => String(event.eventId).endsWith('ket-thuc')).map((event) => event.status)).toEqual(['returned', 'refused', 'withdrawn']);
    expect(found.preview.notes.map((note) => note.vi).join()).toContain('trạng thái giữa chừng');
    // A second column of an end that is empty changes nothing of it.
    const empty = await of('dossiers', csv(['Mã hồ sơ', 'Mã đơn vị', 'Mã thủ tục', 'Ngày tiếp nhận', 'Ngày có kết quả', 'Ngày trả', 'Trạng thái'], ['a1', '26068', '1.004199', '05/01/2026', '20/01/2026', '', 'Đã trả kết quả'], ['a2', '26068', '1.004199', '05/01/2026', '', '', 'Đang xử lý']));
    expect([eventsOf(empty).map((event) => event.status), empty.preview.notes.filter((note) => /không được nhập/.test(note.vi))]).toEqual([['received', 'returned', 'received'], []]);
  });
  it('with a row an event: the status of each row at its time', async () => {
    const rows = [['Chờ tiếp nhận', 'registered'], ['Đã tiếp nhận', 'received'], ['Đang thẩm định', 'processing'], ['Yêu cầu bổ sung giấy tờ', 'supplement_requested'], ['Đã nhận bổ sung', 'supplement_received'], ['Yêu cầu thực hiện nghĩa vụ tài chính', 'fee_requested'], ['Đã nộp phí', 'fee_paid'], ['Đã xử lý xong', 'resolved'], ['Chờ trả kết quả', 'resolved'], ['Đã trả kết quả', 'returned'], ['Không được tiếp nhận', 'refused'], ['Dừng xử lý', 'stopped'], ['Công dân yêu cầu rút hồ sơ', 'withdrawn']];
    const found = await of('dossiers', csv(['dossierCode', 'status', 'timestamp', 'unit', 'procedure'], ...rows.map(([word], i) => ['A-1', word ?? '', `2026-01-${String(5 + i).padStart(2, '0')}T08:00:00+07:00`, '26068', '1.004199'])));
    expect([found.preview.rowIs, found.preview.dateOrder.certainty]).toEqual(['event', 'unneeded']);
    expect(eventsOf(found).map((event) => event.status)).toEqual(rows.slice(0, 10).map(([, status]) => status));
    expect(found.preview.values.filter((value) => value.field === 'status').map((value) => [value.text, value.word])).toEqual(rows);
    expect(new Set(eventsOf(found).map((event) => event.eventId)).size).toBe(10);
  });
  it('in a workbook with a cover sheet, a title above the columns, dates of the workbook and bare serials', async () => {
    const rows: TestCell[][] = [['BÁO CÁO HỒ SƠ'], ['Từ ngày 01/01/2026 đến ngày 31/01/2026'], [], ['Mã hồ sơ', 'Ngày tiếp nhận', 'Ngày trả kết quả', 'Mã đơn vị', 'Mã thủ tục', 'Số hoá'], ['X-1', { serial: serialOf('2026-01-05T08:12:00') }, serialOf('2026-01-07T09:30:00'), 26068, '1.004199', 'Đã số hóa'], ['X-2', { serial: serialOf('2026-01-06T08:12:00') }, null, '26068', '1.004199', 'Chưa']];
    const bytes = workbook({ 'Bìa': [['x', 'y']], 'Hồ sơ': rows });
    const found = await of('dossiers', bytes);
    expect([found.preview.file.sheet, found.preview.file.headerRow, found.mapping?.serialDates]).toEqual(['Hồ sơ', 4, true]);
    expect(eventsOf(found).map((event) => [event.status, event.at, event.facts])).toEqual([['received', '2026-01-05T08:12:00+07:00', { digitized: true }], ['returned', '2026-01-07T09:30:00+07:00', undefined], ['received', '2026-01-06T08:12:00+07:00', { digitized: false }]]);
    expect(found.preview.rows.map((row) => row.number)).toEqual([5, 6]);
  });
  it('whose headings say nothing: the values of codes, units and statuses speak, with less confidence', async () => {
    const found = await of('dossiers', csv(['A', 'B', 'C', 'D', 'E'], ['H19.37.26-260105-0012', 'Phường Hóa An', '1.004199.000.00.00.H19', 'Đã tiếp nhận', '05/01/2026'], ['H19.37.26-260105-0013', 'Phường Trảng Dài', '1.001193', 'Đang xử lý', '25/01/2026'], ['H19.37.26-260105-0014', 'Phường Tân Biên', '1.001193', 'Đã trả kết quả', '26/01/2026']));
    expect(fieldsOf(found)).toEqual({ dossier: 'A', unit: 'B', procedure: 'C', status: 'D', at: 'E' });
    expect(found.preview.fields.filter((field) => field.confidence !== null).every((field) => (field.confidence ?? 1) <= 0.6)).toBe(true);
    expect(eventsOf(found)[0]).toMatchObject({ procedure: '1.004199', unit: '26068', status: 'received' });
  });
});

describe('other kinds', () => {
  it('ratings in words, with a comma in the reasons', async () => {
    const found = await of('surveys', csv(['Mã phiếu', 'Thời gian đánh giá', 'Đơn vị', 'Quầy', 'Mức độ hài lòng', 'Lý do', 'Kênh', 'Họ và tên'], ['p1', '05/01/2026 09:00', 'Phường Hóa An', '3', 'Rất hài lòng', '', 'Máy tính bảng', 'Võ Thị Hoa'], ['p2', '25/01/2026 09:05', 'Phường Hóa An', '3', 'Không hài lòng', 'Chờ lâu, thiếu ghế', 'Zalo', 'Phan Văn Hải'], ['p3', '25/01/2026 09:06', 'Phường Hóa An', '2', '4 sao', '', 'SMS', 'Đỗ Văn Hải']));
    expect(fieldsOf(found)).toEqual({ rating: 'Mức độ hài lòng', eventId: 'Mã phiếu', at: 'Thời gian đánh giá', unit: 'Đơn vị', counter: 'Quầy', source: 'Kênh', reasons: 'Lý do' });
    expect(eventsOf(found).map((event) => [event.rating, event.source])).toEqual([[5, 'tablet'], [2, 'zalo'], [4, 'sms']]);
    expect(personalOf(found)).toEqual(['Họ và tên']);
  });
  it('ratings without a source: what is required and missing is said, and one value may be given for all', async () => {
    const file = csv(['Ngày', 'Điểm', 'Đơn vị'], ['13/01/2026 08:00', '5', 'Phường Hóa An'], ['14/01/2026 08:00', '1', 'Phường Hóa An']);
    const found = await of('surveys', file);
    expect([found.preview.missing, found.preview.totals.byCode]).toEqual([['source'], { missing_cell: 2 }]);
    expect(found.preview.yaml).toContain('# THIẾU nguồn');
    const mended = await of('surveys', file, { fixed: { source: 'tablet' } });
    expect([mended.preview.missing, mended.preview.totals]).toEqual([[], { rows: 2, events: 2, refused: 0, byCode: {} }]);
  });
  it('tickets with a column for each step; the same number the next day is another ticket', async () => {
    const found = await of('queue', csv(['Số phiếu', 'Mã đơn vị', 'Quầy số', 'Giờ lấy số', 'Giờ gọi', 'Giờ kết thúc'], ['A001', '26068', '1', '05/01/2026 07:30', '05/01/2026 07:40', '05/01/2026 07:52'], ['A001', '26068', '1', '16/01/2026 07:31', '', '']));
    expect(fieldsOf(found)).toEqual({ ticket: 'Số phiếu', issuedAt: 'Giờ lấy số', calledAt: 'Giờ gọi', servedAt: 'Giờ kết thúc', unit: 'Mã đơn vị', counter: 'Quầy số' });
    expect(eventsOf(found).map((event) => event.status)).toEqual(['issued', 'called', 'served', 'issued']);
    expect(new Set(eventsOf(found).map((event) => event.eventId)).size).toBe(4);
  });
  it('tickets with a row an event, in English', async () => {
    const found = await of('queue', csv(['event_id', 'ticket_no', 'unit', 'status', 'event time'], ['q1', 'B7', '26068', 'waiting', '2026-01-05 08:00:00'], ['q2', 'B7', '26068', 'no-show', '2026-01-05 08:20:00']));
    expect(eventsOf(found).map((event) => [event.eventId, event.ticket, event.status])).toEqual([['q1', 'B7', 'issued'], ['q2', 'B7', 'no_show']]);
  });
  it('feedback cases with their days and the content left alone', async () => {
    const found = await of('feedback', csv(['Mã phản ánh', 'Người phản ánh', 'Điện thoại', 'Nội dung', 'Lĩnh vực', 'Nguồn', 'Đơn vị xử lý', 'Ngày tiếp nhận', 'Hạn xử lý', 'Ngày trả lời', 'Hài lòng'], ['PA-1', 'Bùi Văn Ba', '0912 345 678', 'đường hỏng', 'Giao thông', 'Tổng đài 1022', 'Huyện Long Thành', '13/01/2026 08:00', '20/01/2026', '15/01/2026 10:00', 'Hài lòng'], ['PA-2', 'Ngô Thị Tư', '0912345679', 'rác', 'Môi trường', 'Cổng DVC quốc gia', 'Huyện Xuân Lộc', '14/01/2026 08:00', '21/01/2026', '', '']));
    expect(fieldsOf(found)).toEqual({ case: 'Mã phản ánh', receivedAt: 'Ngày tiếp nhận', resolvedAt: 'Ngày trả lời', dueAt: 'Hạn xử lý', unit: 'Đơn vị xử lý', source: 'Nguồn', category: 'Lĩnh vực', satisfied: 'Hài lòng' });
    expect(personalOf(found)).toEqual(['Người phản ánh', 'Điện thoại']);
    expect(eventsOf(found).map((event) => [event.status, event.source, event.unit, event.satisfied])).toEqual([['received', 'hotline_1022', '740', undefined], ['resolved', 'hotline_1022', '740', true], ['received', 'national_portal', '741', undefined]]);
  });
});

describe('what is not certain is said', () => {
  const HEAD = ['Mã hồ sơ', 'Mã đơn vị', 'Mã thủ tục', 'Ngày tiếp nhận'];
  it('days that could be months, days that can only be months, and both in one file', async () => {
    const certainty = async (...days: string[]) => { const { preview } = await of('dossiers', csv(HEAD, ...days.map((day, i) => [`a${i}`, '26068', '1.004199', day]))); return [preview.dateOrder.order, preview.dateOrder.certainty, preview.notes.some((note) => /mơ hồ|mâu thuẫn/.test(note.vi))]; };
    expect(await certainty('05/01/2026', '06/02/2026')).toEqual(['dmy', 'assumed', true]);
    expect(await certainty('05/01/2026', '25/02/2026')).toEqual(['dmy', 'proved', false]);
    expect(await certainty('05/01/2026', '02/25/2026')).toEqual(['mdy', 'proved', false]);
    expect(await certainty('13/01/2026', '02/25/2026')).toEqual(['dmy', 'contradicted', true]);
    expect(await certainty('2026-01-05', '2026-02-06')).toEqual(['dmy', 'unneeded', false]);
    expect((await of('dossiers', csv(HEAD, ['a', '26068', '1.004199', '05/01/26'], ['b', '26068', '1.004199', '25/01/26']))).preview.notes.map((note) => note.vi).join()).toMatch(/^$|hai chữ số/);
  });
  it('a unit of two places is nobody’s until its district is named', async () => {
    const { preview } = await of('dossiers', csv(HEAD, ['a', 'Tân Phú', '1.004199', '25/01/2026'], ['b', 'Huyện Tân Phú', '1.004199', '25/01/2026'], ['c', 'Thống Nhất', '1.004199', '25/01/2026'], ['d', 'UBND phường Thống Nhất, TP Biên Hòa', '1.004199', '25/01/2026'], ['e', 'Xã Không Có', '1.004199', '25/01/2026']));
    const word = new Map(preview.values.filter((value) => value.field === 'unit').map((value) => [value.text, value]));
    expect(word.get('Tân Phú')).toMatchObject({ word: null, candidates: expect.arrayContaining([expect.stringContaining('734'), expect.stringContaining('26116')]) });
    expect([word.get('Huyện Tân Phú')?.word, word.get('Thống Nhất')?.word, word.get('UBND phường Thống Nhất, TP Biên Hòa')?.word, word.get('Xã Không Có')]).toEqual(['734', null, '26029', expect.objectContaining({ word: null, candidates: [] })]);
    expect(preview.totals.byCode).toEqual({ unknown_unit: 3 });
    expect(preview.rows[0]?.refusals).toEqual([{ column: 'Mã đơn vị', code: 'unknown_unit', detail: '«Tân Phú»' }]);
  });
  it('a word that says less than ours is marked, one that says nothing is not mapped', async () => {
    const { preview } = await of('dossiers', csv([...HEAD, 'Hình thức'], ['a', '26068', '1.004199', '25/01/2026', 'Trực tuyến'], ['b', '26068', '1.004199', '25/01/2026', 'Bồ câu'], ['c', '26068', '1.004199', '25/01/2026', 'Trực tiếp']));
    expect(preview.values.filter((value) => value.field === 'channel').map(({ text, word, assumed }) => [text, word, assumed])).toEqual([['Trực tuyến', 'online_full', true], ['Bồ câu', null, false], ['Trực tiếp', 'in_person', false]]);
  });
  it('what a person decides goes before what is proposed, and a column of citizens cannot be decided', async () => {
    const at = (title: string) => EGOV[0].indexOf(title as 'STT');
    const found = await of('dossiers', csv(...EGOV), { columns: new Map([['counter', at('STT')], ['returnedAt', null], ['dossier', at('Số CCCD')]]), dateOrder: 'mdy' });
    expect(fieldsOf(found)).toMatchObject({ counter: 'STT', dossier: 'Số hồ sơ' });
    expect(fieldsOf(found).returnedAt).toBeUndefined();
    expect([found.preview.dateOrder.certainty, found.preview.rows[0]?.refusals[0]?.code]).toEqual(['chosen', 'bad_date']);
  });
});

describe('files as they come', () => {
  const TEXT = csv(...EGOV.map((row) => [...row]));
  it('in UTF-8, UTF-16 with and without a mark, windows-1258, tabs: read alike, and the importer reads the same', async () => {
    const wide = Buffer.from(TEXT, 'utf16le');
    // That page has letters with their shape, and tones apart from them.
    const apart = iconv.encode([...TEXT].map((letter) => { const [base = '', ...marks] = letter.normalize('NFD'); const shape = marks.filter((mark) => '\u0302\u0306\u031b'.includes(mark)); return (base + shape.join('')).normalize('NFC') + marks.filter((mark) => !shape.includes(mark)).join(''); }).join(''), 'windows-1258');
    const files: [string, Buffer, string][] = [
      ['plain', Buffer.from(TEXT), 'utf-8'], ['mark', Buffer.from(`\ufeff${TEXT}`), 'utf-8'], ['le', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), 'utf-16le'], ['be', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(), 'utf-16be'], ['no mark', wide, 'utf-16le'], ['1258', apart, 'windows-1258'],
      ['title above', Buffer.from(`DANH SÁCH HỒ SƠ\r\n\r\n${TEXT}`), 'utf-8'],
    ];
    const wanted = fieldsOf(await of('dossiers', TEXT));
    for (const [name, bytes, encoding] of files) {
      const found = await of('dossiers', bytes);
      expect([name, found.preview.file.encoding, fieldsOf(found), found.preview.totals.events]).toEqual([name, encoding, wanted, 6]);
      // As a person would go on: the file that was written, read by the importer.
      writeFileSync(join(folder, 'm.yaml'), found.preview.yaml ?? '');
      writeFileSync(join(folder, 'f.csv'), bytes);
      const mapping = readMapping(join(folder, 'm.yaml'));
      const source = await openSource(join(folder, 'f.csv'), mapping);
      const rows = [];
      for await (const row of source.rows) rows.push(row);
      expect([columnsOf(mapping).filter((column) => !source.columns.includes(column)), rows.map((row) => row.number)]).toEqual([[], found.preview.rows.map((row) => row.number)]);
    }
  });
  it('the beginning of a long file is enough, cut in a letter or in quotes', async () => {
    const long = TEXT + Array.from({ length: 50 }, (_, i) => `\r\n${i},H19-${i},Đăng ký thường trú,,,,,Phường Hóa An,Trực tiếp,05/01/2026,14/01/2026,,,Đang xử lý,"nhiều\ndòng; ""ầ"""`).join('');
    const bytes = Buffer.from(long);
    for (let at = bytes.length - 60; at < bytes.length; at += 1) {
      const found = await of('dossiers', bytes.subarray(0, at), {}, true);
      expect([at, found.preview.file.complete, found.preview.file.rows >= 50, found.preview.totals.refused]).toEqual([at, false, true, 0]);
    }
  });
  it('the mapping written is the mapping meant, whatever the headings and values are', async () => {
    const HOSTILE = ['<img src=x onerror=alert(1)>', '=cmd|\' /C calc\'!A0', 'a: b # c', '- x', '"\'`', '%{x}', 'null', 'true', '1e3', '\u202egnp.exe', 'a\nevents: []', '__proto__', 'constructor', '*a', '&a', '!!js/function', '\u0000'];
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 12 })), { minLength: 6, maxLength: 6 }), fc.constantFrom(...HOSTILE), async (titles, value) => {
      const found = await of('dossiers', csv(['Mã hồ sơ', 'Ngày tiếp nhận', 'Trạng thái', 'Hình thức', ...titles], ['a-1', '25/01/2026', 'Đang xử lý', value, ...titles], ['a-2', '26/01/2026', value, 'Trực tiếp', ...titles.map(() => value)]), { columns: new Map([['counter', 4], ['unit', 5], ['procedure', 6], ['status', 2], ['channel', 3]]) }).catch((error: unknown) => { if (error instanceof ImportProblem) return null; throw error; });
      if (found === null || found.preview.yaml === null || found.mapping === null) return;
      const read: Mapping = mappingFile.parse(parse(found.preview.yaml));
      expect(read.events).toEqual(found.mapping.events);
      expect(read.values).toEqual(JSON.parse(JSON.stringify(found.mapping.values)));
      expect({}).not.toHaveProperty('polluted');
    }), { numRuns: 150 });
  });
});

describe('a file that means harm', () => {
  const refused = async (bytes: Buffer): Promise<string> => { try { await of('dossiers', bytes); return 'read'; } catch (error) { expect(error).toBeInstanceOf(ImportProblem); return (error as Error).message; } };
  it('a workbook that unpacks to gigabytes, lies about its sizes, or is broken', async () => {
    expect(await refused(zipped('xl/worksheets/sheet1.xml', deflateRawSync(Buffer.alloc(200 * 1_048_576)), 10))).toMatch(/bung ra quá 128 MB/);
    expect(await refused(Buffer.from('PK\x03\x04 and nothing more'))).toMatch(/Excel/);
    expect(await refused(zipped('xl/x.xml', Buffer.from('no deflate'), 10))).toMatch(/Excel/);
    const good = workbook({ a: [['Mã hồ sơ', 'Ngày tiếp nhận'], ['1', '25/01/2026']] });
    for (let at = 4; at < good.length; at += 7) { const broken = Buffer.from(good); broken[at] = (broken[at] ?? 0) ^ 0xff; await refused(broken); }
    expect(await refused(Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0]), Buffer.alloc(100)]))).toMatch(/\.xls/);
  });
  it('a hundred thousand columns, one huge cell, quotes without end, nothing at all', async () => {
    expect(await refused(Buffer.from(`${'a,'.repeat(100_000)}b\n${'1,'.repeat(100_000)}2\n`))).toMatch(/500 cột/);
    expect(await refused(Buffer.from(`Mã hồ sơ,Ngày tiếp nhận\n1,"${'x'.repeat(2_000_000)}"\n`))).toMatch(/CSV/);
    expect(await refused(Buffer.from('a,b\n1,"x'))).toMatch(/CSV/);
    for (const text of ['', '\n\n\n', 'Mã hồ sơ,Ngày tiếp nhận\n', 'one\ntwo\n']) expect(await refused(Buffer.from(text))).not.toBe('read');
    expect(await refused(Buffer.from(`a,b\n1,\u0000${'x'.repeat(100)}`))).toMatch(/byte 0/);
  });
  it('cells that take a bad pattern long are read in time', async () => {
    const began = Date.now();
    const cell = `${'nguyen '.repeat(40)}${'1'.repeat(200)} ${'rat '.repeat(80)}@${'a'.repeat(300)}`;
    await of('dossiers', csv(['Mã hồ sơ', 'Ngày tiếp nhận', 'Trạng thái', 'x'.repeat(5_000)], ...Array.from({ length: 2_000 }, (_, i) => [`${cell}${i}`, cell, `${cell}${i}`, cell])));
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

/** A zip of one file, with a size of its own claiming. */
function zipped(name: string, packed: Buffer, claims: number): Buffer {
  const path = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); common.writeUInt16LE(8, 4); common.writeUInt32LE(packed.length, 14); common.writeUInt32LE(claims, 18); common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(14), path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4); end.writeUInt16LE(1, 6); end.writeUInt32LE(directory.length, 8); end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

const REAL = fromRoot('../shared/data/receipt.csv');
if (!existsSync(REAL)) console.warn('skipped: the real log ../shared/data/receipt.csv is not on this machine');
describe.skipIf(!existsSync(REAL))('the real log', () => {
  it('gets nearly the mapping that was written by hand', async () => {
    const byHand = readMapping(fromRoot('docs/import/receipt-mapping.yaml'));
    const { mapping, preview } = await of('dossiers', readFileSync(REAL), { fixed: { unit: '75.TTHCC', procedure: '1.004199' } });
    const bare = (events: Mapping['events'] | undefined) => events?.map(({ fields: { eventId: _id, ...fields } }) => fields);
    expect(bare(mapping?.events)).toEqual(bare(byHand.events));
    // What it cannot know: that «Intern» is the desk's own.
    const { Intern: _intern, ...channels } = byHand.values['case:channel'] ?? {};
    expect({ ...mapping?.values['case:channel'] }).toEqual(channels);
    expect([preview.values.find((value) => value.text === 'Intern')?.word, preview.totals.refused]).toEqual([null, 0]);
  });
  it('says that unit and procedure stand nowhere in it', async () => {
    expect((await of('dossiers', readFileSync(REAL))).preview.missing).toEqual(['unit', 'procedure']);
  });
});
