/**
 * `npm run bench -- GROWTH`: how the answers of the leaders' pages grow with the data, for the shipped province and for one of
 * 4,000 units. A year of dossiers, three events each, is made in the database by SQL — ingest is measured by P4 — with the
 * counters that the ingest would have kept; the figures are compared with the events before anything is measured.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { io } from 'socket.io-client';
import type { KpiAnswer } from '#contract/figures.ts';
import { fromRoot } from '#config/paths.ts';
import { startBenchCentre } from './centre.ts';
import { openClosers } from './closers.ts';
import { median } from './measures.ts';

const DAYS = 365;
const RUNS = 7;
const PAGE = 200_000;
const END = '2026-11-01';
const FROM = '2025-11-01';
const QUESTIONS: readonly (readonly [string, string])[] = [
  ['figures, 30 days', '/kpis?unit=75&from=2026-10-02&to=2026-10-31'], ['figures, 12 months', `/kpis?unit=75&from=${FROM}&to=2026-10-31`], ['figures by unit, 12 months', `/kpis?unit=75&from=${FROM}&to=2026-10-31&by=unit`],
  ['dossiers behind «late», a month', '/kpis/resolvedLate/explain?unit=75&from=2026-10-01&to=2026-10-31'],
  ['all indicators, a month', '/indicators/values?unit=75&from=2026-10-01&to=2026-10-31'], ['scores of every unit, a month', '/scores?unit=75&period=2026-10&by=unit'], ['figures of a commune, 12 months', `/kpis?unit=26068&from=${FROM}&to=2026-10-31`],
  ['figures by day, a month', '/kpis?unit=75&from=2026-10-01&to=2026-10-31&by=day'], ['figures by day, 12 months', `/kpis?unit=75&from=${FROM}&to=2026-10-31&by=day`],
];

/** 3,818 communes more than the shipped tree has, spread over its districts. */
function manyUnits(folder: string): string {
  const shipped = readFileSync(fromRoot('config', 'units', 'dong-nai.csv'), 'utf8').trimEnd();
  const districts = ['731', '732', '734', '735', '736', '737', '738', '739', '740', '741', '742'];
  const more = Array.from({ length: 4_000 - 182 }, (_, i) => `9${String(i).padStart(4, '0')},Xã thử ${i},commune,people_committee,${districts[i % districts.length] ?? '731'},,`);
  mkdirSync(join(folder, 'units'), { recursive: true });
  writeFileSync(join(folder, 'units', 'dong-nai.csv'), `${shipped}\n${more.join('\n')}\n`);
  return folder;
}

/** Dossiers `first` to `last` of a pass over the year that goes from `begin` on and has `length` dossiers, evenly over the units. */
async function fill(client: pg.Client, first: number, last: number, begin: number, length: number): Promise<void> {
  await client.query('SET synchronous_commit = off');
  await client.query(
    `INSERT INTO dossiers (code, unit, procedure, channel, status, received_at, resolved_at, closed_at, due_at, facts, last_at, simulated)
     SELECT 'G' || i, u.code, p.code, (ARRAY['online_full', 'in_person', 'online_partial', 'in_person'])[1 + i % 4], CASE WHEN i % 67 = 0 THEN 'processing' ELSE 'returned' END, r, CASE WHEN i % 67 <> 0 THEN least(e, timestamptz '${END} 00:00+07') END,
       CASE WHEN i % 67 <> 0 THEN least(e, timestamptz '${END} 00:00+07') END, r + interval '5 days', jsonb_build_object('digitized', i % 3 = 0, 'feeRequired', i % 2 = 0, 'paidOnline', i % 4 = 0, 'electronicResult', i % 5 < 2), r, false
     FROM (SELECT i, timestamptz '${FROM} 07:30+07' + ((i - $3::int)::float8 / $4::int) * interval '${DAYS - 1} days' AS r, timestamptz '${FROM} 07:30+07' + ((i - $3::int)::float8 / $4::int) * interval '${DAYS - 1} days' + (i % 7) * interval '20 hours' AS e FROM generate_series($1::int, $2::int) i) s
     JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS n, count(*) OVER () AS all FROM units) u ON u.n = i % u.all JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS n, count(*) OVER () AS all FROM procedures) p ON p.n = (i / 7) % p.all`, [first, last, begin, length]);
  await client.query(
    `INSERT INTO dossier_events (at, event_id, dossier, status, body, source, simulated)
     SELECT CASE k WHEN 0 THEN received_at WHEN 1 THEN received_at + interval '1 hour' ELSE coalesce(resolved_at, received_at + interval '2 hours') END, code || k, code, s, jsonb_build_object('eventId', code || k, 'dossier', code, 'status', s, 'unit', unit, 'procedure', procedure, 'channel', channel, 'dueAt', due_at), 'bench', false
     FROM dossiers, LATERAL (SELECT k, CASE WHEN k = 0 THEN 'received' WHEN k = 2 AND resolved_at IS NOT NULL THEN 'resolved' ELSE 'processing' END AS s FROM generate_series(0, 2) k) e WHERE code IN (SELECT 'G' || i FROM generate_series($1::int, $2::int) i)`, [first, last]);
}

