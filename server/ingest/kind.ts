/**
 * One ingest, the same for all five kinds: read, validate each event, apply the good ones and keep the refused ones in
 * one transaction, answer after commit. One bad event never takes the good ones with it. Requests that wait for each
 * other are written together (together.ts).
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { INGEST_KINDS, type IngestKind } from '#contract/vocabulary.ts';
import type { IngestAnswer } from '#contract/events.ts';
import { dayOf, type Zone } from '#analytics/time/localDay.ts';
import { hoursOf, markActive, type Heard } from '../coverage/unitHours.ts';
import { arrayText } from '../database/arrayText.ts';
import type { Connection, Database, Queryable } from '../database/pool.ts';
import { unitThen } from '../units/asked.ts';
import type { Units } from '../units/tree.ts';
import type { RawEvent } from './readEvents.ts';
import { keptMessage, printable, Refusal, refusalOf, withoutPersonalData } from './refusal.ts';
import type { Source } from './source.ts';

const FUTURE_TOLERANCE = 5 * 60_000;
/** Up to here the way to the database costs more than the rows. */
export const FEW_EVENTS = 200;
/** Events of these kinds stand alone: of a unit that is no more, they are kept under the one that took over. The others know what they belong to. */
const ALONE: readonly IngestKind[] = ['queue', 'surveys'];
const EARLIEST = Date.parse('1990-01-01T00:00:00Z');

/** A valid event with its place in the request. */
export interface Incoming<E> { index: number; event: E; at: number }
/** `touched`: units whose figures changed, with the time of the newest event of each. `fresh`: what was new, by index; the rest was there. */
export interface Applied { touched: ReadonlyMap<string, number>; /** Of each new event: the unit that it tells of, and when. */ heard: readonly Heard[]; refused: { index: number; refusal: Refusal }[]; fresh: readonly number[] }

export interface Kind<E extends { eventId: string; unit?: string | undefined }> {
  name: IngestKind;
  schema: z.ZodType<E>;
  /** The instant that orders the event; null where the kind has none (indicators). */
  instantOf(event: E): number | null;
  /** What the schema cannot say. Throws a Refusal. */
  check?(event: E): void;
  /**
   * Writes the events into the caller's transaction. The same event again is a duplicate, not an error. From `alone()` to the
   * commit no other ingest of this kind runs: it comes before anything is read that depends on what others wrote.
   */
  apply(connection: Connection, events: Incoming<E>[], source: Source, alone: () => Promise<void>): Promise<Applied>;
}

export interface IngestParts { database: Database; units: Units; zone: Zone; now: () => Date; changed: (kind: IngestKind, units: ReadonlySet<string>) => void }

export const kindNumber = (kind: IngestKind): number => INGEST_KINDS.indexOf(kind);

/** From here to the commit no ingest of this kind writes. A statement of its own, so that what follows sees what the holder before has committed. */
export async function aloneWith(connection: Queryable, kind: IngestKind): Promise<void> {
  await connection.query('SELECT pg_advisory_xact_lock($1)', [7_201_100 + kindNumber(kind)]);
}

/** Throws a Refusal. */
export function checkUnit(unit: string, source: Source, units: Units): void {
  if (!units.tree.has(unit)) throw new Refusal('unknown_unit', `unit "${unit}" is not in the unit tree`);
  if (!source.units.has(unit)) throw new Refusal('unit_out_of_scope', `unit "${unit}" is outside the reach of this key`);
}

/** One request, read and judged event by event. */
export interface Request<E> { source: Source; good: Incoming<E>[]; refused: { index: number; refusal: Refusal }[]; raws: ReadonlyMap<number, RawEvent> }

export function readRequest<E extends { eventId: string; unit?: string | undefined }>(kind: Kind<E>, raws: readonly RawEvent[], source: Source, { units, zone, now }: IngestParts): Request<E> {
  if (!source.kinds.includes(kind.name)) throw new Fault('key_kind');
  const request: Request<E> = { source, good: [], refused: [], raws: new Map(raws.map((raw) => [raw.index, raw])) };
  const latest = now().getTime() + FUTURE_TOLERANCE;
  for (const raw of raws) {
    try { request.good.push(validate(kind, raw, source, units, zone, latest)); } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      request.refused.push({ index: raw.index, refusal: error });
    }
  }
  return request;
}

