/**
 * Reads a stranger's file for the centre, in a process of its own with bounds of its own: what goes wrong here, by accident
 * or by intent, ends this process and nothing else. A line of JSON and then the file come in, an answer in JSON goes out.
 */
import { z } from 'zod';
import { IMPORT_KINDS } from '#contract/imports.ts';
import { knownOf } from '../ingest/importer/propose/known.ts';
import { look } from '../ingest/importer/propose/look.ts';
import { propose } from '../ingest/importer/propose/propose.ts';
import { ImportProblem } from '../ingest/importer/texts.ts';

process.env.TZ = 'UTC';
const named = z.array(z.object({ code: z.string(), name: z.string(), parent: z.string().nullable().optional() }));
const order = z.object({
  kind: z.enum(IMPORT_KINDS), name: z.string(), cut: z.boolean(), zone: z.string(), now: z.number(), units: named, procedures: named,
  decided: z.object({ columns: z.record(z.string(), z.int().nullable()), fixed: z.record(z.string(), z.string()), dateOrder: z.enum(['dmy', 'mdy']).nullable() }),
});

const pieces: Buffer[] = [];
for await (const piece of process.stdin) pieces.push(piece as Buffer);
const all = Buffer.concat(pieces);
const end = all.indexOf(10);
const { kind, name, cut, zone, now, units, procedures, decided } = order.parse(JSON.parse(all.toString('utf8', 0, end)));
let answer: object;
try {
  const sheet = await look(kind, all.subarray(end + 1), { cut });
  answer = { preview: propose(kind, sheet, knownOf({ units, procedures }), { columns: new Map(Object.entries(decided.columns)), fixed: decided.fixed, dateOrder: decided.dateOrder, zone, fileName: name, now }).preview };
} catch (error) {
  if (!(error instanceof ImportProblem)) throw error;
  answer = { problem: error.said };
}
process.stdout.write(JSON.stringify(answer));
