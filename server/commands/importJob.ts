/**
 * One import of the centre, in a process of its own with bounds of its own: a client of the public ingest like any other.
 * A line of JSON comes in, lines of JSON go out. It ends with its centre: when the way in is closed.
 */
import { z } from 'zod';
import { IMPORT_KINDS } from '#contract/imports.ts';
import { readMapping } from '../ingest/importer/mapping.ts';
import { poster } from '../ingest/importer/poster.ts';
import { runImport } from '../ingest/importer/runImport.ts';
import { openSource } from '../ingest/importer/source.ts';
import { ImportProblem } from '../ingest/importer/texts.ts';

// ISO cells of a workbook name no zone: the mapping gives it, not this machine.
process.env.TZ = 'UTC';
const TELL_EVERY = 400;
const order = z.object({ id: z.string(), kind: z.enum(IMPORT_KINDS), file: z.string(), mapping: z.string(), progress: z.string(), report: z.string(), url: z.string(), /** Null: a trial. */ key: z.string().nullable() });
const tell = (line: object) => { process.stdout.write(`${JSON.stringify(line)}\n`); };

async function firstLine(): Promise<string> {
  let text = '';
  for await (const piece of process.stdin.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += piece as string;
    if (text.includes('\n')) break;
  }
  return text;
}

const { id, kind, file, mapping: mappingFile, progress, report, url, key } = order.parse(JSON.parse(await firstLine()));
process.stdin.on('end', () => { process.exit(3); }).on('error', () => { process.exit(3); }).resume();
try {
  const mapping = readMapping(mappingFile);
  const source = await openSource(file, mapping);
  let told = 0;
  const totals = await runImport({
    kind, mapping, source, id, restart: false, progressPath: progress, reportPath: report,
    post: key === null ? null : poster(`${url}/api/v1/ingest/${kind}`, url, key, () => undefined),
    note: () => undefined, show: () => undefined,
    progress(now) {
      if (Date.now() - told < TELL_EVERY) return;
      told = Date.now();
      tell({ totals: now, share: Math.min(1, source.read() / Math.max(1, source.size)) });
    },
  });
  tell({ done: totals });
  process.exit(0);
} catch (error) {
  if (!(error instanceof ImportProblem)) throw error;
  tell({ problem: error.said });
  process.exit(0);
}
