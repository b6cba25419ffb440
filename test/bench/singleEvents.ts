/**
 * P5. One event a request, 64 requests in flight, each answered after its commit — beside 64 connections that insert one
 * row each into a table like `dossier_events` and commit. What a counter's own system sends, thousands of them at once.
 */
import { Agent, request } from 'node:http';
import pg from 'pg';
import type { DossierEventBody } from '#contract/events.ts';
import type { BenchCentre } from './centre.ts';
import type { Closers } from './closers.ts';
import { dossierStream } from './dossiers.ts';
import { resultOf, type Result } from './measures.ts';

export interface SingleSizes { pairs: number; events: number; inFlight: number }
export const SINGLE_SIZES: SingleSizes = { pairs: 7, events: 3_000, inFlight: 64 };

export async function singleEvents(centre: BenchCentre, closers: Closers, say: (text: string) => void, sizes: SingleSizes = SINGLE_SIZES): Promise<Result[]> {
  const pool = new pg.Pool({ connectionString: centre.databaseUrl, max: sizes.inFlight, application_name: 'bench' });
  closers.add(async () => { await pool.end(); });
  const agent = new Agent({ keepAlive: true, maxSockets: sizes.inFlight });
  closers.add(() => { agent.destroy(); });
  await pool.query('CREATE TABLE bench_single (LIKE dossier_events INCLUDING ALL)');
  const stream = dossierStream(Date.now());
  // Ids of their own: another row may have sent the same stream to this centre.
  const next = (count: number) => stream(count).map((event) => ({ ...event, eventId: `single-${event.eventId}`, dossier: `single-${event.dossier}` }));
  const measure = async (events: DossierEventBody[]) => ({
    ours: await rate(events, sizes.inFlight, async (event) => { await post(centre, agent, event); }),
    baseline: await rate(events, sizes.inFlight, async (event) => {
      await pool.query('INSERT INTO bench_single (at, event_id, dossier, status, body, source, simulated) VALUES ($1, $2, $3, $4, $5, $6, false)', [event.at, event.eventId, event.dossier, event.status, JSON.stringify(event), centre.keyId]);
    }),
  });
  await measure(next(sizes.events));
  const figures: { ours: number; baseline: number }[] = [];
  for (let pair = 0; pair < sizes.pairs; pair += 1) {
    const figure = await measure(next(sizes.events));
    figures.push(figure);
    say(`P5 pair ${pair + 1}/${sizes.pairs}: ${Math.round(figure.ours)} events/s, INSERT ${Math.round(figure.baseline)} rows/s`);
  }
  const { rows } = await pool.query<{ ours: number; baseline: number }>('SELECT (SELECT count(*)::int FROM dossier_events) AS ours, (SELECT count(*)::int FROM bench_single) AS baseline');
  const counted = rows[0] ?? { ours: 0, baseline: 0 };
  await pool.query('DROP TABLE bench_single');
  const sent = (sizes.pairs + 1) * sizes.events;
  if (counted.ours < sent || counted.baseline !== sent) throw new Error(`${sent} were sent; ${counted.ours} and ${counted.baseline} are there`);
  return [resultOf({
    row: 'P5', measure: `single events, ${sizes.inFlight} in flight`, baselineIs: `one-row INSERT with its commit on ${sizes.inFlight} connections, into a table like dossier_events`, unit: 'events/s',
    bound: 'least', pass: 0.5, aim: 1, notes: { eventsPerPair: sizes.events, inFlight: sizes.inFlight, eventsChecked: counted.ours },
  }, figures)];
}

/** Units of work a second, so many at a time. */
async function rate<T>(items: readonly T[], inFlight: number, work: (item: T) => Promise<void>): Promise<number> {
  let next = 0;
  const from = performance.now();
  await Promise.all(Array.from({ length: inFlight }, async () => { for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item); }));
  return items.length / ((performance.now() - from) / 1000);
}

/** Node's own client: lighter than fetch, so that less of what is measured is the sender. */
async function post(centre: BenchCentre, agent: Agent, event: DossierEventBody): Promise<void> {
  const body = Buffer.from(JSON.stringify([event]));
  await new Promise<void>((resolve, reject) => {
    const asked = request(`${centre.url}/api/v1/ingest/dossiers`, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length, authorization: `Bearer ${centre.key}` } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('end', () => {
        if (answer.statusCode === 200 && (JSON.parse(text) as { accepted: number }).accepted === 1) resolve();
        else reject(new Error(`ingest: ${answer.statusCode} ${text}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
