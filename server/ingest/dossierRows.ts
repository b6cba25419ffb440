/** Dossiers and their events between the database and the rules. */
import type { DossierEvent, DossierState, Facts, Pause } from '#analytics/dossier/fold.ts';
import type { DossierEventBody } from '#contract/events.ts';
import { arrayText } from '../database/arrayText.ts';
import type { Connection, Queryable } from '../database/pool.ts';
import type { Reckoned } from '../deadlines/reckoned.ts';
import type { Incoming, StoredWith } from './kind.ts';
import type { Source } from './source.ts';

/** The event as the rules read it: instants in milliseconds. */
export function dossierEventOf(body: DossierEventBody): DossierEvent {
  return {
    eventId: body.eventId, status: body.status, at: Date.parse(body.at), unit: body.unit, receivingUnit: body.receivingUnit, procedure: body.procedure,
    channel: body.channel, counter: body.counter, facts: body.facts,
    dueAt: body.dueAt === undefined ? undefined : Date.parse(body.dueAt), newDueAt: body.newDueAt === undefined ? undefined : Date.parse(body.newDueAt),
  };
}

export interface StoredDossier extends Reckoned { simulated: boolean }

export interface DossierRow extends Record<string, unknown> {
  code: string; unit: string | null; receiving_unit: string | null; procedure: string | null; channel: string | null; counter: string | null; status: string;
  received_at: Date | null; resolved_at: Date | null; refused_at: Date | null; withdrawn_at: Date | null; closed_at: Date | null; due_at: Date | null;
  pauses: { from: string; to: string | null }[]; apologies: Date[]; facts: Facts; supplements: number; last_at: Date; simulated: boolean;
  calendar: number; reported_calendar: number | null; reported_due_at: Date | null; new_due_at: Date | null; reappointments: number; promised: Date[]; events_kept: boolean;
}

const time = (at: Date | null) => at?.getTime() ?? null;

/** The states as they were counted: the difference of contributions starts from here, not from a recomputation. */
export async function loadDossiers(connection: Queryable, codes: readonly string[]): Promise<Map<string, StoredDossier>> {
  const found = await connection.query<DossierRow>(`SELECT ${DOSSIER} FROM dossiers d WHERE code = ANY($1)`, [codes]);
  return new Map(found.rows.map((row) => [row.code, storedOf(row)]));
}

/** All columns of `dossiers d`, its pauses as `stateOf` reads them. */
export const DOSSIER = "d.*, CASE WHEN isempty(d.pauses) THEN '[]' ELSE (SELECT json_agg(json_build_object('from', lower(p), 'to', upper(p)) ORDER BY lower(p)) FROM unnest(d.pauses) p) END AS pauses";

export function storedOf(row: DossierRow): StoredDossier {
  return { simulated: row.simulated, state: stateOf(row), calendar: row.calendar, reported: row.reported_calendar === null ? null : { calendar: row.reported_calendar, dueAt: time(row.reported_due_at) }, eventsKept: row.events_kept };
}

export function stateOf(row: DossierRow): DossierState {
  return {
    unit: row.unit, receivingUnit: row.receiving_unit, procedure: row.procedure, channel: row.channel, counter: row.counter, status: row.status,
    receivedAt: time(row.received_at), resolvedAt: time(row.resolved_at), refusedAt: time(row.refused_at), withdrawnAt: time(row.withdrawn_at),
    closedAt: time(row.closed_at), dueAt: time(row.due_at), apologies: row.apologies.map((at) => at.getTime()), newDueAt: time(row.new_due_at), reappointments: row.reappointments, promised: row.promised.map((at) => at.getTime()), facts: row.facts, supplements: row.supplements, lastAt: row.last_at.getTime(),
    pauses: row.pauses.map((pause) => ({ from: Date.parse(pause.from), to: pause.to === null ? null : Date.parse(pause.to) })),
  };
}

/** All events that are kept of these dossiers. */
export async function loadEvents(connection: Queryable, codes: readonly string[]): Promise<DossierEventBody[]> {
  if (codes.length === 0) return [];
  // Dossier by dossier, through the index: for «= ANY» of hundreds the planner reads the whole table, and the more so the more
  // it holds. As one text: a row for each event costs the driver more than the reading.
  const found = await connection.query<{ bodies: DossierEventBody[] | null }>(
    `SELECT json_agg(e.body) AS bodies FROM unnest($1::text[]) AS wanted(code) CROSS JOIN LATERAL (SELECT body FROM dossier_events WHERE dossier = wanted.code OFFSET 0) AS e`, [arrayText(codes)]);
  return found.rows[0]?.bodies ?? [];
}

/** Of those that were not there before, and of those whose events are no more, what just came is all there is. */
export const isWhole = (before: StoredDossier | undefined): boolean => before?.eventsKept !== true;

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const multirange = (pauses: readonly Pause[]) => `{${pauses.filter((p) => p.to === null || p.to > p.from).map((p) => `["${iso(p.from)}",${p.to === null ? '' : `"${iso(p.to)}"`})`).join(',')}}`;

