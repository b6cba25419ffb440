/** Bytes of somebody's export → cells: the encoding, the separator, the sheet and the row that names the columns are found, and said. */
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import readXlsxFile from 'read-excel-file/node';
import { markOf, SEPARATORS, separatorOf } from '../csv.ts';
import { isWorkbook } from '../source.ts';
import { problem, type Said } from '../texts.ts';
import { cellText, numberText, refuseOld, whyNot } from '../xlsx.ts';
import { named } from './choose.ts';
import { PROCEDURE } from './evidence.ts';
import type { ImportKind } from './headings.ts';
import type { Sheet } from './sheet.ts';
import { fold } from './text.ts';
import { boundedWorkbook } from './unzip.ts';

const said = (vi: string, en: string): Said => ({ vi, en });
const MOST_COLUMNS = 500;
const MOST_ROWS = 20_000;
const MOST_TITLES = 40;
/** Of a workbook, unpacked. A real export of 20,000 dossiers is about 30 MB. */
const UNPACKED = 128 * 1_048_576;

/** `cut`: the bytes are the beginning of a longer file. `sheet`: a sheet that a person has chosen. Throws an ImportProblem. */
export async function look(kind: ImportKind, bytes: Buffer, { cut }: { cut: boolean }): Promise<Sheet> {
  if (bytes.length === 0) throw problem('empty');
  return isWorkbook(bytes) ? await lookAtWorkbook(kind, bytes) : lookAtCsv(kind, bytes, cut);
}

interface Found { headerRow: number; score: number }
/** Where the columns are named: the row whose cells are headings, with rows of the same width below it. */
function findHeader(kind: ImportKind, rows: readonly (readonly string[])[]): Found | null {
  let best: Found | null = null;
  for (const [i, cells] of rows.slice(0, MOST_TITLES).entries()) {
    const filled = cells.filter((cell) => cell !== '');
    if (filled.length < 2) continue;
    // Cells of data: dates, numbers and codes are no headings.
    const data = filled.filter((cell) => /^[\d.,/: -]+$/.test(cell) || PROCEDURE.test(cell) || cell.length > 120).length;
    const known = filled.filter((cell) => named(kind, cell)).length;
    const below = rows.slice(i + 1, i + 6).filter((row) => row.filter((cell) => cell !== '').length >= Math.max(2, filled.length * 0.4)).length;
    const score = known * 3 + new Set(filled.map(fold)).size * 0.5 - data * 2 + Math.min(2, below);
    if (best === null || score > best.score) best = { headerRow: i + 1, score };
  }
  return best;
}

function sheetOf(found: Found, records: readonly (readonly string[])[], rest: Pick<Sheet, 'format' | 'encoding' | 'separator' | 'sheet' | 'complete' | 'notes'>): Sheet {
  const titles = records[found.headerRow - 1] ?? [];
  if (titles.length > MOST_COLUMNS) throw problem('tooManyColumns', MOST_COLUMNS);
  const rows = records.slice(found.headerRow, found.headerRow + MOST_ROWS).map((cells, i) => ({ number: found.headerRow + i + 1, cells })).filter((row) => row.cells.some((cell) => cell !== ''));
  if (rows.length === 0) throw problem('noRows');
  return { ...rest, complete: rest.complete && records.length <= found.headerRow + MOST_ROWS, headerRow: found.headerRow, titles, rows };
}

function lookAtCsv(kind: ImportKind, bytes: Buffer, cut: boolean): Sheet {
  const { encoding, text, notes } = decode(bytes, cut);
  const separator = mostEven(text);
  const records = recordsOf(text, separator, cut);
  if (records.some((row) => row.length > MOST_COLUMNS)) throw problem('tooManyColumns', MOST_COLUMNS);
  const found = findHeader(kind, records);
  if (!found) throw records.every((row) => row.every((cell) => cell === '')) ? problem('empty') : problem('noHeader');
  // The importer takes the separator from the row of the columns: here both must be one.
  if (separatorOf(text.slice(0, 65_536), found.headerRow) !== separator) throw problem('noHeader');
  return sheetOf(found, records, { format: 'csv', encoding, separator, sheet: null, complete: !cut, notes });
}

