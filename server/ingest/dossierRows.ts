/** Dossiers and their events between the database and the rules. */
import type { DossierEvent, DossierState, Facts, Pause } from '#analytics/dossier/fold.ts';
import type { DossierEventBody } from '#contract/events.ts';
import type { Queryable } from '../database/pool.ts';

/** The event as the rules read it: instants in milliseconds. */
export function dossierEventOf(body: DossierEventBody): DossierEvent {
  return {
    eventId: body.eventId, status: body.status, at: Date.parse(body.at), unit: body.unit, receivingUnit: body.receivingUnit, procedure: body.procedure,
    channel: body.channel, counter: body.counter, facts: body.facts,
    dueAt: body.dueAt === undefined ? undefined : Date.parse(body.dueAt), newDueAt: body.newDueAt === undefined ? undefined : Date.parse(body.newDueAt),
  };
}

export interface StoredDossier { state: DossierState; simulated: boolean }

interface DossierRow extends Record<string, unknown> {
  code: string; unit: string | null; receiving_unit: string | null; procedure: string | null; channel: string | null; counter: string | null; status: string;
  received_at: Date | null; resolved_at: Date | null; refused_at: Date | null; withdrawn_at: Date | null; closed_at: Date | null; due_at: Date | null;
  pauses: { from: string; to: string | null }[]; apologies: Date[]; facts: Facts; last_at: Date; simulated: boolean;
}

const time = (at: Date | null) => at?.getTime() ?? null;

/** The states as they were counted: the difference of contributions starts from here, not from a recomputation. */
export async function loadDossiers(connection: Queryable, codes: readonly string[]): Promise<Map<string, StoredDossier>> {
  const found = await connection.query<DossierRow>(
    `SELECT d.*, (SELECT coalesce(json_agg(json_build_object('from', lower(p), 'to', upper(p)) ORDER BY lower(p)), '[]') FROM unnest(d.pauses) p) AS pauses
     FROM dossiers d WHERE code = ANY($1)`, [codes]);
  return new Map(found.rows.map((row) => [row.code, { simulated: row.simulated, state: stateOf(row) }]));
}

export function stateOf(row: DossierRow): DossierState {
  return {
    unit: row.unit, receivingUnit: row.receiving_unit, procedure: row.procedure, channel: row.channel, counter: row.counter, status: row.status,
    receivedAt: time(row.received_at), resolvedAt: time(row.resolved_at), refusedAt: time(row.refused_at), withdrawnAt: time(row.withdrawn_at),
    closedAt: time(row.closed_at), dueAt: time(row.due_at), apologies: row.apologies.map((at) => at.getTime()), facts: row.facts, lastAt: row.last_at.getTime(),
    pauses: row.pauses.map((pause) => ({ from: Date.parse(pause.from), to: pause.to === null ? null : Date.parse(pause.to) })),
  };
}

/** All events of these dossiers. Of those that were not there before, what just came is all there is. */
export async function loadEvents(connection: Queryable, codes: readonly string[], fresh: readonly DossierEventBody[], before: ReadonlyMap<string, unknown>): Promise<Map<string, DossierEvent[]>> {
  const events = new Map<string, DossierEvent[]>(codes.map((code) => [code, []]));
  const add = (body: DossierEventBody) => events.get(body.dossier)?.push(dossierEventOf(body));
  const known = codes.filter((code) => before.has(code));
  for (const body of fresh) if (!before.has(body.dossier)) add(body);
  if (known.length > 0) {
    const found = await connection.query<{ body: DossierEventBody }>('SELECT body FROM dossier_events WHERE dossier = ANY($1)', [known]);
    for (const row of found.rows) add(row.body);
  }
  return events;
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const multirange = (pauses: readonly Pause[]) => `{${pauses.filter((p) => p.to === null || p.to > p.from).map((p) => `["${iso(p.from)}",${p.to === null ? '' : `"${iso(p.to)}"`})`).join(',')}}`;

/** A pause that is still open, if any. */
export const pausedSince = (state: DossierState): number | null => state.pauses.find((pause) => pause.to === null)?.from ?? null;

export async function storeDossiers(connection: Queryable, dossiers: readonly { code: string; state: DossierState; simulated: boolean }[]): Promise<void> {
  const rows = dossiers.map(({ code, state, simulated }) => ({
    code, unit: state.unit, receiving_unit: state.receivingUnit, procedure: state.procedure, channel: state.channel, counter: state.counter, status: state.status,
    received_at: iso(state.receivedAt), resolved_at: iso(state.resolvedAt), refused_at: iso(state.refusedAt), withdrawn_at: iso(state.withdrawnAt),
    closed_at: iso(state.closedAt), due_at: iso(state.dueAt), paused_since: iso(pausedSince(state)), pauses: multirange(state.pauses),
    apologies: `{${state.apologies.map(iso).join(',')}}`, facts: state.facts, last_at: iso(state.lastAt), simulated,
  }));
  await connection.query(
    `INSERT INTO dossiers (code, unit, receiving_unit, procedure, channel, counter, status, received_at, resolved_at, refused_at, withdrawn_at, closed_at, due_at, paused_since, pauses, apologies, facts, last_at, simulated)
     SELECT code, unit, receiving_unit, procedure, channel, counter, status, received_at, resolved_at, refused_at, withdrawn_at, closed_at, due_at, paused_since, pauses::tstzmultirange, apologies::timestamptz[], facts, last_at, simulated
     FROM json_to_recordset($1::json) AS r(code text, unit text, receiving_unit text, procedure text, channel text, counter text, status text, received_at timestamptz, resolved_at timestamptz, refused_at timestamptz,
       withdrawn_at timestamptz, closed_at timestamptz, due_at timestamptz, paused_since timestamptz, pauses text, apologies text, facts jsonb, last_at timestamptz, simulated boolean)
     ON CONFLICT (code) DO UPDATE SET unit = excluded.unit, receiving_unit = excluded.receiving_unit, procedure = excluded.procedure, channel = excluded.channel, counter = excluded.counter,
       status = excluded.status, received_at = excluded.received_at, resolved_at = excluded.resolved_at, refused_at = excluded.refused_at, withdrawn_at = excluded.withdrawn_at,
       closed_at = excluded.closed_at, due_at = excluded.due_at, paused_since = excluded.paused_since, pauses = excluded.pauses, apologies = excluded.apologies, facts = excluded.facts, last_at = excluded.last_at`,
    [JSON.stringify(rows)]);
}
