/** Rows of one sheet of a workbook. Cells become the text that a person reads in them: dates as local time, numbers in full. */
import { readFileSync } from 'node:fs';
import readXlsxFile, { InvalidInputError, readSheet, SheetNotFoundError } from 'read-excel-file/node';
import type { Mapping } from './mapping.ts';
import type { Row, RowSource } from './source.ts';
import { problem } from './texts.ts';

export async function openXlsx(path: string, mapping: Pick<Mapping, 'sheet' | 'headerRow'>): Promise<RowSource> {
  let bytes: Buffer;
  try { bytes = readFileSync(path); } catch (error) { throw problem('noFile', path, (error as NodeJS.ErrnoException).code ?? String(error)); }
  refuseOld(bytes);
  let sheet: readonly (readonly unknown[])[];
  try { sheet = await readSheet<string>(bytes, mapping.sheet, { parseNumber: numberText }); } catch (error) { throw await whyNot(error, bytes, mapping.sheet); }
  const columns = (sheet[mapping.headerRow - 1] ?? []).map(cellText);
  let at = mapping.headerRow;
  return {
    columns, size: sheet.length, read: () => at, decimal: '.',
    rows: {
      async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
        for (; at < sheet.length; at += 1) {
          const cells = sheet[at]?.map(cellText) ?? [];
          if (cells.every((cell) => cell === '')) continue;
          yield { number: at + 1, cells: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])) };
        }
      },
    },
  };
}

/** A workbook with a password is an OLE container, like the old .xls. */
export function refuseOld(bytes: Buffer): void {
  if (bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))) throw problem('locked');
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf) throw problem('oldExcel');
}

export async function whyNot(error: unknown, bytes: Buffer, wanted: string | number): Promise<Error> {
  if (error instanceof SheetNotFoundError) {
    const sheets = (error as { sheets?: unknown }).sheets;
    return problem('noSheet', String(wanted), Array.isArray(sheets) ? sheets.map(String) : (await readXlsxFile(bytes)).map((one) => one.sheet));
  }
  return problem('badExcel', error instanceof InvalidInputError ? error.code : error instanceof Error ? error.message.split('\n', 1)[0]?.slice(0, 160) ?? '' : 'unknown');
}

/** Ids stay digit by digit; what the file holds as 4.0999999999999996 was typed as 4.1. */
export function numberText(stored: string): string {
  return /^-?\d+$/.test(stored) || !Number.isFinite(Number(stored)) ? stored : String(Number(stored));
}

export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? wallClock(cell.getTime()) : String(cell).trim().normalize('NFC');
}

/** A sheet knows no zones: its times are those of a clock on the wall, which the reader hands over as if it were UTC. */
function wallClock(stored: number): string {
  // Days are stored as fractions: 08:12:00 comes back a millisecond early.
  const second = Math.round(stored / 1000) * 1000;
  const text = new Date(Math.abs(stored - second) <= 2 ? second : stored).toISOString();
  return text.slice(11, 23) === '00:00:00.000' ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 23).replace(/\.000$/, '')}`;
}
