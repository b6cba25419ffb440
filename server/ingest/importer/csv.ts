/** Rows of a CSV in the encodings that exports come in: UTF-8 and UTF-16 by their mark, others by the mapping. */
import { createReadStream, openSync, readSync, closeSync } from 'node:fs';
import { parse } from 'csv-parse';
import iconv from 'iconv-lite';

export interface CsvSource { columns: string[]; rows: AsyncIterable<Record<string, string>> }

export async function openCsv(path: string, encoding: string): Promise<CsvSource> {
  const head = Buffer.alloc(65_536);
  const file = openSync(path, 'r');
  const size = readSync(file, head, 0, head.length, 0);
  closeSync(file);
  const found = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : head[0] === 0xef && head[1] === 0xbb ? 'utf-8' : encoding;
  if (!iconv.encodingExists(found)) throw new Error(`the encoding «${found}» is not known`);
  const first = iconv.decode(head.subarray(0, size), found).split('\n', 1)[0] ?? '';
  const separator = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0] ?? ',';
  const parser = createReadStream(path).pipe(iconv.decodeStream(found)).pipe(parse({ bom: true, delimiter: separator, relax_column_count: true, skip_empty_lines: true, trim: true }));
  const lines = parser[Symbol.asyncIterator]() as AsyncIterator<string[]>;
  const header = await lines.next();
  const columns = header.done ? [] : header.value.map((name) => name.replace(/^\ufeff/, ''));
  return {
    columns,
    rows: { async *[Symbol.asyncIterator]() { for (let line = await lines.next(); !line.done; line = await lines.next()) { const cells = line.value; yield Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])); } } },
  };
}
