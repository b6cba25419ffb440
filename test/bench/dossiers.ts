/**
 * Dossiers of a province in the order in which a source sends them: every batch is a day, and holds what begins on it
 * and what goes on with dossiers of earlier days. So most events find their dossier in the database, as in real life.
 */
import { loadConfig } from '#config/load.ts';
import { fromRoot } from '#config/paths.ts';
import type { DossierEventBody } from '#contract/events.ts';
import { CHANNELS } from '#contract/vocabulary.ts';
import { chanceOf } from '#server/demo/chance.ts';

const DAY = 86_400_000;
/** How a dossier goes: what happens how many days after it was received. */
const COURSE: readonly { status: DossierEventBody['status']; afterDays: number }[] = [{ status: 'received', afterDays: 0 }, { status: 'processing', afterDays: 1 }, { status: 'resolved', afterDays: 4 }, { status: 'returned', afterDays: 5 }];
/** Batches that are not full yet, because nothing of earlier days goes on in them. */
export const BEFORE_FULL = 5;

export interface BatchMaker { next(): DossierEventBody[] }

/** Batches of `size` events each (a multiple of four; the first five are smaller); the days begin so far back that the last of `batches` lies before today. */
export function makeBatches(batches: number, size: number, now: number): BatchMaker {
  const config = loadConfig({ dir: fromRoot('config'), environment: {} });
  const units = config.units.map((unit) => unit.code);
  const procedures = config.procedures.map((procedure) => procedure.code);
  const chance = chanceOf('bench');
  const firstDay = Math.floor(now / DAY) - batches - 2;
  const each = Math.floor(size / COURSE.length);
  let batch = 0;

  function event(day: number, nth: number, status: DossierEventBody['status'], at: number): DossierEventBody {
    const dossier = `BENCH-${day}-${nth}`;
    const base = { eventId: `${dossier}:${status}`, dossier, status, at: new Date(at).toISOString() };
    if (status === 'resolved') return { ...base, facts: { electronicResult: chance.yes(0.5), resultByPost: chance.yes(0.1) } };
    if (status !== 'received') return base;
    return {
      ...base, unit: chance.pick(units), procedure: chance.pick(procedures), channel: chance.pick(CHANNELS), counter: String(chance.whole(1, 6)),
      facts: { feeRequired: chance.yes(0.5), paidOnline: chance.yes(0.4), digitized: chance.yes(0.6) },
    };
  }
  return {
    next() {
      const events: DossierEventBody[] = [];
      const start = (firstDay + batch) * DAY;
      for (const { status, afterDays } of COURSE) {
        const day = batch - afterDays;
        if (day < 0) continue;
        for (let nth = 0; nth < each; nth += 1) events.push(event(day, nth, status, start + (8 + afterDays) * 3_600_000 + nth * 1_000));
      }
      batch += 1;
      return events;
    },
  };
}
