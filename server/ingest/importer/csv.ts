/** Rows of a CSV in the encodings that exports come in: UTF-8 and UTF-16 by their mark, others by the mapping. */
import { createReadStream, statSync } from 'node:fs';
import { Transform, pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import type { Mapping } from './mapping.ts';
import type { Row, RowSource } from './source.ts';
import { ImportProblem, problem } from './texts.ts';

const MAX_RECORD = 1_000_000;

/** The encoding that a byte-order mark names. */
export function markOf(head: Uint8Array): 'utf-16le' | 'utf-16be' | 'utf-8' | null {
  return head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : null;
}
export const SEPARATORS = [',', ';', '\t', '|'] as const;
/** The separator of the row that names the columns. */
export function separatorOf(text: string, headerRow: number): string {
  // Quoted parts may hold separators and newlines: they do not vote.
  const lines = text.replace(/"[^"]*"/g, '').split(/\r\n|\n|\r/, headerRow);
  const line = lines[lines.length - 1] ?? '';
  return [...SEPARATORS].sort((a, b) => line.split(b).length - line.split(a).length)[0] ?? ',';
}

export async function openCsv(path: string, mapping: Pick<Mapping, 'encoding' | 'headerRow'>, head: Buffer): Promise<RowSource> {
  const encoding = markOf(head) ?? mapping.encoding.toLowerCase();
  if (!iconv.encodingExists(encoding)) throw problem('encodingName', encoding);
  if (!encoding.startsWith('utf-16') && !encoding.startsWith('utf16') && head.includes(0)) throw problem('binary');
  const separator = separatorOf(iconv.decode(head, encoding), mapping.headerRow);
  const file = createReadStream(path);
  const parser = parse({ bom: true, delimiter: separator, relax_column_count: true, skip_empty_lines: false, trim: true, max_record_size: MAX_RECORD });
  pipeline(file, /^utf-?8$/.test(encoding) ? strictUtf8() : iconv.decodeStream(encoding), parser, () => { /* The error comes out of the iteration. */ });
  const records = parser[Symbol.asyncIterator]() as AsyncIterator<string[]>;
  let number = 0;
  // Old Vietnamese pages write accents apart from their letters; one form for all makes names and values comparable.
  const next = async (): Promise<string[] | null> => {
    try {
      const record = await records.next();
      number += 1;
      return record.done ? null : record.value.map((cell) => cell.normalize('NFC'));
    } catch (error) {
      if (error instanceof ImportProblem) throw error;
      if (error instanceof CsvError) throw problem('badCsv', number + 1, error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE' ? 'dấu ngoặc kép mở mà không đóng (a quote that is not closed)' : error.code);
      throw problem('noFile', path, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  };
  let columns: string[] | null = null;
  for (let row = 0; row < mapping.headerRow; row += 1) columns = await next();
  const named = columns ?? [];
  return {
    columns: named, size: statSync(path).size, read: () => file.bytesRead, decimal: ',',
    rows: {
      async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
        try {
          for (let cells = await next(); cells !== null; cells = await next()) {
            const row = cells;
            if (row.every((cell) => cell === '')) continue;
            yield { number, cells: Object.fromEntries(named.map((column, i) => [column, row[i] ?? ''])) };
          }
        } finally { file.destroy(); }
      },
    },
  };
}

/** UTF-8 that says so when it is none, instead of putting question marks in people's data. */
function strictUtf8(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array | undefined, done: (error: Error | null, text?: string) => void) => {
    let text: string;
    try { text = decoder.decode(bytes, { stream: bytes !== undefined }); } catch { done(problem('notUtf8')); return; }
    done(null, text);
  };
  return new Transform({ transform(bytes: Buffer, _, done) { decode(bytes, done); }, flush(done) { decode(undefined, done); } });
}
