/**
 * `npm run import -- <kind> <file.csv|.xlsx> --mapping <mapping.yaml> --key <ingest key> [--dry-run] [--restart] [--url …]`: a
 * client of the public ingest. After a kill, the same command goes on where it was. With `--propose` instead of a mapping it
 * proposes one, from the file and the configuration alone.
 */
import progressBars from 'cli-progress';
import { parseArgs } from 'node:util';
import { INGEST_KINDS, type IngestKind } from '#contract/vocabulary.ts';
import { readMapping } from '../ingest/importer/mapping.ts';
import { isImportKind } from '../ingest/importer/propose/headings.ts';
import { poster } from '../ingest/importer/poster.ts';
import { importId } from '../ingest/importer/progressFile.ts';
import { runImport } from '../ingest/importer/runImport.ts';
import { openSource, type RowSource } from '../ingest/importer/source.ts';
import { ImportProblem, NOTES, problem, PROBLEMS, type Said, type Totals } from '../ingest/importer/texts.ts';
import { proposeMapping } from './proposeMapping.ts';

// ISO cells of a workbook name no zone: the mapping gives it, not this machine.
process.env.TZ = 'UTC';
const LINE_EVERY = 3_000;
const say = ({ vi, en }: Said) => { process.stderr.write(`${vi}\n${en}\n`); };

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { mapping: { type: 'string' }, url: { type: 'string', default: 'http://127.0.0.1:8080' }, key: { type: 'string' }, 'dry-run': { type: 'boolean', default: false }, restart: { type: 'boolean', default: false }, propose: { type: 'boolean', default: false }, out: { type: 'string' }, set: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', default: false } } });
  } catch (error) { throw problem('argument', error instanceof Error ? error.message : String(error)); }
}

async function main(): Promise<number> {
  const { values, positionals: [kind, file, ...more] } = readArguments();
  if (values.help) { say(PROBLEMS.usage()); return 0; }
  if (values.propose && (!kind || !file || more.length > 0 || values.mapping || !isImportKind(kind))) throw problem('usage');
  if (values.propose && kind && file && isImportKind(kind)) return await proposeMapping({ kind, file, out: values.out ?? null, set: values.set });
  if (!kind || !file || more.length > 0 || !values.mapping || !(INGEST_KINDS as readonly string[]).includes(kind)) throw problem('usage');
  if (!URL.canParse(values.url)) throw problem('argument', `--url ${values.url}`);
  const url = values.url.replace(/\/+$/, '');
  const dry = values['dry-run'];
  const key = values.key ?? process.env.INGEST_KEY ?? '';
  if (key === '' && !dry) throw problem('noKey');
  const mapping = readMapping(values.mapping);
  const source = await openSource(file, mapping);
  // A trial leaves the report of an import that stopped on its way as it is.
  const reportPath = `${file}.${dry ? 'dry-run' : 'refused'}.csv`;
  const display = progressDisplay(source, dry);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { display.end(null); say(NOTES.stopped()); process.exit(130); });
  try {
    const totals = await runImport({
      kind: kind as IngestKind, mapping, source, reportPath, restart: values.restart, progressPath: `${file}.import.json`,
      id: dry ? '' : await importId([file, values.mapping], [kind, url]),
      post: dry ? null : poster(`${url}/api/v1/ingest/${kind}`, url, key, say),
      note: say, progress: (now) => { display.update(now); }, show: (event) => { process.stdout.write(`${JSON.stringify(event)}\n`); },
    });
    display.end(totals);
    say(dry ? NOTES.dry(totals, reportPath) : NOTES.done(totals, reportPath));
    return 0;
  } finally { display.end(null); }
}

/** A bar on a terminal; on a pipe a line every few seconds. */
function progressDisplay(source: RowSource, dry: boolean): { update(totals: Totals): void; end(totals: Totals | null): void } {
  const percent = () => Math.min(100, Math.floor(100 * source.read() / Math.max(1, source.size)));
  let said = Date.now();
  if (!process.stderr.isTTY) return { update(totals) { if (!dry && Date.now() - said >= LINE_EVERY) { said = Date.now(); process.stderr.write(`${NOTES.line(totals, percent()).vi}\n`); } }, end() { /* The last line is the sum. */ } };
  const bar = new progressBars.SingleBar({ stream: process.stderr, hideCursor: true, etaBuffer: 30, gracefulExit: false, format: '{bar} {percentage} % · {rows} dòng · {accepted} nhận · {duplicates} trùng · {refused} từ chối · còn {eta_formatted}' }, progressBars.Presets.shades_classic);
  let open = false;
  return {
    update(totals) {
      if (!open) { bar.start(source.size, 0, { ...totals }); open = true; }
      bar.update(Math.min(source.read(), source.size), { ...totals });
    },
    end(totals) {
      if (!open) return;
      if (totals) bar.update(source.size, { ...totals });
      bar.stop();
      open = false;
    },
  };
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  if (error instanceof ImportProblem) say(error.said);
  else process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
