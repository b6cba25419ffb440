/** `npm run import -- <kind> <file> --propose`: a mapping for a file that has none, and the first rows as they would be read. Asks no centre. */
import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ImportPreview } from '#contract/imports.ts';
import { FAULTS, type FaultCode } from '#contract/faults.ts';
import { ConfigProblems, loadConfig } from '#config/load.ts';
import type { ImportKind } from '../ingest/importer/propose/headings.ts';
import { knownOf } from '../ingest/importer/propose/known.ts';
import { look } from '../ingest/importer/propose/look.ts';
import { propose } from '../ingest/importer/propose/propose.ts';
import { oneLine } from '../ingest/importer/propose/text.ts';
import { NEEDED, surenessOf } from '../ingest/importer/propose/yaml.ts';
import { isWorkbook } from '../ingest/importer/source.ts';
import { problem, ROW_FAULTS, type RowFault } from '../ingest/importer/texts.ts';

/** Of a CSV the beginning is enough; a workbook is whole or nothing. */
const MOST_CSV = 8 * 1_048_576;
const MOST_WORKBOOK = 64 * 1_048_576;
/** A reader that has seen enough (`| head`) is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error; });
const print = (text = '') => { process.stdout.write(`${text}\n`); };

/** The exit code: 0 when a mapping was written. */
export async function proposeMapping({ kind, file, out, set }: { kind: ImportKind; file: string; out: string | null; set: readonly string[] }): Promise<number> {
  const fixed = Object.fromEntries(set.map((one) => { const at = one.indexOf('='); if (at < 1) throw problem('argument', `--set ${one}`); return [one.slice(0, at), one.slice(at + 1)]; }));
  const { bytes, cut } = readBeginning(file);
  const config = configured();
  const { preview, mapping } = propose(kind, await look(kind, bytes, { cut }), knownOf(config), { columns: new Map(), fixed, dateOrder: null, zone: config.centre.zone, fileName: basename(file), now: Date.now() });
  tell(preview);
  if (mapping === null || preview.yaml === null) { print('\nChưa đủ cột để thành sự kiện nào: xem các mục THIẾU ở trên, hoặc viết tệp ánh xạ theo docs/import/README.md.'); return 1; }
  const path = out ?? `${file}.mapping.yaml`;
  if (out === null && existsSync(path)) throw problem('exists', path);
  try { writeFileSync(path, preview.yaml); } catch (error) { throw problem('write', path, (error as NodeJS.ErrnoException).code ?? String(error)); }
  print(`\nĐã ghi ${path}. Xem lại, rồi:\n  npm run import -- ${kind} ${quoted(file)} --mapping ${quoted(path)} --dry-run`);
  return 0;
}

function configured() {
  try { return loadConfig({ dir: process.env.CONFIG_DIR ?? '', environment: process.env }); } catch (error) {
    if (error instanceof ConfigProblems) throw problem('config', error.problems);
    throw error;
  }
}

function readBeginning(file: string): { bytes: Buffer; cut: boolean } {
  try {
    const opened = openSync(file, 'r');
    try {
      const { size } = statSync(file);
      const head = Buffer.alloc(4);
      readSync(opened, head, 0, 4, 0);
      const workbook = isWorkbook(head);
      const bytes = Buffer.alloc(Math.min(size, workbook ? MOST_WORKBOOK : MOST_CSV));
      const read = readSync(opened, bytes, 0, bytes.length, 0);
      if (workbook && size > read) throw problem('bomb', MOST_WORKBOOK / 1_048_576);
      return { bytes: bytes.subarray(0, read), cut: size > read };
    } finally { closeSync(opened); }
  } catch (error) {
    if (error instanceof Error && 'said' in error) throw error;
    throw problem('noFile', file, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function tell(preview: ImportPreview): void {
  const { file, fields, columns, values } = preview;
  print(`${file.format === 'csv' ? `CSV, ${file.encoding ?? ''}, ngăn cách «${file.separator === '\t' ? 'tab' : file.separator ?? ''}»` : `Excel, trang «${file.sheet ?? ''}»`}; tiêu đề cột ở dòng ${file.headerRow}; đã đọc ${file.rows} dòng${file.complete ? '' : ' đầu'}.`);
  if (preview.rowIs !== null) print({ event: 'Mỗi dòng là một sự kiện.', dossier: 'Mỗi dòng là một hồ sơ (vụ việc): mỗi cột ngày thành một sự kiện.', both: 'Mỗi dòng là một bước, kèm các ngày của cả hồ sơ.' }[preview.rowIs]);
  print('\nĐỀ XUẤT');
  for (const field of fields) {
    if (field.fixed !== null) print(`  ${field.name.padEnd(22)} = «${oneLine(field.fixed)}» cho mọi dòng`);
    else if (field.column !== null) print(`  ${field.name.padEnd(22)} ← ${oneLine(columns[field.column]?.title ?? '')}  (${surenessOf(field.confidence)}: ${field.reason?.vi ?? ''})`);
  }
  for (const name of preview.missing) print(`  THIẾU ${NEEDED[name] ?? name}: bắt buộc, không tìm thấy cột nào${['unit', 'procedure', 'source'].includes(name) ? `; nếu mọi dòng như nhau: --set ${name}=…` : ''}`);
  const list = (use: string) => columns.filter((column) => column.use === use).map((column) => `${oneLine(column.title) || `cột ${column.index + 1}`}${column.reason ? ` (${column.reason.vi})` : ''}`);
  for (const [use, text] of [['personal', 'Dữ liệu của công dân, không nhập'], ['unusable', 'Không dùng được'], ['free', 'Không dùng']] as const) if (list(use).length > 0) print(`\n${text}: ${list(use).join('; ')}`);
  const unclear = values.filter((value) => value.word === null || value.assumed);
  if (unclear.length > 0) print('\nGIÁ TRỊ CẦN XEM LẠI');
  for (const value of unclear.slice(0, 40)) print(`  ${oneLine(value.column)}: «${oneLine(value.text)}» ${value.word === null ? `chưa rõ là gì${value.candidates.length > 0 ? `; có thể là ${value.candidates.join(', ')}` : ''}` : `→ ${value.word} (đoán)`} — ${value.rows} dòng`);
  for (const note of preview.notes) print(`\nLƯU Ý: ${note.vi}`);
  if (preview.rows.length > 0) print('\nMƯỜI DÒNG ĐẦU NHƯ SẼ ĐƯỢC ĐỌC');
  for (const row of preview.rows) {
    print(`  dòng ${row.number}:${row.events.length === 0 && row.refusals.length === 0 ? ' không thành sự kiện nào' : ''}`);
    for (const event of row.events) print(`    ${JSON.stringify(event)}`);
    for (const refusal of row.refusals) print(`    TỪ CHỐI ${refusal.column}: ${causeOf(refusal.code)} ${oneLine(refusal.detail, 120)}`);
  }
  const { totals } = preview;
  if (totals.rows > 0) print(`\nĐọc thử ${totals.rows} dòng: ${totals.events} sự kiện, ${totals.refused} dòng bị từ chối${Object.entries(totals.byCode).map(([code, n]) => `; ${causeOf(code)}: ${n}`).join('')}.`);
}

const causeOf = (code: string): string => (Object.hasOwn(ROW_FAULTS, code) ? ROW_FAULTS[code as RowFault].title : Object.hasOwn(FAULTS, code) ? FAULTS[code as FaultCode].vi.title : code);
const quoted = (path: string) => (/^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);
