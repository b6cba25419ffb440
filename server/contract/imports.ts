/** What the mapping assistant answers: how a file would be read, and what it would become. Nothing of it is stored. */
import { z } from 'zod';
import { IMPORT_KINDS } from './vocabulary.ts';

export { IMPORT_KINDS };
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** What a person has decided: field → column (null: none), field → a text for every row. */
const decided = z.strictObject({ columns: z.record(z.string().max(40), z.int().min(0).max(499).nullable()).default({}), fixed: z.record(z.string().max(40), z.string().max(120)).default({}), dateOrder: z.enum(['dmy', 'mdy']).nullable().default(null) });
export type Decided = z.infer<typeof decided>;
export const importPreviewQuery = z.object({
  kind: z.enum(IMPORT_KINDS),
  name: z.string().max(300).default(''),
  /** `yes`: the body is the beginning of a longer CSV. */
  cut: z.enum(['yes', 'no']).default('no'),
  /** JSON of what was decided: `{"columns": {"dossier": 0, "counter": null}, "fixed": {"unit": "26068"}, "dateOrder": "dmy"}`. */
  decided: z.string().max(6000).default('{}').transform((text, context): Decided => {
    try { return decided.parse(JSON.parse(text)); } catch { context.addIssue({ code: 'custom', message: 'not JSON of this form' }); return z.NEVER; }
  }),
});

const said = z.object({ vi: z.string(), en: z.string() });

/**
 * `receiving`: the file is on its way in pieces. `ready`: all of it is here. `waiting`: for its turn. `stopped`, `failed`: can be begun
 * again and goes on where it was. `done`: what could be read is in; the file is gone.
 */
export const IMPORT_STATES = ['receiving', 'ready', 'waiting', 'running', 'stopped', 'failed', 'done'] as const;
export const importCreate = z.strictObject({ kind: z.enum(IMPORT_KINDS), name: z.string().min(1).max(300), bytes: z.int().min(1), /** A mapping file, as `npm run import` takes it. */ mapping: z.string().min(1).max(100_000) });
const importTotals = z.object({ rows: z.int(), events: z.int(), accepted: z.int(), duplicates: z.int(), refused: z.int() });
export const importJob = z.object({
  id: z.string(), kind: z.enum(IMPORT_KINDS), unit: z.string(), name: z.string(), bytes: z.int(), received: z.int(), state: z.enum(IMPORT_STATES),
  /** Whether it only tries: nothing is sent, the rows are judged by their form. */
  trial: z.boolean(),
  /** Of the file, 0..1; null while it does not run. */
  progress: z.number().nullable(),
  totals: importTotals.nullable(), /** Of the last trial. */ tried: importTotals.nullable(),
  problem: said.nullable(), createdBy: z.string(), createdAt: z.string(), endedAt: z.string().nullable(),
}).meta({ id: 'ImportJob' });
export type ImportJob = z.infer<typeof importJob>;
export const importPreview = z.object({
  kind: z.enum(IMPORT_KINDS),
  /** `complete`: false when the file goes on after what was looked at. */
  file: z.object({ format: z.enum(['csv', 'xlsx']), encoding: z.string().nullable(), separator: z.string().nullable(), sheet: z.string().nullable(), headerRow: z.int(), rows: z.int(), complete: z.boolean() }),
  /** `proved`: a day above 12 stands in the values. `assumed`: every value could be both. `contradicted`: both orders stand there. `unneeded`: the values name their year first, or are dates of a workbook. */
  dateOrder: z.object({ order: z.enum(['dmy', 'mdy']), certainty: z.enum(['proved', 'assumed', 'contradicted', 'unneeded', 'chosen']), example: z.string().nullable() }),
  rowIs: z.enum(['event', 'dossier', 'both']).nullable(),
  /** `personal`: citizens' data, never mapped. `unusable`: no name, or the name of two columns. `example`: only of columns that are mapped; what is in the others is nobody's business here. */
  columns: z.array(z.object({ index: z.int(), title: z.string(), use: z.enum(['mapped', 'free', 'personal', 'unusable']), reason: said.nullable(), example: z.string().nullable(), filled: z.int() })),
  /** One a field that the kind knows. `confidence`: 0..1, null where nothing was found. `words`: what a fixed value may be, null for free text. */
  fields: z.array(z.object({ name: z.string(), column: z.int().nullable(), fixed: z.string().nullable(), confidence: z.number().nullable(), reason: said.nullable(), required: z.boolean(), canBeFixed: z.boolean(), words: z.array(z.string()).nullable() })),
  /** Texts of the source and our word for each; null: not known, its rows would be refused or its text go through as it is. */
  values: z.array(z.object({ field: z.string(), column: z.string(), text: z.string(), word: z.string().nullable(), assumed: z.boolean(), rows: z.int(), candidates: z.array(z.string()) })),
  missing: z.array(z.string()),
  notes: z.array(said),
  /** Null while nothing can become an event. */
  yaml: z.string().nullable(),
  rows: z.array(z.object({ number: z.int(), events: z.array(z.record(z.string(), z.unknown())), refusals: z.array(z.object({ column: z.string(), code: z.string(), detail: z.string() })) })),
  /** Of the rows that were looked at. */
  totals: z.object({ rows: z.int(), events: z.int(), refused: z.int(), byCode: z.record(z.string(), z.int()) }),
}).meta({ id: 'ImportPreview' });
export type ImportPreview = z.infer<typeof importPreview>;
