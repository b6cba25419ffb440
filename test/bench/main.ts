/** `npm run bench [-- P1 … P9]`: every row beside its baseline in the same run; a table, and bench.json. P1, P2, P3, P8, P9, `-- GROWTH`, `-- GROWTH-MEDIA` and `-- LONG` (up to half an hour each), `-- WALL` (ten minutes) are asked for by name. */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { startBenchCentre, type BenchCentre } from './centre.ts';
import { clipAgainstCopy } from './clipAgainstCopy.ts';
import { openClosers, type Closers } from './closers.ts';
import { figuresAgainstEvents } from './figuresAgainstEvents.ts';
import { growth } from './growth.ts';
import { growthMedia } from './growthMedia.ts';
import { ingestAgainstCopy } from './ingestAgainstCopy.ts';
import { longRun } from './longRun.ts';
import { machine, table, type Result } from './measures.ts';
import { pushToScreens } from './pushToScreens.ts';
import { recordingAgainstCopy } from './recordingAgainstCopy.ts';
import { relayAgainstNginx, relayMemory } from './relayAgainstNginx.ts';
import { seekInCatalogue } from './seekInCatalogue.ts';
import { singleEvents } from './singleEvents.ts';
import { wallRun } from './wallRun.ts';

type Row = (centre: BenchCentre, closers: Closers, say: (text: string) => void) => Promise<Result[]>;
const ROWS = new Map<string, Row>([['P4', (...parts) => ingestAgainstCopy(...parts)], ['P5', (...parts) => singleEvents(...parts)], ['P6', (...parts) => figuresAgainstEvents(...parts)], ['P7', (...parts) => pushToScreens(...parts)], ['P9', (centre, _closers, say) => seekInCatalogue(centre, say)]]);
/** All others within five minutes; these take some of their own. */
const BY_NAME: ReadonlySet<string> = new Set(['P1', 'P2', 'P3', 'P8', 'P9']);
/** Rows that need no centre. */
const ALONE = new Map<string, (closers: Closers, say: (text: string) => void) => Promise<Result[]>>([['P1', relayAgainstNginx], ['P2', relayMemory], ['P3', recordingAgainstCopy], ['P8', clipAgainstCopy]]);

async function main(): Promise<number> {
  const wanted = process.argv.slice(2).map((name) => name.toUpperCase());
  if (wanted[0] === 'LONG') {
    const [minutes = 30, cameras = 40, viewers = 9] = wanted.slice(1).map(Number);
    process.stdout.write(`${JSON.stringify(await longRun(minutes, cameras, viewers, (text) => { process.stderr.write(`${text}\n`); }), null, 1)}\n`);
    return 0;
  }
  if (wanted[0] === 'WALL') return (await wallRun(Number(wanted[1] ?? 10), (text) => { process.stderr.write(`${text}\n`); })).pass ? 0 : 1;
  if (wanted[0] === 'GROWTH-MEDIA') {
    const grown = await growthMedia([5, 20, 50, 100], [10, 50, 200], (text) => { process.stderr.write(`${text}\n`); });
    writeFileSync('bench-growth-media.json', `${JSON.stringify({ machine: machine(), grown }, null, 2)}\n`);
    for (const one of grown) process.stdout.write(`${one.what}\t${one.count}\t${Object.entries(one.figures).map(([name, value]) => `${name} ${value.toFixed(2)}`).join('\t')}\n`);
    return 0;
  }
  if (wanted[0] === 'GROWTH') { await grow(wanted.slice(1).map(Number)); return 0; }
  const unknown = wanted.find((name) => !ROWS.has(name) && !ALONE.has(name));
  if (unknown !== undefined) throw new Error(`there is no row «${unknown}»; there are ${[...ALONE.keys(), ...ROWS.keys()].join(', ')}`);
  const say = (text: string) => { process.stderr.write(`${text}\n`); };
  const about = { startedAt: new Date().toISOString(), machine: machine() };
  const results: Result[] = [];
  let database = '';
  for (const [name, run] of [...ALONE, ...ROWS] as [string, Row | typeof recordingAgainstCopy][]) {
    if (wanted.length > 0 ? !wanted.includes(name) : BY_NAME.has(name)) continue;
    // A centre of its own for each row: none runs on what another has left.
    const closers = openClosers();
    const stop = () => { void closers.closeAll().finally(() => process.exit(1)); };
    // Not once: a terminal and npm may both send it, and a second one must not cut the tidying short.
    process.on('SIGINT', stop).on('SIGTERM', stop);
    try {
      const alone = ALONE.get(name);
      if (alone) { results.push(...await alone(closers, say)); continue; }
      say(`${name}: starting a centre …`);
      const centre = await startBenchCentre(closers, false);
      database = await versionOf(centre);
      results.push(...await (run as Row)(centre, closers, say));
    } finally {
      await closers.closeAll();
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
  }
  writeFileSync('bench.json', `${JSON.stringify({ ...about, endedAt: new Date().toISOString(), database, results }, null, 2)}\n`);
  process.stdout.write(`${table(results)}\n`);
  const missed = results.filter((one) => one.verdict === 'miss');
  process.stdout.write(missed.length === 0 ? 'all pass; figures of each pair in bench.json\n' : `${missed.length} missed: ${missed.map((one) => one.row).join(', ')}; figures of each pair in bench.json\n`);
  return missed.length === 0 ? 0 : 1;
}

/** Steps in events, 0.5, 2 and 20 million where none are given; the province of 4,000 units up to the second. */
async function grow(asked: readonly number[]): Promise<void> {
  const steps = asked.length > 0 ? asked : [500_000, 2_000_000, 20_000_000];
  const say = (text: string) => { process.stderr.write(`${text}\n`); };
  const grown = [...await growth(steps, 182, say), ...await growth(steps.slice(0, 2), 4_000, say)];
  writeFileSync('bench-growth.json', `${JSON.stringify({ machine: machine(), grown }, null, 2)}\n`);
  for (const one of grown) process.stdout.write(`${one.units}\t${one.events}\t${one.question}\t${one.ms === null ? 'refused' : `${one.ms.toFixed(1)} ms`}\n`);
}

async function versionOf(centre: BenchCentre): Promise<string> {
  const client = new pg.Client({ connectionString: centre.databaseUrl });
  await client.connect();
  try { return (await client.query<{ version: string }>('SELECT version()')).rows[0]?.version ?? ''; } finally { await client.end(); }
}

main().then((code) => process.exit(code), (error: unknown) => {
  process.stderr.write(`The benchmark did not finish: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
