/** `<file>.refused.csv`: every row that did not go in, why, and what to do. Opens in a spreadsheet without running anything. */
import { closeSync, existsSync, ftruncateSync, fstatSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { FAULTS, type FaultCode } from '#contract/faults.ts';
import { problem, ROW_FAULTS, type RowFault } from './texts.ts';

export interface RefusedLine { row: number; column: string; eventId: string; code: string; detail: string }
const HEADER = ['dòng', 'cột', 'mã sự kiện', 'mã lỗi', 'nguyên nhân', 'chi tiết', 'việc cần làm'];

export interface RefusedReport { readonly path: string; /** Bytes that are on the disk. */ readonly length: number; add(lines: readonly RefusedLine[]): void; close(): void }

/** `keep`: bytes of an earlier run that stand; what came after them is written again. */
export function openReport(path: string, keep: number): RefusedReport {
  let file: number | null = null;
  let length = 0;
  const guarded = <T>(work: () => T): T => { try { return work(); } catch (error) { throw problem('write', path, (error as NodeJS.ErrnoException).code ?? String(error)); } };
  guarded(() => {
    if (keep === 0) { rmSync(path, { force: true }); return; }
    if (!existsSync(path)) return;
    file = openSync(path, 'r+');
    ftruncateSync(file, Math.min(keep, fstatSync(file).size));
    length = fstatSync(file).size;
  });
  return {
    path,
    get length() { return length; },
    add(lines) {
      if (lines.length === 0) return;
      guarded(() => {
        file ??= openSync(path, 'w+');
        // The mark tells a spreadsheet that this is UTF-8.
        const text = (length === 0 ? `\ufeff${csvLine(HEADER)}` : '') + lines.map((line) => csvLine(cellsOf(line))).join('');
        length += writeSync(file, text, length);
        fsyncSync(file);
      });
    },
    close() { if (file !== null) closeSync(file); file = null; },
  };
}

function cellsOf({ row, column, eventId, code, detail }: RefusedLine): string[] {
  const text = Object.hasOwn(ROW_FAULTS, code) ? ROW_FAULTS[code as RowFault] : Object.hasOwn(FAULTS, code) ? FAULTS[code as FaultCode].vi : { title: code, next: '' };
  return [String(row), column, eventId, code, text.title, detail, text.next];
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => {
    const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  }).join(',')}\r\n`;
}
