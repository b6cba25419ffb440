/**
 * What the simulated province sends, in the order in which it happens: a batch holds what begins and what goes on with
 * dossiers of earlier days. So most events find their dossier in the database, and a batch touches several hundred
 * dossiers of all desks — harder than a file in which each dossier's events stand together.
 */
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import type { DossierEventBody } from '#contract/events.ts';
import { eventsOfDay, type Sent } from '#server/demo/day.ts';
import { dayOf, makeProvince, startOf } from '#server/demo/province.ts';

const DAYS_BACK = 360;
const SEED = 1;

/** Calls for the next so many events; nothing of it lies in the future. `times`: as busy as the simulated province that many times. */
export function dossierStream(now: number, times = 1): (count: number) => DossierEventBody[] {
  const config = loadConfig({ dir: fromRoot('config'), environment: {} });
  const province = makeProvince({ ...config, demo: { ...config.demo, history: { ...config.demo.history, dossiers: config.demo.history.dossiers * times } } }, SEED);
  const today = dayOf(now, province);
  let day = today - DAYS_BACK;
  let ahead: (Sent & { kind: 'dossiers' })[] = [];
  let ready: DossierEventBody[] = [];
  function goOn(): void {
    if (day >= today) throw new Error(`the simulated province has no more than ${DAYS_BACK} days`);
    for (const desk of province.desks) for (const one of eventsOfDay({ province, desk, day, progress: 0.5, withTickets: true })) if (one.kind === 'dossiers') ahead.push(one);
    day += 1;
    const end = startOf(day, province);
    ready.push(...ahead.filter((one) => one.at < end).sort((a, b) => a.at - b.at).map((one) => one.event));
    ahead = ahead.filter((one) => one.at >= end);
  }
  return (count) => {
    while (ready.length < count) goOn();
    const taken = ready.slice(0, count);
    ready = ready.slice(count);
    return taken;
  };
}
