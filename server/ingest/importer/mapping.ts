/** A mapping file: which events a row of somebody's export becomes. Every key is explained in docs/import/README.md. */
import { z } from 'zod';
import { readYaml } from '#config/yamlFile.ts';
import { dossierEvent, feedbackEvent, indicatorEvent, queueEvent, surveyEvent } from '#contract/events.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { clockOf, instantOf } from './instant.ts';
import type { Cells } from './source.ts';
import { problem, type RowFault } from './texts.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 17:00');
const isZone = (name: string) => { try { new Intl.DateTimeFormat('en', { timeZone: name }); return true; } catch { return false; } };
export const mappingFile = z.strictObject({
  /** Of a CSV without a byte-order mark: utf-8, windows-1258, … */
  encoding: z.string().default('utf-8'),
  /** Of a workbook: the name of the sheet, or its number from 1. */
  sheet: z.union([z.string().min(1), z.int().min(1)]).default(1),
  /** The row that names the columns. */
  headerRow: z.int().min(1).max(100).default(1),
  /** The offset of times that name none … */
  offset: z.string().regex(/^[+-]\d{2}:\d{2}$/, 'an offset such as +07:00').default('+07:00'),
  /** … or their zone, where the offset changes with the season. */
  zone: z.string().refine(isZone, 'not a known time zone').optional(),
  /** How 05/01/2026 is read: as 5 January or as 1 May. */
  dateOrder: z.enum(['dmy', 'mdy']).default('dmy'),
  /** Whether a number in a column of times is the day of a workbook (days since 1899-12-30). */
  serialDates: z.boolean().default(false),
  /** The time of day of a deadline that is only a date. */
  dueTime: timeOfDay.default('17:00'),
  /** The decimal mark of rating and value; «,» for CSV and «.» for workbooks unless named. */
  decimal: z.enum([',', '.']).optional(),
  /** Column → text of the source → our word. */
  values: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  events: z.array(z.strictObject({ /** Only for rows where this column has a text. */ when: z.string().optional(), fields: z.record(z.string(), scalar) })).min(1),
});
export type Mapping = z.infer<typeof mappingFile>;

export const SCHEMAS = { dossiers: dossierEvent, queue: queueEvent, surveys: surveyEvent, feedback: feedbackEvent, indicators: indicatorEvent } as const satisfies Record<IngestKind, z.ZodType>;

export function readMapping(path: string): Mapping {
  const errors: string[] = [];
  const mapping = readYaml(path, path, mappingFile, (place, text) => { errors.push(`${place} ${text}`); }, nfc);
  if (mapping === null) throw problem('mapping', errors);
  return mapping;
}

function nfc(value: unknown): unknown {
  if (typeof value === 'string') return value.normalize('NFC');
  if (Array.isArray(value)) return value.map(nfc);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.normalize('NFC'), nfc(one)]));
}

const COLUMN = /\{([^{}]+)\}/g;
export const columnsIn = (template: unknown): string[] => [...String(template).matchAll(COLUMN)].map((match) => match[1] ?? '');

/** Every column that the mapping names. */
export function columnsOf(mapping: Mapping): string[] {
  const named = mapping.events.flatMap((event) => [...(event.when === undefined ? [] : [event.when]), ...Object.values(event.fields).flatMap(columnsIn)]);
  return [...new Set([...named, ...Object.keys(mapping.values)])];
}

const TIMES = new Set(['at', 'dueAt', 'newDueAt']);
const NUMBERS = new Set(['rating', 'value']);
const FLAGS = new Set(['fault', 'satisfied']);
const FLAG: ReadonlyMap<string, boolean> = new Map([...['true', '1', 'x', 'có', 'co', 'yes'].map((word) => [word, true] as const), ...['false', '0', 'không', 'khong', 'no', 'chưa', 'chua'].map((word) => [word, false] as const)]);

/** `4,5` and `1.234,5` with a comma, `4.5` and `1,234.5` with a point; null when it is no number. */
export function numberOf(text: string, decimal: ',' | '.'): number | null {
  const grouped = decimal === ',' ? /^[+-]?[1-9]\d{0,2}(\.\d{3})+(?=$|,)/ : /^[+-]?[1-9]\d{0,2}(,\d{3})+(?=$|\.)/;
  const plain = (grouped.test(text) ? text.replaceAll(decimal === ',' ? '.' : ',', '') : text).replace(',', '.');
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

/** Why a row cannot become events. */
export interface RowRefusal { column: string; eventId: string; code: RowFault; detail: string }
export interface RowEvent { fields: Record<string, unknown>; template: Readonly<Record<string, unknown>> }
export interface ReadRow { events: RowEvent[]; refusals: RowRefusal[] }

/** The events of one row, whole or not at all. A field whose columns are all empty is left out. */
export function rowReader(mapping: Mapping, kind: IngestKind, decimalOfFile: ',' | '.'): (cells: Cells) => ReadRow {
  const clock = clockOf(mapping);
  const decimal = mapping.decimal ?? decimalOfFile;
  const words = new Map(Object.entries(mapping.values).map(([column, texts]) => [column, new Map(Object.entries(texts))]));
  const required = Object.entries(SCHEMAS[kind].shape).filter(([, field]) => !(field as z.ZodType).safeParse(undefined).success).map(([name]) => name);
  return (cells) => {
    const refusals: RowRefusal[] = [];
    const events = mapping.events.filter((event) => event.when === undefined || (cells[event.when] ?? '').trim() !== '').map((event) => {
      const made: Record<string, unknown> = {};
      const facts: Record<string, unknown> = {};
      const unread = new Set<string>();
      const refuse = (field: string, code: RowFault, detail: string) => { unread.add(field); refusals.push({ column: columnsIn(event.fields[field] ?? '').join(', '), eventId: String(made.eventId ?? ''), code, detail }); };
      for (const [field, template] of Object.entries(event.fields)) {
        const columns = columnsIn(template);
        const empty = columns.filter((column) => (cells[column] ?? '').trim() === '');
        // Half an id would be the id of several rows.
        if (columns.length > 0 && (empty.length === columns.length || (field === 'eventId' && empty.length > 0))) continue;
        const text = String(template).replace(COLUMN, (_, column: string) => { const cell = (cells[column] ?? '').trim(); return words.get(column)?.get(cell) ?? cell; });
        if (field.startsWith('facts.') || FLAGS.has(field)) {
          // A word that is neither yes nor no would become somebody's dissatisfaction.
          const flag = FLAG.get(text.toLowerCase());
          if (flag === undefined) refuse(field, 'bad_flag', `«${text}»`);
          else if (FLAGS.has(field)) made[field] = flag;
          else facts[field.slice(6)] = flag;
        }
        else if (field === 'reasons') made.reasons = text.split(/[;|]/).map((one) => one.trim()).filter((one) => one !== '');
        else if (NUMBERS.has(field)) { const value = numberOf(text, decimal); if (value === null) refuse(field, 'bad_number', `«${text}»`); else made[field] = value; }
        else if (TIMES.has(field)) { const at = instantOf(text, clock, field === 'at' ? '00:00' : mapping.dueTime); if (at === null) refuse(field, 'bad_date', `«${text}»`); else made[field] = at; }
        else made[field] = text;
      }
      if (Object.keys(facts).length > 0) made.facts = facts;
      for (const field of required) if (made[field] === undefined && !unread.has(field)) refuse(field, 'missing_cell', field);
      return { fields: made, template: event.fields };
    });
    return refusals.length > 0 ? { events: [], refusals } : { events, refusals };
  };
}
