/** A mapping file: which events a row of somebody's export becomes. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
export const mappingFile = z.strictObject({
  /** Of the file, when it has no byte-order mark: utf-8, windows-1258, … */
  encoding: z.string().default('utf-8'),
  /** The offset of times that name none. */
  offset: z.string().regex(/^[+-]\d{2}:\d{2}$/).default('+07:00'),
  /** Column → text of the source → our word. */
  values: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  events: z.array(z.strictObject({ /** Only for rows where this column has a text. */ when: z.string().optional(), fields: z.record(z.string(), scalar) })).min(1),
});
export type Mapping = z.infer<typeof mappingFile>;

export function readMapping(path: string): Mapping {
  const result = mappingFile.safeParse(parse(readFileSync(path, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`${path}: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
}

const COLUMN = /\{([^{}]+)\}/g;
/** Every column that the mapping names. */
export function columnsOf(mapping: Mapping): string[] {
  const named = mapping.events.flatMap((event) => [...(event.when === undefined ? [] : [event.when]), ...Object.values(event.fields).flatMap((value) => [...String(value).matchAll(COLUMN)].map((match) => match[1] ?? ''))]);
  return [...new Set([...named, ...Object.keys(mapping.values)])];
}

/** ISO 8601 from ISO with a blank, or dd/mm/yyyy with or without a time. What is neither stays as it is, and is refused by the centre. */
export function instantOf(text: string, offset: string): string {
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (iso) return `${iso[1] ?? ''}T${iso[2] ?? '00:00'}${(iso[3] ?? ':00').slice(0, 7)}${iso[4] === undefined ? offset : iso[4] === 'Z' || iso[4].includes(':') ? iso[4] : `${iso[4].slice(0, 3)}:${iso[4].slice(3)}`}`;
  const local = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (!local) return text;
  const two = (part: string | undefined) => (part ?? '0').padStart(2, '0');
  return `${local[3] ?? ''}-${two(local[2])}-${two(local[1])}T${two(local[4])}:${two(local[5])}:${two(local[6])}${offset}`;
}

const TIMES = new Set(['at', 'dueAt', 'newDueAt']);
const NUMBERS = new Set(['rating', 'value']);
const YES = new Set(['true', '1', 'x', 'có', 'co', 'yes']);

/** The events of one row. A field whose columns are all empty is left out. */
export function eventsOfRow(row: Readonly<Record<string, string>>, mapping: Mapping): Record<string, unknown>[] {
  return mapping.events.filter((event) => event.when === undefined || (row[event.when] ?? '').trim() !== '').map((event) => {
    const made: Record<string, unknown> = {};
    const facts: Record<string, unknown> = {};
    for (const [field, template] of Object.entries(event.fields)) {
      let named = 0;
      let filled = 0;
      const text = String(template).replace(COLUMN, (_, column: string) => {
        named += 1;
        const cell = (row[column] ?? '').trim();
        if (cell !== '') filled += 1;
        return new Map(Object.entries(mapping.values[column] ?? {})).get(cell) ?? cell;
      });
      if (named > 0 && filled === 0) continue;
      if (field.startsWith('facts.')) facts[field.slice(6)] = YES.has(text.toLowerCase());
      else if (field === 'fault') made.fault = YES.has(text.toLowerCase());
      else if (NUMBERS.has(field)) made[field] = Number(text.replace(/\.(?=\d{3}\b)/g, '').replace(',', '.'));
      else made[field] = TIMES.has(field) ? instantOf(text, mapping.offset) : text;
    }
    if (Object.keys(facts).length > 0) made.facts = facts;
    return made;
  });
}
