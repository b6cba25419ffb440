/** The first rows as they would be read: events as the API would get them, refused rows with their reason. Asks nobody: units and procedures are those of the configuration. */
import type { ImportPreview } from '#contract/imports.ts';
import { refusalOf } from '../../refusal.ts';
import { Ids } from '../runImport.ts';
import { columnsIn, rowReader, SCHEMAS, type Mapping, type RowEvent } from '../mapping.ts';
import type { ImportKind } from './headings.ts';
import type { Known } from './evidence.ts';
import type { Sheet } from './sheet.ts';
import { oneLine } from './text.ts';

type Refused = ImportPreview['rows'][number]['refusals'][number];
export interface Trial { rows: ImportPreview['rows']; totals: ImportPreview['totals'] }

export function tryRows(kind: ImportKind, mapping: Mapping, sheet: Sheet, known: Known, now: number, { show, most }: { show: number; most: number }): Trial {
  const read = rowReader(mapping, kind, sheet.format === 'csv' ? ',' : '.');
  const ids = new Ids();
  const totals: Trial['totals'] = { rows: 0, events: 0, refused: 0, byCode: {} };
  const rows: Trial['rows'] = [];
  for (const row of sheet.rows.slice(0, most)) {
    const { events, refusals } = read(Object.fromEntries(sheet.titles.map((title, i) => [title, row.cells[i] ?? ''])));
    const refused: Refused[] = refusals.map(({ column, code, detail }) => ({ column, code, detail }));
    const good = events.filter((event) => {
      // What stands on every row of a dossier is sent once.
      const is = ids.meet(String(event.fields.eventId), event.fields);
      const why = is === 'other' ? { column: columnsIn(event.template.eventId ?? '').join(', '), code: 'same_id', detail: String(event.fields.eventId).slice(0, 120) } : is === 'new' ? judge(kind, event, known, now) : null;
      if (why) refused.push(why);
      return is === 'new' && why === null;
    });
    totals.rows += 1;
    totals.events += good.length;
    if (refused.length > 0) totals.refused += 1;
    for (const { code } of refused) totals.byCode[code] = (totals.byCode[code] ?? 0) + 1;
    if (rows.length < show) rows.push({ number: row.number, events: good.map((event) => event.fields), refusals: refused });
  }
  return { rows, totals };
}

function judge(kind: ImportKind, { fields, template }: RowEvent, known: Known, now: number): Refused | null {
  const of = (field: string, code: string, detail: string): Refused => ({ column: columnsIn(template[field] ?? '').join(', '), code, detail: oneLine(detail, 200) });
  for (const field of ['unit', 'receivingUnit']) { const unit = fields[field]; if (typeof unit === 'string' && !known.units.has(unit)) return of(field, 'unknown_unit', `«${unit}»`); }
  const result = SCHEMAS[kind].safeParse(fields);
  if (!result.success) {
    const refusal = refusalOf(result.error, fields);
    const field = /^(\w+)/.exec(refusal.message)?.[1] ?? '';
    // The text itself says more to a person than the rule that it breaks.
    return of(field, refusal.code, typeof fields[field] === 'string' ? `«${fields[field]}»` : refusal.message);
  }
  const at = Date.parse(String(fields.at));
  if (at > now + 300_000) return of('at', 'time_in_future', String(fields.at));
  if (at < Date.parse('1990-01-01T00:00:00Z')) return of('at', 'time_out_of_range', String(fields.at));
  if (kind === 'dossiers' && (fields.status === 'registered' || fields.status === 'received')) for (const field of ['unit', 'procedure'] as const) if (fields[field] === undefined) return of(field, `${field}_required`, '');
  return fields.status === 'apology_sent' && fields.newDueAt === undefined ? of('newDueAt', 'new_due_required', '') : null;
}
