/**
 * P4. Events a second through the whole door — HTTP, key, validation, duplicates, fold, counters, commit — beside COPY of
 * the very same rows into a table that is `dossier_events` over again, with its key and its index. Afterwards the rows and the counters
 * are checked: a fast wrong number is worth nothing.
 */
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import type { DossierEventBody, IngestAnswer } from '#contract/events.ts';
import { rulesOf } from '#server/centre.ts';
import { copyText } from '#server/database/copyText.ts';
import { openPool } from '#server/database/pool.ts';
import { recount } from '#server/figures/recount.ts';
import type { BenchCentre } from './centre.ts';
import type { Closers } from './closers.ts';
import { copyIn } from './copyIn.ts';
import { dossierStream } from './dossiers.ts';
import { resultOf, type Result } from './measures.ts';

/** `inFlight`: requests at a time, as several sources at once would send. */
export interface IngestSizes { pairs: number; batches: number; batchSize: number; inFlight: number }
export const INGEST_SIZES: IngestSizes = { pairs: 7, batches: 20, batchSize: 1_000, inFlight: 4 };

const COLUMNS = 'at, event_id, dossier, status, body, source, simulated';

export async function ingestAgainstCopy(centre: BenchCentre, closers: Closers, say: (text: string) => void, sizes: IngestSizes = INGEST_SIZES): Promise<Result[]> {
  const client = new pg.Client({ connectionString: centre.databaseUrl, application_name: 'bench' });
  await client.connect();
  closers.add(async () => { await client.end(); });
  await client.query(`CREATE TABLE bench_events (LIKE dossier_events INCLUDING ALL)`);

  const next = dossierStream(Date.now());
  const take = (batches: number) => Array.from({ length: batches }, () => next(sizes.batchSize));
  const measure = async (batches: DossierEventBody[][]) => {
    const ours = await throughIngest(centre, batches, sizes.inFlight);
    // What the ingest set off in the background is over before the other side begins.
    await sleep(600);
    const baseline = await throughCopy(client, batches, centre.keyId);
    return { ours, baseline };
  };

  // Unmeasured: code gets compiled, and later batches find their dossiers there.
  await measure(take(sizes.batches));
  const figures: { ours: number; baseline: number }[] = [];
  for (let pair = 0; pair < sizes.pairs; pair += 1) {
    const figure = await measure(take(sizes.batches));
    figures.push(figure);
    say(`P4 pair ${pair + 1}/${sizes.pairs}: ${Math.round(figure.ours)} events/s, COPY ${Math.round(figure.baseline)} rows/s`);
  }
  const checked = await check(client, centre);
  await client.query('DROP TABLE bench_events');
  return [resultOf({
    row: 'P4', measure: `ingest over HTTP, batches of ${sizes.batchSize}`, baselineIs: 'one COPY of the same rows into a table like dossier_events, keys and index included', unit: 'events/s',
    bound: 'least', pass: 0.15, aim: 0.35, notes: { eventsPerPair: sizes.batches * sizes.batchSize, inFlight: sizes.inFlight, ...checked },
  }, figures)];
}

async function throughIngest(centre: BenchCentre, batches: readonly DossierEventBody[][], inFlight: number): Promise<number> {
  const bodies = batches.map((batch) => JSON.stringify(batch));
  const events = batches.reduce((sum, batch) => sum + batch.length, 0);
  let accepted = 0;
  let next = 0;
  const from = performance.now();
  await Promise.all(Array.from({ length: inFlight }, async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const answer = await fetch(`${centre.url}/api/v1/ingest/dossiers`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${centre.key}` }, body });
      if (!answer.ok) throw new Error(`ingest: ${answer.status} ${await answer.text()}`);
      accepted += (await answer.json() as IngestAnswer).accepted;
    }
  }));
  const seconds = (performance.now() - from) / 1000;
  if (accepted !== events) throw new Error(`${events} events were sent, ${accepted} accepted`);
  return events / seconds;
}

async function throughCopy(client: pg.Client, batches: readonly DossierEventBody[][], source: string): Promise<number> {
  const events = batches.flat();
  const pieces = [...copyText(events.map((event) => [new Date(event.at).toISOString(), event.eventId, event.dossier, event.status, JSON.stringify(event), source, 'f']))];
  const from = performance.now();
  const rows = await copyIn(client, `COPY bench_events (${COLUMNS}) FROM STDIN`, pieces);
  const seconds = (performance.now() - from) / 1000;
  if (rows !== events.length) throw new Error(`${events.length} rows were copied, ${rows} written`);
  return rows / seconds;
}

/** Both tables hold the same rows, and the counters equal a recount from the events. */
async function check(client: pg.Client, centre: BenchCentre): Promise<Record<string, number>> {
  const found = await client.query<{ ours: number; baseline: number; apart: number }>(
    `SELECT (SELECT count(*) FROM dossier_events) AS ours, (SELECT count(*) FROM bench_events) AS baseline,
       (SELECT count(*) FROM (SELECT ${COLUMNS} FROM bench_events EXCEPT SELECT ${COLUMNS} FROM dossier_events WHERE source = $1) AS e) AS apart`, [centre.keyId]);
  const { ours = 0, baseline = 0, apart = 0 } = found.rows[0] ?? {};
  if (apart !== 0 || ours < baseline || baseline === 0) throw new Error(`the tables differ: ${ours} and ${baseline} rows, ${apart} apart`);
  const database = openPool(centre.databaseUrl, () => undefined, { size: 1, patience: 600_000 });
  try {
    const { rows, mismatches } = await recount(database, rulesOf(loadConfig({ dir: fromRoot('config'), environment: {} })), false);
    if (mismatches.length > 0) throw new Error(`${mismatches.length} counters differ from the recount, first ${JSON.stringify(mismatches[0])}`);
    return { eventsChecked: ours, counterRowsChecked: rows, counterDifferences: 0 };
  } finally {
    await database.end();
  }
}
