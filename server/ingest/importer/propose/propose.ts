/**
 * The mapping assistant: a file somebody exported → a mapping, with how sure it is of each part and why. Pure: what it
 * knows of units and procedures is given to it, and what a person has decided goes before what it would propose.
 */
import type { ImportPreview } from '#contract/imports.ts';
import { CHANNELS, DOSSIER_STATUSES, FEEDBACK_SOURCES, FEEDBACK_STATUSES, SURVEY_SOURCES, TICKET_STATUSES } from '#contract/vocabulary.ts';
import type { Mapping } from '../mapping.ts';
import type { Said } from '../texts.ts';
import { mappingOf, plan } from './assemble.ts';
import { choose, named, type Choice } from './choose.ts';
import { columnOf, type Column, type Known } from './evidence.ts';
import { REQUIRED, ROLES, type ImportKind } from './headings.ts';
import { personalReason } from './personal.ts';
import type { Sheet } from './sheet.ts';
import { valuesOf } from './tables.ts';
import { oneLine } from './text.ts';
import { tryRows } from './trial.ts';
import { yamlOf } from './yaml.ts';

/** `columns`: field → column, or null for none. `fixed`: field → a text for every row. */
export interface Asked { columns: ReadonlyMap<string, number | null>; fixed: Readonly<Record<string, string>>; dateOrder: 'dmy' | 'mdy' | null; zone: string; fileName: string; now: number }
export interface Proposal { preview: ImportPreview; mapping: Mapping | null }

const said = (vi: string, en: string): Said => ({ vi, en });
const TRIED = 2_000;

export function propose(kind: ImportKind, sheet: Sheet, known: Known, asked: Asked): Proposal {
  const all = sheet.titles.map((title, index) => columnOf(index, title, sheet.rows.map((row) => row.cells[index] ?? '')));
  const barred = new Map<number, { use: 'personal' | 'unusable'; reason: Said }>();
  for (const column of all) {
    const personal = personalReason(column.title, column.values, named(kind, column.title));
    const unusable = unusableReason(column.title, sheet.titles);
    if (personal) barred.set(column.index, { use: 'personal', reason: personal });
    else if (unusable) barred.set(column.index, { use: 'unusable', reason: unusable });
  }
  const columns = all.filter((column) => !barred.has(column.index));
  const names = new Set(ROLES[kind].map((role) => role.name));
  // What somebody asks for a column of citizens' data, or of a field that is none, is not heard.
  const wanted = new Map([...asked.columns].filter(([role, index]) => names.has(role) && (index === null || columns.some((column) => column.index === index))));
  const fixed = Object.fromEntries(Object.entries(asked.fixed).filter(([role, text]) => names.has(role) && canBeFixed(role) && text !== ''));
  for (const role of Object.keys(fixed)) wanted.set(role, null);
  const chosen = choose(kind, columns, known, wanted);
  const values = valuesOf(kind, chosen, columns, known);
  const order = dateOrder(kind, chosen, columns, asked.dateOrder);
  const made = plan(kind, chosen, fixed, columns, values);
  const notes = [...sheet.notes, ...order.notes, ...made.notes, ...(sheet.complete ? [] : [said(`Chỉ ${sheet.rows.length.toLocaleString('vi')} dòng đầu được đọc thử: giá trị chỉ có ở các dòng sau không nằm trong bảng giá trị.`, `Only the first ${sheet.rows.length.toLocaleString('en')} rows were looked at: texts that stand only in later rows are not in the tables of values.`)])];
  const used = new Set([...chosen.values()].map((choice) => choice.column));
  const preview: Omit<ImportPreview, 'yaml' | 'rows' | 'totals'> = {
    kind, rowIs: made.rowIs, missing: made.missing, notes, values,
    file: { format: sheet.format, encoding: sheet.encoding, separator: sheet.separator, sheet: sheet.sheet, headerRow: sheet.headerRow, rows: sheet.rows.length, complete: sheet.complete },
    dateOrder: { order: order.order, certainty: order.certainty, example: order.example },
    columns: all.map((column) => {
      const bar = barred.get(column.index);
      return { index: column.index, title: oneLine(column.title, 120), use: bar?.use ?? (used.has(column.index) ? 'mapped' as const : 'free' as const), reason: bar?.reason ?? null, example: bar === undefined && used.has(column.index) ? oneLine(column.values[0] ?? '', 80) || null : null, filled: column.values.length };
    }),
    fields: ROLES[kind].map((role) => {
      const choice = chosen.get(role.name);
      return { name: role.name, column: choice?.column ?? null, fixed: fixed[role.name] ?? null, confidence: choice?.confidence ?? null, reason: choice?.reason ?? null, required: REQUIRED[kind].includes(role.name), canBeFixed: canBeFixed(role.name), words: wordsOf(kind, role.name) };
    }),
  };
  if (made.events === null) return { preview: { ...preview, yaml: null, rows: [], totals: { rows: 0, events: 0, refused: 0, byCode: {} } }, mapping: null };
  const mapping = mappingOf(sheet, made.events, values, { zone: asked.zone, dateOrder: order.order, serialDates: order.serial });
  return { mapping, preview: { ...preview, yaml: yamlOf(mapping, preview, asked.fileName), ...tryRows(kind, mapping, sheet, known, asked.now, { show: 10, most: TRIED }) } };
}

