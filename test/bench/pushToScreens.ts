/**
 * P7. From the moment a sender holds the 2xx of its event (so: committed) to each of 500 screens that watch the province.
 * Beside it a bare socket.io server that gets the same POST, waits the same coalescing window, and broadcasts the very
 * patch that the centre sent. The window stands in both and is taken off both: what is left is what the product adds
 * (reading the figures again, cutting them to the scope, numbering) and what the broadcast costs anyway.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromRoot } from '#config/paths.ts';
import { loadConfig } from '#config/load.ts';
import type { Patch } from '#contract/live.ts';
import { WINDOW } from '#server/rounds.ts';
import type { BenchCentre } from './centre.ts';
import { ask, startHelper } from './helper.ts';
import type { Closers } from './closers.ts';
import { quantile, resultOf, type Result } from './measures.ts';
import type { Arrivals } from './screens.ts';

/** `pause` after each round, in milliseconds: with two rounds a pair longer than the second within which the centre does not count a total anew, so that every round pays for one. */
export interface PushSizes { pairs: number; screens: number; processes: number; warmUp: number; pause: number }
export const PUSH_SIZES: PushSizes = { pairs: 21, screens: 500, processes: 2, warmUp: 2, pause: 450 };
const MAX_REPEATS = 20;
/** Milliseconds that a timer and the 2xx on its way may be apart. */
const GRAIN = 5;

export async function pushToScreens(centre: BenchCentre, closers: Closers, say: (text: string) => void, sizes: PushSizes = PUSH_SIZES): Promise<Result[]> {
  const { units } = loadConfig({ dir: fromRoot('config'), environment: {} });
  // A desk of its own for every round: its row changes in that round and in no other.
  const desks = units.map((unit) => unit.code).reverse();
  const bare = await startHelper('bareSocketServer.ts', closers);
  const { url } = await ask<{ url: string }>(bare, { do: 'listen', window: WINDOW });
  const screens = await Promise.all(Array.from({ length: sizes.processes }, () => startHelper('screens.ts', closers)));
  const each = Math.ceil(sizes.screens / sizes.processes);
  for (const helper of screens) {
    await ask(helper, { do: 'open', side: 'ours', url: centre.url, cookie: centre.cookie, count: each });
    await ask(helper, { do: 'open', side: 'baseline', url, cookie: null, count: each });
  }
  say(`P7: ${each * sizes.processes} screens at each server`);

  let rounds = 0;
  const overtaken = { ours: 0, baseline: 0 };
  let payload: Patch | null = null;
  /** Milliseconds after the 2xx, without the window, of each screen. */
  async function round(side: 'ours' | 'baseline'): Promise<number[]> {
    for (let repeat = 0; repeat < MAX_REPEATS; repeat += 1) {
      const desk = desks[rounds % desks.length] ?? '75';
      rounds += 1;
      const marked = side === 'ours' ? desk : deskOf(payload);
      for (const helper of screens) await ask(helper, { do: 'await', side, desk: marked });
      const arriving = screens.map((helper) => ask<Arrivals>(helper, { do: 'arrivals' }));
      const from = await post(side === 'ours' ? `${centre.url}/api/v1/ingest/dossiers` : `${url}/event`, centre.key, event(desk, rounds));
      const seen = await Promise.all(arriving);
      if (side === 'ours') { payload = seen[0]?.first ?? null; await ask(bare, { do: 'payload', payload }); }
      await sleep(sizes.pause);
      const after = seen.flatMap((one) => one.at).map((at) => at - from - WINDOW);
      // The centre's ten-second round may bring the row before the window is over; a timer's own grain may not matter.
      if (Math.min(...after) >= -GRAIN) return after;
      overtaken[side] += 1;
    }
    throw new Error(`${side}: no round of ${MAX_REPEATS} kept the window`);
  }

  for (let n = 0; n < sizes.warmUp; n += 1) { await round('ours'); await round('baseline'); }
  const p50: { ours: number; baseline: number }[] = [];
  const p99: { ours: number; baseline: number }[] = [];
  for (let pair = 0; pair < sizes.pairs; pair += 1) {
    const ours = await round('ours');
    const baseline = await round('baseline');
    p50.push({ ours: quantile(ours, 0.5), baseline: quantile(baseline, 0.5) });
    p99.push({ ours: quantile(ours, 0.99), baseline: quantile(baseline, 0.99) });
    if ((pair + 1) % 7 === 0) say(`P7 pair ${pair + 1}/${sizes.pairs}: p50 ${(p50.at(-1)?.ours ?? 0).toFixed(1)} ms, bare ${(p50.at(-1)?.baseline ?? 0).toFixed(1)} ms`);
  }
  const about = {
    row: 'P7', baselineIs: 'a bare socket.io server: the same POST, the same window, the same patch broadcast', unit: 'ms', bound: 'most' as const,
    notes: { screens: each * sizes.processes, windowMs: WINDOW, payloadBytes: JSON.stringify(payload).length, overtakenOurs: overtaken.ours, overtakenBaseline: overtaken.baseline },
  };
  return [
    resultOf({ ...about, measure: `commit → ${each * sizes.processes} screens, p50`, pass: 2.0, aim: 1.2 }, p50),
    resultOf({ ...about, measure: `commit → ${each * sizes.processes} screens, p99`, pass: 2.5, aim: 1.3 }, p99),
  ];
}

const deskOf = (patch: Patch | null): string => Object.keys(patch?.set.kpis ?? {}).find((key) => key.startsWith('desk:'))?.slice(5) ?? '';

const event = (unit: string, n: number) => JSON.stringify([{ eventId: `push-${n}`, dossier: `PUSH-${n}`, status: 'received', at: new Date(Date.now() - 60_000).toISOString(), unit, procedure: '1.004199', channel: 'in_person' }]);

/** The moment of the 2xx, on the clock that all processes of a machine share. */
async function post(url: string, key: string, body: string): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body });
  const at = Number(process.hrtime.bigint()) / 1e6;
  const text = await answer.text();
  if (!answer.ok || (JSON.parse(text) as { accepted?: number }).accepted !== 1) throw new Error(`${url}: ${answer.status} ${text}`);
  return at;
}
