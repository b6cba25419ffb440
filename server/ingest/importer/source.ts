/** Rows of somebody's export, whatever file they come in. */
import { closeSync, openSync, readSync } from 'node:fs';
import { openCsv } from './csv.ts';
import type { Mapping } from './mapping.ts';
import { problem } from './texts.ts';
import { openXlsx } from './xlsx.ts';

export type Cells = Readonly<Record<string, string>>;
/** `number`: as a spreadsheet shows it; the header is row 1 unless the mapping says otherwise. */
export interface Row { number: number; cells: Cells }
export interface RowSource {
  columns: string[];
  rows: AsyncIterable<Row>;
  /** How much there is, and how much was read, in the same unit (bytes or rows). */
  size: number;
  read(): number;
  /** The decimal mark of its numbers, unless the mapping names one. */
  decimal: ',' | '.';
}

export const isWorkbook = (head: Buffer): boolean => startsWith(head, 0x50, 0x4b, 3, 4) || startsWith(head, 0xd0, 0xcf, 0x11, 0xe0);
const startsWith = (head: Buffer, ...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);

export async function openSource(file: string, mapping: Mapping): Promise<RowSource> {
  const head = headOf(file);
  if (head.length === 0) throw problem('empty');
  const workbook = /\.xls[xm]?$/i.test(file) || isWorkbook(head);
  const source = workbook ? await openXlsx(file, mapping) : await openCsv(file, mapping, head);
  if (source.columns.every((column) => column === '')) throw problem('empty');
  return source;
}

function headOf(file: string): Buffer {
  try {
    const head = Buffer.alloc(65_536);
    const opened = openSync(file, 'r');
    try { return head.subarray(0, readSync(opened, head, 0, head.length, 0)); } finally { closeSync(opened); }
  } catch (error) { throw problem('noFile', file, (error as NodeJS.ErrnoException).code ?? String(error)); }
}
