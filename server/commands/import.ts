/**
 * `npm run import -- <kind> <file.csv> --mapping <mapping.yaml> --key <ingest key> [--dry-run] [--url …]`: a client of the
 * public ingest. Ids come from the mapping, so that a second run, or one after a kill, changes nothing that is there.
 */
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { INGEST_KINDS } from '#contract/vocabulary.ts';
import type { IngestAnswer } from '#contract/events.ts';
import { openCsv } from '../ingest/importer/csv.ts';
import { columnsOf, eventsOfRow, readMapping } from '../ingest/importer/mapping.ts';

const BATCH = 1_000;
const say = (text: string) => { process.stderr.write(`${text}\n`); };

async function main(): Promise<number> {
  const { values, positionals: [kind, file] } = parseArgs({ allowPositionals: true, options: { mapping: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080' }, key: { type: 'string' }, 'dry-run': { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.help || !kind || !file || !values.mapping || !(INGEST_KINDS as readonly string[]).includes(kind)) {
    say('npm run import -- <dossiers|surveys|queue|feedback> <file.csv> --mapping <mapping.yaml> --key <ingest key, or INGEST_KEY> [--dry-run] [--url http://127.0.0.1:8080]\nXLSX is not read yet: save it as CSV (UTF-8).');
    return values.help ? 0 : 1;
  }
  if (/\.xlsx?$/i.test(file)) throw new Error('XLSX is not read yet: save the sheet as CSV (UTF-8) and import that');
  const mapping = readMapping(values.mapping);
  const source = await openCsv(file, mapping.encoding);
  const missing = columnsOf(mapping).filter((column) => !source.columns.includes(column));
  if (missing.length > 0) throw new Error(`the mapping names columns that the file does not have: ${missing.join(', ')}\nThe file has: ${source.columns.join(', ')}`);
  const key = values.key ?? process.env.INGEST_KEY;
  if (!key && !values['dry-run']) throw new Error('an ingest key is needed: --key, or INGEST_KEY (create one with «npm run admin -- create-key»)');

  const total = { rows: 0, events: 0, accepted: 0, duplicates: 0, refused: 0 };
  const report = `${file}.refused.csv`;
  let refusals: ReturnType<typeof createWriteStream> | null = null;
  const seen = new Set<string>();
  let batch: { row: number; event: Record<string, unknown> }[] = [];
  const send = async () => {
    if (batch.length === 0) return;
    const answer = await post(`${values.url}/api/v1/ingest/${kind}`, key ?? '', batch.map((one) => one.event));
    total.accepted += answer.accepted;
    total.duplicates += answer.duplicates;
    total.refused += answer.rejected.length;
    for (const one of answer.rejected) {
      if (!refusals) { refusals = createWriteStream(report); refusals.write('row,eventId,code,message\n'); }
      refusals.write(`${batch[one.index]?.row ?? ''},"${(one.eventId ?? '').replaceAll('"', '""')}",${one.code},"${one.message.replaceAll('"', '""')}"\n`);
    }
    batch = [];
    say(`  ${total.rows} rows, ${total.accepted} accepted, ${total.duplicates} duplicates, ${total.refused} refused`);
  };
  for await (const row of source.rows) {
    total.rows += 1;
    for (const event of eventsOfRow(row, mapping)) {
      const id = String(event.eventId);
      if (seen.has(id)) continue;
      seen.add(id);
      total.events += 1;
      if (values['dry-run']) { if (total.events <= 10) process.stdout.write(`${JSON.stringify(event)}\n`); continue; }
      batch.push({ row: total.rows + 1, event });
      if (batch.length >= BATCH) await send();
    }
  }
  await send();
  if (values['dry-run']) say(`${total.rows} rows would become ${total.events} events; nothing was sent`);
  else say(`${total.rows} rows, ${total.events} events: ${total.accepted} accepted, ${total.duplicates} duplicates, ${total.refused} refused${total.refused > 0 ? ` (see ${report})` : ''}`);
  return 0;
}

async function post(url: string, key: string, events: readonly unknown[]): Promise<IngestAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: JSON.stringify(events) }).catch(() => null);
    if (answer?.ok) return await answer.json() as IngestAnswer;
    if (answer && answer.status < 500 && answer.status !== 429) { const problem = await answer.json() as { code: string; next: string }; throw new Error(`${answer.status} ${problem.code}: ${problem.next}`); }
    if (attempt >= 20) throw new Error(`${url} does not answer`);
    await sleep(Math.min(15, Number(answer?.headers.get('retry-after') ?? attempt + 1)) * 1000);
  }
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => { say(error instanceof Error ? error.message : String(error)); process.exitCode = 1; });