/** What may be one text for every row. */
export const canBeFixed = (role: string): boolean => ['unit', 'procedure', 'source', 'channel', 'counter'].includes(role);
const WORDS: Readonly<Record<string, readonly string[]>> = { channel: CHANNELS };
function wordsOf(kind: ImportKind, role: string): string[] | null {
  if (role === 'source') return [...(kind === 'surveys' ? SURVEY_SOURCES : FEEDBACK_SOURCES)];
  if (role === 'status') return [...(kind === 'dossiers' ? DOSSIER_STATUSES : kind === 'queue' ? TICKET_STATUSES : FEEDBACK_STATUSES)];
  return WORDS[role] ? [...WORDS[role]] : null;
}

/** A mapping names columns by their title, in braces. */
function unusableReason(title: string, titles: readonly string[]): Said | null {
  if (title === '') return said('cột không có tiêu đề', 'the column has no heading');
  if (title === '__proto__' || /[{}]/.test(title)) return said('tiêu đề có dấu ngoặc nhọn; đổi tên cột', 'the heading has braces; rename it');
  return titles.indexOf(title) === titles.lastIndexOf(title) ? null : said('tiêu đề xuất hiện hai lần; đổi tên một cột', 'the heading stands twice; rename one');
}

interface DateOrder { order: 'dmy' | 'mdy'; certainty: ImportPreview['dateOrder']['certainty']; example: string | null; serial: boolean; notes: Said[] }
function dateOrder(kind: ImportKind, chosen: ReadonlyMap<string, Choice>, columns: readonly Column[], wanted: 'dmy' | 'mdy' | null): DateOrder {
  const times = ROLES[kind].filter((role) => role.shape === 'time').flatMap((role) => columns.filter((column) => column.index === chosen.get(role.name)?.column));
  const sum = (of: 'dmy' | 'mdy' | 'either' | 'serial' | 'shortYear') => times.reduce((total, column) => total + column.order[of], 0);
  const [dmy, mdy, either] = [sum('dmy'), sum('mdy'), sum('either')];
  const example = times.find((column) => column.order.example !== null)?.order.example ?? null;
  const notes: Said[] = sum('shortYear') > 0 ? [said('Có ngày viết năm hai chữ số: không đọc được, cần xuất lại với năm bốn chữ số.', 'Some dates have years of two digits: they are not read, export again with four.')] : [];
  const base = { serial: sum('serial') > 0, example, notes };
  if (wanted !== null) return { ...base, order: wanted, certainty: 'chosen' };
  if (dmy > 0 && mdy > 0) { notes.push(said(`Ngày mâu thuẫn: ${dmy} giá trị chỉ có thể là ngày/tháng, ${mdy} giá trị chỉ có thể là tháng/ngày. Kiểm tra tệp; hiện đọc theo ${dmy >= mdy ? 'ngày/tháng' : 'tháng/ngày'}.`, `The dates contradict each other: ${dmy} can only be day/month, ${mdy} only month/day. Check the file; they are read as ${dmy >= mdy ? 'day/month' : 'month/day'}.`)); return { ...base, order: dmy >= mdy ? 'dmy' : 'mdy', certainty: 'contradicted' }; }
  if (dmy > 0 || mdy > 0) return { ...base, order: dmy > 0 ? 'dmy' : 'mdy', certainty: 'proved' };
  if (either === 0) return { ...base, order: 'dmy', certainty: 'unneeded' };
  notes.push(said(`Ngày mơ hồ: mọi giá trị như «${example ?? ''}» đều có thể là ngày/tháng hoặc tháng/ngày. Tạm đọc là ngày/tháng: hãy xác nhận.`, `The dates are ambiguous: every value such as «${example ?? ''}» could be day/month or month/day. They are read as day/month for now: please confirm.`));
  return { ...base, order: 'dmy', certainty: 'assumed' };
}