/** Several requests of one key in one transaction; an answer for each, after the commit. What stands twice is a duplicate in the later. */
export async function writeRequests<E extends { eventId: string; unit?: string | undefined }>(kind: Kind<E>, requests: readonly Request<E>[], { database, units, zone, now, changed }: IngestParts): Promise<IngestAnswer[]> {
  const [first] = requests;
  if (!first) return [];
  const { source } = first;
  // Events are numbered through; `places` leads back to the request and the index that its sender knows.
  const places: { request: Request<E>; index: number }[] = [];
  const events = requests.flatMap((request) => request.good.map((one) => ({ ...one, index: places.push({ request, index: one.index }) - 1 })));
  const refused = requests.flatMap((request) => request.refused.map((one) => ({ ...one, request })));
  const accepted = new Map<Request<E>, number>();
  let touched: ReadonlyMap<string, number> = new Map();
  if (events.length > 0 || refused.length > 0) {
    await database.transaction(async (connection) => {
      if (events.length > 0) {
        const applied = await kind.apply(connection, events, source, () => aloneWith(connection, kind.name));
        touched = applied.touched;
        void markActive(connection, touched, hoursOf(applied.heard, zone, now()), source.simulated);
        for (const { index, refusal } of applied.refused) { const place = places[index]; if (place) refused.push({ ...place, refusal }); }
        for (const index of applied.fresh) { const place = places[index]; if (place) accepted.set(place.request, (accepted.get(place.request) ?? 0) + 1); }
      }
      void keepRefused(connection, kind.name, source, refused.map(({ request, index, refusal }) => ({ index, refusal, value: request.raws.get(index)?.value })), units);
    }, events.length <= FEW_EVENTS ? 'brisk' : undefined);
  }
  if (touched.size > 0) changed(kind.name, new Set(touched.keys()));
  return requests.map((request) => {
    const own = refused.filter((one) => one.request === request).sort((a, b) => a.index - b.index);
    const fresh = accepted.get(request) ?? 0;
    return {
      accepted: fresh, duplicates: request.raws.size - own.length - fresh,
      rejected: own.map(({ index, refusal }) => ({ index, eventId: eventIdOf(request.raws.get(index)?.value), code: refusal.code, message: refusal.message })),
    };
  });
}

function validate<E extends { eventId: string; unit?: string | undefined }>(kind: Kind<E>, raw: RawEvent, source: Source, units: Units, zone: Zone, latest: number): Incoming<E> {
  if (raw.malformed !== null) throw new Refusal('malformed_json', raw.malformed);
  const result = kind.schema.safeParse(raw.value);
  if (!result.success) throw refusalOf(result.error, raw.value);
  const event = result.data;
  const instant = kind.instantOf(event);
  const at = instant ?? 0;
  if (at > latest) throw new Refusal('time_in_future', 'at: the time lies in the future');
  if (instant !== null && at < EARLIEST) throw new Refusal('time_out_of_range', 'at: the time lies before 1990');
  if (event.unit !== undefined) checkUnit(event.unit, source, units);
  kind.check?.(event);
  if (units.history.dated && event.unit !== undefined && ALONE.includes(kind.name)) return { index: raw.index, event: { ...event, unit: unitThen(units, event.unit, dayOf(at, zone)) }, at };
  return { index: raw.index, event, at };
}

function eventIdOf(value: unknown): string | null {
  const id = (value as { eventId?: unknown } | null | undefined)?.eventId;
  return typeof id === 'string' ? printable(id).slice(0, 120) : null;
}

/** For the list of what was refused, under the key that sent it. */
export function keepRefused(connection: Queryable, kind: IngestKind, source: Pick<Source, 'id'>, refused: readonly { index: number; refusal: Refusal; value: unknown }[], units: Units): Promise<unknown> {
  if (refused.length === 0) return Promise.resolve();
  const rows = new Map<string, { event: string | null; unit: string | null; code: string; message: string; body: string | null }>();
  for (const { refusal, value } of refused) {
    const body = value === undefined || value === null ? null : JSON.stringify(withoutPersonalData(value)).slice(0, 20_000);
    const safe = body !== null && isJson(body) ? body : null;
    const named = (value as { unit?: unknown } | null | undefined)?.unit;
    const print = createHash('sha256').update(JSON.stringify([kind, source.id, refusal.code, refusal.message, safe])).digest('hex');
    rows.set(print, { event: eventIdOf(value), unit: typeof named === 'string' && units.tree.has(named) ? named : null, code: refusal.code, message: keptMessage(refusal), body: safe });
  }
  const list = [...rows];
  return connection.query(
    `INSERT INTO rejections (kind, key_id, event_id, unit, code, message, body, fingerprint)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::bytea[])
     ON CONFLICT (fingerprint) DO UPDATE SET times = rejections.times + 1, at = now(), replayed_at = NULL`,
    [kind, source.id, list.map(([, r]) => r.event), list.map(([, r]) => r.unit), list.map(([, r]) => r.code), list.map(([, r]) => r.message), list.map(([, r]) => r.body), list.map(([print]) => Buffer.from(print, 'hex'))]);
}