async function count(client: pg.Client): Promise<void> {
  await client.query('TRUNCATE counter_days');
  const early = "(resolved_at <= due_at AND (resolved_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < (due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)";
  await client.query(
    `INSERT INTO counter_days (unit, day, dimension, key, simulated, received, entered, channel_known, received_online, digitized_known, digitized, fee_required, paid_online, resolved, "left", resolved_early, resolved_on_time, resolved_late, electronic_result_known, electronic_result)
     SELECT unit, CASE WHEN dimension = 3 THEN date_trunc('month', day)::date ELSE day END, dimension, CASE dimension WHEN 1 THEN procedure WHEN 2 THEN channel ELSE '' END, false, sum(got), sum(got), sum(got), sum(online), sum(got), sum(digitized), sum(fee), sum(paid), sum(done), sum(done), sum(early), sum(done) - sum(early) - sum(late), sum(late), sum(done), sum(electronic)
     FROM (SELECT unit, procedure, channel, (received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, 1 AS got, (channel LIKE 'online%')::int AS online, (facts->'digitized' = 'true')::int AS digitized, (facts->'feeRequired' = 'true')::int AS fee, (facts @> '{"feeRequired": true, "paidOnline": true}')::int AS paid, 0 AS done, 0 AS early, 0 AS late, 0 AS electronic FROM dossiers
       UNION ALL SELECT unit, procedure, channel, (resolved_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, 0, 0, 0, 0, 0, 1, ${early}::int, (resolved_at > due_at)::int, (facts->'electronicResult' = 'true')::int FROM dossiers WHERE resolved_at IS NOT NULL) s
     CROSS JOIN generate_series(0, 3) AS dimension GROUP BY 1, 2, 3, 4`);
  await client.query('VACUUM ANALYZE counter_days, dossiers, dossier_events');
}

/** From «watch» to the whole picture of the province, on a connection that stands. */
async function snapshot(url: string, cookie: string): Promise<number> {
  const socket = io(url, { path: '/live', transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie } });
  try {
    await new Promise<void>((resolve, reject) => { socket.once('connect', () => { resolve(); }); socket.once('connect_error', reject); });
    const begun = performance.now();
    const came = new Promise<void>((resolve) => { socket.once('snapshot', () => { resolve(); }); });
    await socket.timeout(30_000).emitWithAck('watch', { units: ['75'], topics: ['kpis', 'queue', 'alerts', 'cameras'] });
    await came;
    return performance.now() - begun;
  } finally { socket.close(); }
}

/** `ms` null: refused, because it would have taken longer than a statement may. */
export interface Grown { units: number; events: number; question: string; ms: number | null }

/** One province, grown step by step; `say` tells what it is at. */
export async function growth(steps: readonly number[], units: number, say: (text: string) => void): Promise<Grown[]> {
  const closers = openClosers();
  const results: Grown[] = [];
  try {
    const folder = mkdtempSync(join(tmpdir(), 'toan-canh-growth-'));
    closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
    const centre = await startBenchCentre(closers, false, units > 182 ? { CONFIG_DIR: manyUnits(folder) } : {});
    const client = new pg.Client({ connectionString: centre.databaseUrl, application_name: 'bench' });
    await client.connect();
    closers.add(async () => { await client.end(); });
    let made = 0;
    for (const events of steps) {
      const wanted = Math.round(events / 3);
      say(`${units} units: growing to ${events} events …`);
      // Each step goes over the whole year again.
      for (let at = made; at < wanted; at += PAGE) await fill(client, at, Math.min(at + PAGE, wanted) - 1, made, wanted - made);
      made = wanted;
      await count(client);
      const kpis = await (await fetch(`${centre.url}/api/v1/kpis?unit=75&from=${FROM}&to=2026-10-31`, { headers: { cookie: centre.cookie } })).json() as KpiAnswer;
      const raw = (await client.query<{ received: number; resolved: number }>("SELECT count(*) FILTER (WHERE status = 'received')::int AS received, count(*) FILTER (WHERE status = 'resolved')::int AS resolved FROM dossier_events WHERE at < $1", [new Date(Date.parse(`${END}T00:00:00+07:00`))])).rows[0];
      if (kpis.dossiers.received !== raw?.received) throw new Error(`the figures differ: ${JSON.stringify(kpis.dossiers)} and ${JSON.stringify(raw)}`);
      const ask = async (path: string) => {
        const begun = performance.now();
        const answer = await fetch(`${centre.url}/api/v1${path}`, { headers: { cookie: centre.cookie } });
        await answer.arrayBuffer();
        return answer.ok ? performance.now() - begun : null;
      };
      for (const [question, measure] of [...QUESTIONS.map(([name, path]) => [name, () => ask(path)] as const), ['snapshot of the province', () => snapshot(centre.url, centre.cookie)] as const]) {
        const times: number[] = [];
        for (let run = 0; run <= RUNS; run += 1) {
          const time = await measure();
          if (time === null) { times.length = 0; break; }
          if (run > 0) times.push(time);
        }
        const ms = times.length === 0 ? null : median(times);
        results.push({ units, events, question, ms });
        say(`  ${question}: ${ms === null ? 'refused' : `${ms.toFixed(1)} ms`}`);
      }
    }
  } finally {
    await closers.closeAll();
  }
  return results;
}
