/**
 * P6. The figures of the province over HTTP, from the counters — beside the same numbers reckoned from the events by one
 * statement. Both must agree; the time of ours holds the whole answer, also what is pending, queues and ratings.
 */
import pg from 'pg';
import type { KpiAnswer } from '#contract/figures.ts';
import type { BenchCentre } from './centre.ts';
import type { Closers } from './closers.ts';
import { dossierStream } from './dossiers.ts';
import { resultOf, type Result } from './measures.ts';

/** `times`: so many events that a year of them goes in (the simulated province alone has 200,000 a year). */
export interface FigureSizes { pairs: number; events: number; times: number }
export const FIGURE_SIZES: FigureSizes = { pairs: 9, events: 600_000, times: 4 };
const ZONE = 'Asia/Ho_Chi_Minh';

/** What a report over the raw events asks, without the clock's pauses: less than what ours gives. */
const RAW = `
  WITH d AS (
    SELECT dossier, min(at) FILTER (WHERE status = 'received') AS received, min(at) FILTER (WHERE status IN ('resolved', 'returned')) AS resolved,
      max((body->>'dueAt')::timestamptz) AS due, max(body->>'channel') AS channel
    FROM dossier_events GROUP BY dossier)
  SELECT count(*) FILTER (WHERE received >= $1 AND received < $2)::int AS received, count(*) FILTER (WHERE resolved >= $1 AND resolved < $2)::int AS resolved,
    count(*) FILTER (WHERE resolved >= $1 AND resolved < $2 AND resolved > due)::int AS late, count(*) FILTER (WHERE received >= $1 AND received < $2 AND channel LIKE 'online%')::int AS online
  FROM d`;

export async function figuresAgainstEvents(centre: BenchCentre, closers: Closers, say: (text: string) => void, sizes: FigureSizes = FIGURE_SIZES): Promise<Result[]> {
  const client = new pg.Client({ connectionString: centre.databaseUrl, application_name: 'bench' });
  await client.connect();
  closers.add(async () => { await client.end(); });
  say(`P6: ${sizes.events} events go in …`);
  const next = dossierStream(Date.now(), sizes.times);
  for (let sent = 0; sent < sizes.events; sent += 5_000) {
    const answer = await fetch(`${centre.url}/api/v1/ingest/dossiers`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${centre.key}` }, body: JSON.stringify(next(Math.min(5_000, sizes.events - sent))) });
    if (!answer.ok) throw new Error(`ingest: ${answer.status}`);
  }
  await client.query('VACUUM ANALYZE dossier_events');
  const last = (await client.query<{ last: Date }>('SELECT max(at) AS last FROM dossier_events')).rows[0]?.last ?? new Date();
  const to = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(last);
  const daysBefore = (days: number) => new Date(Date.parse(`${to}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

  const results: Result[] = [];
  for (const [name, from] of [['30 days', daysBefore(29)], ['12 months', daysBefore(364)]] as const) {
    const ours = async () => {
      const begun = performance.now();
      const answer = await fetch(`${centre.url}/api/v1/kpis?unit=75&from=${from}&to=${to}`, { headers: { cookie: centre.cookie } });
      const body = await answer.json() as KpiAnswer;
      return { ms: performance.now() - begun, body };
    };
    const raw = async () => {
      const begun = performance.now();
      const { rows } = await client.query<{ received: number; resolved: number }>(RAW, [`${from}T00:00:00+07:00`, new Date(Date.parse(`${to}T00:00:00+07:00`) + 86_400_000)]);
      return { ms: performance.now() - begun, row: rows[0] };
    };
    await ours();
    await raw();
    const figures: { ours: number; baseline: number }[] = [];
    for (let pair = 0; pair < sizes.pairs; pair += 1) {
      const [a, b] = [await ours(), await raw()];
      if (a.body.dossiers.received !== b.row?.received || a.body.dossiers.resolved !== b.row.resolved) throw new Error(`the figures differ: ${JSON.stringify(a.body.dossiers)} and ${JSON.stringify(b.row)}`);
      figures.push({ ours: a.ms, baseline: b.ms });
    }
    results.push(resultOf({ row: 'P6', measure: `figures of a province over ${name}`, baselineIs: 'one statement over the raw events', unit: 'ms', bound: 'most', pass: 0.1, aim: 0.02, notes: { events: sizes.events, from, to } }, figures));
    say(`P6 ${name}: ${results.at(-1)?.ours.toFixed(1)} ms, raw ${results.at(-1)?.baseline.toFixed(1)} ms`);
  }
  return results;
}