/** The newest instant of each unit. */
export function newestByUnit(pairs: Iterable<readonly [string, number]>): Map<string, number> {
  const newest = new Map<string, number>();
  for (const [unit, at] of pairs) newest.set(unit, Math.max(newest.get(unit) ?? 0, at));
  return newest;
}

/** A body that was cut is no JSON any more. */
function isJson(text: string): boolean {
  try { JSON.parse(text); return true; } catch { return false; }
}

/** What makes an event that one and no other, as the table keeps it: name → type, value and, where it is no column, how it is read there. */
export interface KeptAs<E> { table: string; columns: Readonly<Record<string, readonly [type: string, value: (one: Incoming<E>) => unknown, read?: string]>> }
/** Writes what is `taken` in the same statement: of `$2` the ids, of `$3` whether simulated, and its own values from `$n` on. */
export interface StoredWith<E> { statement(n: number): string; values(events: readonly Incoming<E>[]): unknown[] }
export interface Taken<E> { fresh: Incoming<E>[]; /** Other events came under these ids before. */ refused: Applied['refused'] }

/**
 * Takes the ids that were never seen. The same event again is a duplicate, within the request too; another event under a
 * known id is refused: a desk that counts its ids from 1 must not lose what another desk has numbered so. In the order of
 * the ids, so that two senders of the same events wait for each other instead of dead-locking.
 */
export async function takeFresh<E extends { eventId: string }>(connection: Queryable, kind: IngestKind, events: Incoming<E>[], simulated: boolean, kept: KeptAs<E>, store?: StoredWith<E>): Promise<Taken<E>> {
  const values = Object.values(kept.columns).map(([, value]) => value);
  const printOf = (one: Incoming<E>) => JSON.stringify(values.map((value) => value(one)));
  const first = new Map<string, Incoming<E>>();
  const others: Incoming<E>[] = [];
  for (const one of events) {
    const before = first.get(one.event.eventId);
    if (!before) first.set(one.event.eventId, one);
    else if (printOf(before) !== printOf(one)) others.push(one);
  }
  const sorted = [...first.values()].sort((a, b) => (a.event.eventId < b.event.eventId ? -1 : 1));
  const taken = await connection.query<{ event_id: string }>(
    `WITH taken AS (INSERT INTO event_ids (kind, event_id, simulated) SELECT $1, *, $3 FROM unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING event_id)${store ? `, stored AS (${store.statement(4)})` : ''} SELECT event_id FROM taken`,
    [kindNumber(kind), arrayText(sorted.map((one) => one.event.eventId)), simulated, ...store?.values(sorted) ?? []]);
  const ids = new Set(taken.rows.map((row) => row.event_id));
  const fresh = [...first.values()].filter((one) => ids.has(one.event.eventId));
  const known = [...first.values()].filter((one) => !ids.has(one.event.eventId));
  if (known.length > 0) {
    const names = Object.keys(kept.columns);
    // Event by event, through the key of the table: a re-delivery of an old file must not read the whole of it. What retention
    // took cannot be compared: it counts as the same.
    const found = await connection.query<{ event_id: string }>(
      `SELECT wanted.event_id FROM unnest($1::text[], ${names.map((name, i) => `$${i + 2}::${kept.columns[name]?.[0] ?? 'text'}[]`).join(', ')}) AS wanted(event_id, ${names.join(', ')})
       CROSS JOIN LATERAL (SELECT coalesce(bool_or(${names.map((name) => `${kept.columns[name]?.[2] ?? `k.${name}`} = wanted.${name}`).join(' AND ')}), true) AS same FROM ${kept.table} k WHERE k.event_id = wanted.event_id OFFSET 0) AS found WHERE NOT found.same`,
      [known.map((one) => one.event.eventId), ...values.map((value) => known.map(value))]);
    const other = new Set(found.rows.map((row) => row.event_id));
    others.push(...known.filter((one) => other.has(one.event.eventId)));
  }
  return { fresh, refused: others.map((one) => ({ index: one.index, refusal: new Refusal('event_id_taken', `eventId "${printable(one.event.eventId).slice(0, 80)}": another event came under this id`) })) };
}
