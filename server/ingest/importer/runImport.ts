/**
 * One import: rows become events, events go to the centre in batches of whole rows, and every batch that was acknowledged
 * is noted. Ids come from the mapping: what is sent a second time changes nothing.
 */
import { createHash } from 'node:crypto';
import type { IngestAnswer } from '#contract/events.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { refusalOf } from '../refusal.ts';
import { columnsIn, columnsOf, rowReader, SCHEMAS, type Mapping, type RowEvent } from './mapping.ts';
import { dropProgress, readProgress, writeProgress } from './progressFile.ts';
import { openReport, type RefusedLine } from './refusedReport.ts';
import type { Row, RowSource } from './source.ts';
import { NOTES, problem, type Said, type Totals } from './texts.ts';

const BATCH = 1_000;

export interface ImportJob {
  kind: IngestKind; mapping: Mapping; source: RowSource;
  /** Names the file, mapping, kind and centre. */
  id: string;
  progressPath: string; reportPath: string; restart: boolean;
  /** Null: a dry run. */
  post: ((events: readonly unknown[]) => Promise<IngestAnswer>) | null;
  note(text: Said): void;
  progress(totals: Totals): void;
  /** The first events of a dry run. */
  show(event: unknown): void;
}

export async function runImport(job: ImportJob): Promise<Totals> {
  const { kind, mapping, source, post } = job;
  checkColumns(mapping, source.columns);
  const found = post === null || job.restart ? null : readProgress(job.progressPath);
  const before = found?.of === job.id ? found : null;
  if (before) job.note(NOTES.resumed(before.row));
  else if (found) job.note(NOTES.otherProgress());
  const totals: Totals = before ? { ...before.totals } : { rows: 0, events: 0, accepted: 0, duplicates: 0, refused: 0 };
  const report = openReport(job.reportPath, before?.reportBytes ?? 0);
  const read = rowReader(mapping, kind, source.decimal);
  const ids = new Ids();
  let batch: { row: Row; event: RowEvent }[] = [];
  let unsent: RefusedLine[] = [];
  const send = async (row: number) => {
    const answer = post === null ? check(kind, batch.map((one) => one.event.fields)) : batch.length > 0 ? await post(batch.map((one) => one.event.fields)) : null;
    const refused = [...unsent, ...(answer?.rejected ?? []).map((one): RefusedLine => {
      const sent = batch[one.index];
      return { row: sent?.row.number ?? 0, column: columnOf(one.code, one.message, sent?.event), eventId: one.eventId ?? '', code: one.code, detail: one.message };
    })].sort((a, b) => a.row - b.row);
    totals.accepted += answer?.accepted ?? 0;
    totals.duplicates += answer?.duplicates ?? 0;
    totals.refused += refused.length;
    report.add(refused);
    batch = [];
    unsent = [];
    if (post !== null) writeProgress(job.progressPath, { of: job.id, row, reportBytes: report.length, totals });
    job.progress(totals);
  };
  let last = 0;
  let shown = 0;
  try {
    for await (const row of source.rows) {
      const known = before !== null && row.number <= before.row;
      const { events, refusals } = read(row.cells);
      last = row.number;
      const fresh = events.filter((event) => {
        const is = ids.meet(String(event.fields.eventId), event.fields);
        if (is === 'other' && !known) unsent.push({ row: row.number, column: columnsIn(event.template.eventId ?? '').join(', '), eventId: String(event.fields.eventId), code: 'same_id', detail: '' });
        return is === 'new';
      });
      if (known) continue;
      totals.rows += 1;
      totals.events += fresh.length;
      unsent.push(...refusals.map((one) => ({ row: row.number, ...one })));
      batch.push(...fresh.map((event) => ({ row, event })));
      if (post === null) for (const event of fresh) if (shown < 10) { shown += 1; job.show(event.fields); }
      if (batch.length >= BATCH || unsent.length >= BATCH) await send(row.number);
    }
    if (last === 0) throw problem('noRows');
    if (batch.length > 0 || unsent.length > 0) await send(last);
  } finally { report.close(); }
  if (post !== null) dropProgress(job.progressPath);
  return totals;
}

function checkColumns(mapping: Mapping, columns: readonly string[]): void {
  const wanted = columnsOf(mapping);
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw problem('missingColumns', missing, columns);
  const double = wanted.filter((column) => columns.indexOf(column) !== columns.lastIndexOf(column));
  if (double.length > 0) throw problem('doubleColumns', double);
}

/** What a dry run can say without the centre: the form of each event, not whether its unit exists. */
function check(kind: IngestKind, events: readonly unknown[]): IngestAnswer {
  const rejected = events.flatMap((event, index) => {
    const result = SCHEMAS[kind].safeParse(event);
    if (result.success) return [];
    const refusal = refusalOf(result.error, event);
    return [{ index, eventId: String((event as { eventId?: unknown }).eventId ?? ''), code: refusal.code, message: refusal.message }];
  });
  return { accepted: 0, duplicates: 0, rejected };
}

const FIELD_OF: Readonly<Record<string, string>> = { unknown_unit: 'unit', unit_out_of_scope: 'unit', unit_required: 'unit', procedure_required: 'procedure', new_due_required: 'newDueAt', time_in_future: 'at', time_out_of_range: 'at' };
/** The columns that the refused field was made of. */
function columnOf(code: string, message: string, event: RowEvent | undefined): string {
  const field = FIELD_OF[code] ?? (code === 'invalid_event' ? /^([\w.]+):/.exec(message)?.[1] : undefined) ?? /^field "([^"]+)"/.exec(message)?.[1] ?? '';
  return columnsIn(event?.template[field] ?? '').join(', ');
}

/** The ids of this file, each with a print of what it stood for. The same event on many rows is one event; another event is not. */
export class Ids {
  readonly #prints = new Map<string, string>();
  meet(id: string, event: unknown): 'new' | 'same' | 'other' {
    const print = createHash('sha1').update(JSON.stringify(event)).digest('base64').slice(0, 12);
    const before = this.#prints.get(id);
    if (before === undefined) { this.#prints.set(id, print); return 'new'; }
    return before === print ? 'same' : 'other';
  }
}
