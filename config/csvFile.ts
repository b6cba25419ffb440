/** A CSV file of the configuration: `#` lines are comments, the first other line names the columns. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Report } from './yamlFile.ts';

export interface CsvRow { line: number; cells: ReadonlyMap<string, string> }

export function readCsv(path: string, name: string, columns: readonly string[], report: Report): CsvRow[] {
  let source: string;
  try { source = readFileSync(path, 'utf8'); } catch (error) { report(name, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : String(error)); return []; }
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(source, { bom: true, comment: '#', comment_no_infix: true, skip_empty_lines: true, trim: true, info: true, relax_column_count: true }) as unknown as typeof records;
  } catch (error) { report(name, error instanceof Error ? error.message : String(error)); return []; }
  const header = records.shift();
  if (!header) { report(`${name}:1:1`, 'the file is empty'); return []; }
  for (const column of columns) if (!header.record.includes(column)) report(`${name}:${header.info.lines}:1`, `column «${column}» is missing; there are ${header.record.join(', ')}`);
  return records.map(({ record, info }) => ({ line: info.lines, cells: new Map(header.record.map((column, i) => [column, record[i] ?? ''])) }));
}
