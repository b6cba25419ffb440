/**
 * The simulated province: twelve months of history, newest days first, and the running day beside it. A stranger at the
 * API's door: it knows the public ingest and nothing else of the centre.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '#config/schema.ts';
import { eventsOfDay, type Sent } from './day.ts';
import { liveDay, pendingTrouble } from './live.ts';
import { dayOf, makeProvince } from './province.ts';
import { makeSender } from './send.ts';

export interface DemoParts {
  baseUrl: string; key: string; config: Config; now: () => Date; log: Logger; seed: number; signal: AbortSignal;
  /** In days of the history. */
  progress: (done: number, total: number) => void;
  /** How far the history has come, kept by the caller. */
  state: { read(): Promise<string | null>; write(text: string): Promise<void> };
}

/** What began within these days may still have events to come: it is gone through again at every start. */
const UNFINISHED_DAYS = 75;

export function startDemo({ baseUrl, key, config, now, log, seed, signal, progress, state }: DemoParts): { stop(): Promise<void> } {
  const province = makeProvince(config, seed);
  const sender = makeSender({ baseUrl, key, log, signal });
  /** What is still to happen, in no order; looked through once a second. */
  let ahead: Sent[] = [];
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => undefined);

  async function history(): Promise<void> {
    const today = dayOf(now().getTime(), province);
    const total = Math.round(config.demo.history.months * 30.4);
    const kept = JSON.parse((await state.read()) ?? '{}') as { oldest?: number };
    const doneTo = kept.oldest ?? today + 1;
    for (let back = 0; back < total && !signal.aborted; back += 1) {
      const day = today - back;
      if (back >= UNFINISHED_DAYS && day >= doneTo) continue;
      const instant = now().getTime();
      const all = province.desks.flatMap((desk) => eventsOfDay({ province, desk, day, progress: 1 - back / total, withTickets: back < config.demo.history.ticketDays }));
      for (const one of all) if (one.at > instant) ahead.push(one);
      await sender.send(all.filter((one) => one.at <= instant));
      if (day < doneTo && !signal.aborted) await state.write(JSON.stringify({ oldest: day }));
      progress(back + 1, total);
      await pause(5);
    }
    progress(total, total);
    if (!signal.aborted) log.info({ event: 'demo_history_done' });
  }

  async function live(): Promise<void> {
    await sender.send(pendingTrouble(province, now().getTime()));
    const day = liveDay(province, now().getTime());
    while (!signal.aborted) {
      const instant = now().getTime();
      ahead.push(...day.tick(instant));
      const due = ahead.filter((one) => one.at <= instant);
      if (due.length > 0) { ahead = ahead.filter((one) => one.at > instant); await sender.send(due); }
      await pause(1_000);
    }
  }

  const running = Promise.allSettled([history(), live()]).then((results) => {
    for (const result of results) if (result.status === 'rejected' && !signal.aborted) log.error({ event: 'demo_failed', err: result.reason as unknown });
  });
  return { async stop() { await running; } };
}