/** A pause that is still open, if any. */
export const pausedSince = (state: DossierState): number | null => state.pauses.find((pause) => pause.to === null)?.from ?? null;

/** The events as they were sent, many at a time. */
export async function storeEvents(copy: NonNullable<Connection['copy']>, events: readonly Incoming<DossierEventBody>[], source: Source): Promise<void> {
  await copy('dossier_events (at, event_id, dossier, status, body, source, simulated)',
    events.map(({ at, event }) => [new Date(at).toISOString(), event.eventId, event.dossier, event.status, JSON.stringify(event), source.id, String(source.simulated)]));
}

/** The events as they were sent, a few, in the statement that takes their ids. */
export function storedWithIds(source: Source): StoredWith<DossierEventBody> {
  return {
    statement: (n) => `INSERT INTO dossier_events (at, event_id, dossier, status, body, source, simulated)
      SELECT e.at, e.event_id, e.dossier, e.status, e.body, $${n + 4}, $3 FROM unnest($2::text[], $${n}::timestamptz[], $${n + 1}::text[], $${n + 2}::text[], $${n + 3}::jsonb[]) AS e(event_id, at, dossier, status, body) JOIN taken USING (event_id)`,
    values: (events) => [
      arrayText(events.map((one) => new Date(one.at).toISOString())), arrayText(events.map((one) => one.event.dossier)), arrayText(events.map((one) => one.event.status)),
      arrayText(events.map((one) => JSON.stringify(one.event))), source.id,
    ],
  };
}

const COLUMNS = {
  code: 'text', unit: 'text', receiving_unit: 'text', procedure: 'text', channel: 'text', counter: 'text', status: 'text', received_at: 'timestamptz', resolved_at: 'timestamptz',
  refused_at: 'timestamptz', withdrawn_at: 'timestamptz', closed_at: 'timestamptz', due_at: 'timestamptz', paused_since: 'timestamptz', pauses: 'tstzmultirange', apologies: 'timestamptz[]',
  facts: 'jsonb', supplements: 'smallint', last_at: 'timestamptz', simulated: 'boolean', calendar: 'smallint', reported_calendar: 'smallint', reported_due_at: 'timestamptz', new_due_at: 'timestamptz', reappointments: 'smallint', promised: 'timestamptz[]',
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
// An array of arrays would be one with two dimensions: the instants of one dossier go as texts.
const isList = (name: keyof typeof COLUMNS) => COLUMNS[name] === 'timestamptz[]';
const STORE = `
  INSERT INTO dossiers (${NAMES.join(', ')})
  SELECT ${NAMES.map((name) => (isList(name) ? `${name}::timestamptz[]` : name)).join(', ')}
  FROM unnest(${NAMES.map((name, i) => `$${i + 1}::${isList(name) ? 'text' : COLUMNS[name]}[]`).join(', ')}) AS r(${NAMES.join(', ')})
  ON CONFLICT (code) DO UPDATE SET ${NAMES.filter((name) => name !== 'code' && name !== 'simulated').map((name) => `${name} = excluded.${name}`).join(', ')}`;

export function storeDossiers(connection: Queryable, dossiers: readonly (StoredDossier & { code: string })[]): Promise<unknown> {
  const column: Record<keyof typeof COLUMNS, (one: StoredDossier & { code: string }) => string | null> = {
    code: (one) => one.code, unit: ({ state }) => state.unit, receiving_unit: ({ state }) => state.receivingUnit, procedure: ({ state }) => state.procedure, channel: ({ state }) => state.channel,
    counter: ({ state }) => state.counter, status: ({ state }) => state.status, received_at: ({ state }) => iso(state.receivedAt), resolved_at: ({ state }) => iso(state.resolvedAt),
    refused_at: ({ state }) => iso(state.refusedAt), withdrawn_at: ({ state }) => iso(state.withdrawnAt), closed_at: ({ state }) => iso(state.closedAt), due_at: ({ state }) => iso(state.dueAt),
    paused_since: ({ state }) => iso(pausedSince(state)), pauses: ({ state }) => multirange(state.pauses), apologies: ({ state }) => `{${state.apologies.map(iso).join(',')}}`,
    facts: ({ state }) => JSON.stringify(state.facts), supplements: ({ state }) => String(state.supplements), last_at: ({ state }) => iso(state.lastAt), simulated: (one) => String(one.simulated),
    calendar: (one) => String(one.calendar), reported_calendar: (one) => (one.reported === null ? null : String(one.reported.calendar)), reported_due_at: (one) => iso(one.reported?.dueAt ?? null),
    new_due_at: ({ state }) => iso(state.newDueAt), reappointments: ({ state }) => String(state.reappointments), promised: ({ state }) => `{${state.promised.map(iso).join(',')}}`,
  };
  return connection.query(STORE, NAMES.map((name) => arrayText(dossiers.map(column[name]))));
}
