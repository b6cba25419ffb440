/**
 * POST /ingest/day-close: a source's own counts of a unit's day, compared with our counters at once. One by itself is
 * answered by its comparison, or by a problem; an array like the other ingests. A refused close is not kept for a
 * replay: by then it might be older than what the source told since.
 */
import { z } from 'zod';
import { CLOSED_COUNTS, differences, type ToldCounts } from '#analytics/coverage/dayClose.ts';
import { dayOf, dayText, parseDay, type Zone } from '#analytics/time/localDay.ts';
import { dayClose, dayCloseResult, dayCloseResults, type DayCloseBody, type DayCloseResult } from '#contract/coverage.ts';
import { Fault } from '#contract/faults.ts';
import { compareDays, newestTold, placeKey, type Compared, type Place } from '../coverage/dayStates.ts';
import type { Queryable } from '../database/pool.ts';
import { route, type Route } from '../http/route.ts';
import { unitThen } from '../units/asked.ts';
import { aloneWith, checkUnit, type IngestParts } from './kind.ts';
import { readOneOrMany, type RawEvent } from './readEvents.ts';
import { Refusal, refusalOf } from './refusal.ts';
import type { Source } from './source.ts';

/** A year of one unit, five days of a province. */
const MOST_DAYS = 1_000;
const EARLIEST = '1990-01-01';

type Close = Place & { index: number; theirs: ToldCounts };

export function dayCloseRoute({ database, units, now }: IngestParts, zone: Zone): Route {
  function read(raw: RawEvent, source: Source, today: number): Close {
    if (raw.malformed !== null) throw new Refusal('malformed_json', raw.malformed);
    const result = dayClose.safeParse(raw.value);
    if (!result.success) throw refusalOf(result.error, raw.value);
    const { unit, day: text, counts }: DayCloseBody = result.data;
    const day = parseDay(text);
    if (day === null) throw new Refusal('invalid_event', 'day: not a date of the calendar');
    if (day > today) throw new Refusal('time_in_future', 'day: the day has not begun');
    if (text < EARLIEST) throw new Refusal('time_out_of_range', 'day: the day lies before 1990');
    checkUnit(unit, source, units);
    return { index: raw.index, unit: unitThen(units, unit, day), day, simulated: source.simulated, theirs: Object.fromEntries(CLOSED_COUNTS.flatMap((name) => (counts[name] === undefined ? [] : [[name, counts[name]]]))) };
  }

  return route({
    method: 'post', path: '/ingest/day-close', tag: 'Ingest', summary: 'A source\'s own counts of a day, compared with ours; for keys of dossiers', access: 'key', scope: { kind: 'none' }, rawBody: { limit: '1mb' },
    body: z.union([dayClose, z.array(dayClose)]), answer: z.union([dayCloseResult, dayCloseResults]),
    async handle({ request, body, response }) {
      const source = response.locals.source as Source;
      if (!source.kinds.includes('dossiers')) throw new Fault('key_kind');
      const { single, events } = readOneOrMany(body, request.headers['content-type'] ?? '');
      if (events.length > MOST_DAYS) throw new Fault('body_too_large', `${events.length} days; at most ${MOST_DAYS} a request`);
      const at = now();
      const closes: Close[] = [];
      const rejected: { index: number; code: Refusal['code']; message: string }[] = [];
      for (const raw of events) {
        try { closes.push(read(raw, source, dayOf(at.getTime(), zone))); } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          if (single) throw new Fault(error.code, error.message);
          rejected.push({ index: raw.index, code: error.code, message: error.message });
        }
      }
      const compared = closes.length === 0 ? new Map<string, Compared>() : await database.transaction(async (connection) => await keepAndCompare(connection, closes, source, at));
      const results = closes.flatMap((close) => { const found = compared.get(placeKey(close)); return found ? [{ index: close.index, ...resultOf(close, found) }] : []; });
      const [only] = results;
      return single && only ? only : { results, rejected };
    },
  });
}

function resultOf({ unit, day, theirs }: Close, { ours }: Compared): DayCloseResult {
  const apart = differences(ours, theirs);
  return { unit, day: dayText(day), matches: Object.keys(apart).length === 0, ours, theirs, differences: apart };
}

async function keepAndCompare(connection: Queryable, closes: readonly Close[], source: Source, at: Date): Promise<Map<string, Compared>> {
  await aloneWith(connection, 'dossiers');
  const places = [...new Map(closes.map((close) => [placeKey(close), close])).values()];
  const told = await newestTold(connection, places);
  const newest = new Map([...told].map(([key, sources]) => [key, sources.find((one) => one.key === source.id)?.theirs]));
  // What the source told before, told again, is nothing new; within a request the later one counts.
  const fresh = closes.filter((close) => {
    const key = placeKey(close);
    const before = newest.get(key);
    newest.set(key, close.theirs);
    return before === undefined || CLOSED_COUNTS.some((name) => before[name] !== close.theirs[name]);
  });
  if (fresh.length > 0) {
    await connection.query(
      `INSERT INTO day_closes (unit, day, key_id, received, resolved, pending, sent_at, simulated)
       SELECT unit, day, $1, received, resolved, pending, $2, $3 FROM unnest($4::text[], $5::date[], $6::int[], $7::int[], $8::int[]) WITH ORDINALITY AS c(unit, day, received, resolved, pending, place) ORDER BY place`,
      [source.id, at, source.simulated, fresh.map((c) => c.unit), fresh.map((c) => dayText(c.day)), ...CLOSED_COUNTS.map((name) => fresh.map((c) => c.theirs[name] ?? null))]);
  }
  return await compareDays(connection, places, () => [], at);
}