function recordsOf(text: string, separator: string, cut: boolean, tries = 12): string[][] {
  try {
    const records = parse(text, { bom: true, delimiter: separator, relax_column_count: true, skip_empty_lines: false, trim: true, max_record_size: 1_000_000, to: MOST_TITLES + MOST_ROWS + 1 }) as string[][];
    // The last row may be half of one.
    return (cut && records.length > 1 ? records.slice(0, -1) : records).map((row) => row.map((cell) => cell.normalize('NFC')));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Where the cut fell into quotes, what stands before the row of the last quote is whole, or falls into quotes again.
    const before = cut && error.code === 'CSV_QUOTE_NOT_CLOSED' ? text.lastIndexOf('\n', text.lastIndexOf('"') - 1) : -1;
    if (before > 0 && tries > 0) return recordsOf(text.slice(0, before + 1), separator, cut, tries - 1);
    throw problem('badCsv', Number((error as { records?: unknown }).records ?? 0) + 1, error.code);
  }
}

function decode(bytes: Buffer, cut: boolean): { encoding: string; text: string; notes: Said[] } {
  const mark = markOf(bytes);
  if (mark === 'utf-16le' || mark === 'utf-16be') return { encoding: mark, text: iconv.decode(bytes.subarray(0, bytes.length - bytes.length % 2), mark), notes: [] };
  const head = bytes.subarray(0, 4096);
  const zeros = [0, 1].map((at) => head.filter((byte, i) => i % 2 === at && byte === 0).length);
  if (head.includes(0)) {
    // Half of the letters of a Vietnamese text are plain: their second byte is zero.
    const encoding = (zeros[1] ?? 0) > (zeros[0] ?? 0) ? 'utf-16le' : 'utf-16be';
    if (Math.max(...zeros) < head.length / 8) throw problem('binary');
    return { encoding, text: iconv.decode(bytes.subarray(0, bytes.length - bytes.length % 2), encoding), notes: [said(`Tệp là UTF-16 không có dấu BOM (${encoding}).`, `The file is UTF-16 without its mark (${encoding}).`)] };
  }
  try { return { encoding: 'utf-8', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut }), notes: [] }; } catch { /* another page */ }
  return { encoding: 'windows-1258', text: iconv.decode(bytes, 'windows-1258'), notes: [said('Tệp không phải UTF-8: đọc như windows-1258. Nếu chữ hiện sai, hãy lưu lại thành «CSV UTF-8».', 'The file is not UTF-8: it is read as windows-1258. If letters look wrong, save it as «CSV UTF-8».')] };
}

/** The separator that gives the first rows the most columns, alike in most of them. */
function mostEven(text: string): string {
  const lines = text.slice(0, 200_000).replace(/"[^"]*"/g, '').split(/\r\n|\n|\r/, 60).filter((line) => line !== '');
  const score = (separator: string) => {
    const widths = lines.map((line) => line.split(separator).length).filter((width) => width > 1);
    const alike = Math.max(0, ...widths.map((width) => widths.filter((other) => other === width).length));
    const width = widths.find((one) => widths.filter((other) => other === one).length === alike) ?? 1;
    return width > 1 ? alike * 100 + Math.min(99, width) : 0;
  };
  return [...SEPARATORS].sort((a, b) => score(b) - score(a))[0] ?? ',';
}

async function lookAtWorkbook(kind: ImportKind, bytes: Buffer): Promise<Sheet> {
  refuseOld(bytes);
  const bounded = boundedWorkbook(bytes, UNPACKED);
  let all: { sheet: string; data: readonly (readonly unknown[])[] }[];
  try { all = await readXlsxFile<string>(bounded, { parseNumber: numberText }); } catch (error) { throw await whyNot(error, bounded, 1); }
  const seen = all.map(({ sheet, data }) => {
    const records = data.slice(0, MOST_TITLES + MOST_ROWS + 1).map((row) => row.slice(0, MOST_COLUMNS + 1).map(cellText));
    return { sheet, records, found: findHeader(kind, records), more: data.length > records.length };
  });
  const best = seen.filter((one) => one.found !== null).sort((a, b) => (b.found?.score ?? 0) - (a.found?.score ?? 0))[0];
  if (!best?.found) throw seen.every((one) => one.records.length === 0) ? problem('empty') : problem('noHeader');
  const notes = all.length > 1 ? [said(`Sổ có ${all.length} trang tính; đọc trang «${best.sheet}».`, `The workbook has ${all.length} sheets; «${best.sheet}» is read.`)] : [];
  return sheetOf(best.found, best.records, { format: 'xlsx', encoding: null, separator: null, sheet: best.sheet, complete: !best.more, notes });
}
