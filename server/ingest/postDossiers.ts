/** POST /ingest/dossiers: events → state of each dossier touched → counters, in one transaction. */
import { fold, type ClockRules, type DossierEvent } from '#analytics/dossier/fold.ts';
import type { Holders } from '#analytics/kpi/counters.ts';
import { dayOf, type Zone } from '#analytics/time/localDay.ts';
import { dossierEvent, type DossierEventBody } from '#contract/events.ts';
import type { IngestKind } from '#contract/vocabulary.ts';
import { compareTouched, type Changed } from '../coverage/dayStates.ts';
import type { Connection, Queryable } from '../database/pool.ts';
import type { CalendarContent, Calendars } from '../deadlines/calendars.ts';
import { changesOf, reckon, type Counted } from '../deadlines/reckoned.ts';
import { notThen } from '../units/asked.ts';
import type { Units } from '../units/tree.ts';
import { applyCounters } from './counters.ts';
import { dossierEventOf, isWhole, loadDossiers, loadEvents, storeDossiers, storedWithIds, storeEvents } from './dossierRows.ts';
import { keepRefused, kindNumber, takeFresh, type Applied, type Incoming, type Kind, type Taken } from './kind.ts';
import { Refusal } from './refusal.ts';
import { sourceOfRow, type Source } from './source.ts';

/** `holders`: only where units have a life. */
/** `clock`: by the calendar that is configured, `content`. */
export interface DossierRules { zone: Zone; clock: ClockRules; content: CalendarContent; knownProcedure: (code: string) => boolean; holders?: Holders }
export interface IngestRules extends DossierRules { calendars: Calendars }

export function dossierKind(rules: IngestRules, units: Units, now: () => Date): Kind<DossierEventBody> {
  return {
    name: 'dossiers', schema: dossierEvent, instantOf: (event) => Date.parse(event.at),
    check(event) {
      if (event.receivingUnit !== undefined && !units.tree.has(event.receivingUnit)) throw new Refusal('unknown_unit', `receivingUnit "${event.receivingUnit}" is not in the unit tree`);
      if (event.status === 'apology_sent' && event.newDueAt === undefined) throw new Refusal('new_due_required', 'newDueAt: a letter of apology must name the new date');
    },
    async apply(connection, incoming, source, alone) { return await applyDossiers(connection, incoming, source, rules, units, alone, now()); },
  };
}

async function applyDossiers(connection: Connection, incoming: Incoming<DossierEventBody>[], source: Source, rules: IngestRules, units: Units, alone: () => Promise<void>, at: Date): Promise<Applied> {
  const named = [...new Set(incoming.map((one) => one.event.dossier))];
  // The events themselves depend on nobody: several senders write theirs at the same time. Of a few, all questions are asked at once.
  const taking = takeEvents(connection, incoming, source);
  if (connection.copy !== null) await taking;
  const [taken, , before, early] = await Promise.all([taking, alone(), loadDossiers(connection, named), connection.copy === null ? loadEvents(connection, named) : null]);
  let { fresh, refused: others } = taken;
  const strangers = refuseStrangers(incoming, before, source, units, rules.zone);
  if (strangers.length > 0) {
    // Rare: what was taken is given back, and only what is allowed is taken again.
    const out = new Set(strangers.map((one) => one.index));
    await giveBackEvents(connection, fresh.map((one) => one.event.eventId), fresh.map((one) => new Date(one.at)));
    ({ fresh, refused: others } = await takeEvents(connection, incoming.filter((one) => !out.has(one.index)), source));
  }
  const refused = [...strangers, ...others];
  if (fresh.length === 0) return { touched: new Map(), heard: [], refused, fresh: [] };

  const codes = [...new Set(fresh.map((one) => one.event.dossier))];
  const known = codes.filter((code) => !isWhole(before.get(code)));
  const kept = early !== null && strangers.length === 0 ? early.filter((body) => !isWhole(before.get(body.dossier))) : await loadEvents(connection, known);
  const events = new Map<string, DossierEvent[]>(codes.map((code) => [code, []]));
  for (const body of [...kept, ...fresh.map((one) => one.event).filter((event) => isWhole(before.get(event.dossier)))]) events.get(body.dossier)?.push(dossierEventOf(body));
  await putAsideStrangers(connection, codes.filter((code) => before.has(code) && before.get(code)?.state.unit === null), events, source, rules, units);
  // A dossier that real events and simulated ones name belongs to the side that named it first.
  const clockOf = await rules.calendars.clocks(connection, [...before.values()].flatMap((one) => (one.reported ? [one.calendar, one.reported.calendar] : [one.calendar])));
  const after = codes.map((code) => ({ code, ...reckon(events.get(code) ?? [], before.get(code), rules.calendars.current, clockOf), simulated: before.get(code)?.simulated ?? source.simulated }));
  // While the database stores the states, the counters are reckoned here: everybody else waits for both.
  void storeDossiers(connection, after);
  const changes: Counted[] = [];
  const changed: Changed[] = [];
  const touched = new Map<string, number>();
  const eventsOf = new Map<string, number>();
  for (const { event } of fresh) eventsOf.set(event.dossier, (eventsOf.get(event.dossier) ?? 0) + 1);
  for (const { code, simulated, ...dossier } of after) {
    const { state } = dossier;
    const old = before.get(code)?.state ?? null;
    const { corrected: parts, reported } = changesOf(before.get(code) ?? null, dossier, rules);
    for (const part of parts) changes.push({ ...part, simulated });
    for (const part of reported) changes.push({ ...part, simulated, reported: true });
    if (parts.length > 0) changed.push({ simulated, events: eventsOf.get(code) ?? 0, parts });
    // A dossier that moves changes both units; only the new one was heard of.
    if (old?.unit) touched.set(old.unit, touched.get(old.unit) ?? 0);
    if (state.unit) touched.set(state.unit, Math.max(touched.get(state.unit) ?? 0, state.lastAt));
  }
  void applyCounters(connection, changes);
  void listUnknownProcedures(connection, fresh.map((one) => one.event.procedure), rules);
  await compareTouched(connection, changed, at);
  const unitOf = new Map(after.map(({ code, state }) => [code, state.unit]));
  const heard = fresh.flatMap(({ event, at: happened }) => { const unit = unitOf.get(event.dossier); return unit ? [[unit, happened] as const] : []; });
  return { touched, heard, refused, fresh: fresh.map((one) => one.index) };
}

async function takeEvents(connection: Connection, events: Incoming<DossierEventBody>[], source: Source): Promise<Taken<DossierEventBody>> {
  if (events.length === 0) return { fresh: [], refused: [] };
  const taken = await takeFresh(connection, 'dossiers', events, source.simulated, {
    table: 'dossier_events', columns: { dossier: ['text', (one) => one.event.dossier], status: ['text', (one) => one.event.status] },
  }, connection.copy === null ? storedWithIds(source) : undefined);
  if (connection.copy !== null && taken.fresh.length > 0) await storeEvents(connection.copy, taken.fresh, source);
  return taken;
}

async function giveBackEvents(connection: Queryable, ids: readonly string[], at: readonly Date[]): Promise<void> {
  await connection.query('DELETE FROM dossier_events WHERE (event_id, at) IN (SELECT * FROM unnest($1::text[], $2::timestamptz[]))', [ids, at]);
  await connection.query('DELETE FROM event_ids WHERE kind = $1 AND event_id = ANY($2)', [kindNumber('dossiers'), ids]);
}

/**
 * A status may come before anybody has named the dossier's unit. When the unit is known, what a key sent that does not reach
 * it is no part of the dossier: it goes where it would have gone then, to what was refused. `events` loses it too.
 */
async function putAsideStrangers(connection: Queryable, waiting: readonly string[], events: Map<string, DossierEvent[]>, source: Source, rules: DossierRules, units: Units): Promise<void> {
  const unitOf = new Map(waiting.flatMap((code) => { const { unit } = fold(events.get(code) ?? [], rules.clock); return unit === null ? [] : [[code, unit] as const]; }));
  if (unitOf.size === 0) return;
  const found = await connection.query<{ event_id: string; at: Date; dossier: string; body: DossierEventBody; id: string; kinds: IngestKind[]; units: string[]; simulated: boolean }>(
    `SELECT e.event_id, e.at, e.dossier, e.body, k.* FROM unnest($1::text[]) AS wanted(code) CROSS JOIN LATERAL (SELECT event_id, at, dossier, body, source FROM dossier_events WHERE dossier = wanted.code OFFSET 0) AS e
     JOIN (SELECT id, kinds, units, simulated FROM ingest_keys) k ON k.id = e.source WHERE e.source <> $2`, [[...unitOf.keys()], source.id]);
  const strange = found.rows.filter((row) => !sourceOfRow(row, units).units.has(unitOf.get(row.dossier) ?? ''));
  if (strange.length === 0) return;
  await giveBackEvents(connection, strange.map((row) => row.event_id), strange.map((row) => row.at));
  const gone = new Set(strange.map((row) => row.event_id));
  for (const code of new Set(strange.map((row) => row.dossier))) events.set(code, (events.get(code) ?? []).filter((event) => !gone.has(event.eventId)));
  for (const key of new Set(strange.map((row) => row.id))) {
    const refusal = new Refusal('unit_out_of_scope', 'the dossier turned out to belong to a unit outside the reach of this key');
    await keepRefused(connection, 'dossiers', { id: key }, strange.filter((row) => row.id === key).map((row, index) => ({ index, refusal, value: row.body })), units);
  }
}

/** The first event of a dossier names its unit and procedure; nobody writes to a dossier of a unit that the key does not reach. */
function refuseStrangers(incoming: Incoming<DossierEventBody>[], before: Awaited<ReturnType<typeof loadDossiers>>, source: Source, units: Units, zone: Zone): Applied['refused'] {
  const unitNamed = new Set<string>();
  const { dated } = units.history;
  /** Dossiers with a unit that was there on the day on which it was named. */
  const since = new Set<string>();
  const procedureNamed = new Set<string>();
  for (const { event, at } of incoming) {
    if (event.unit === undefined) continue;
    unitNamed.add(event.dossier);
    if (dated && notThen(units, event.unit, dayOf(at, zone)) === null) since.add(`${event.dossier} ${event.unit}`);
  }
  for (const { event } of incoming) if (event.procedure !== undefined) procedureNamed.add(event.dossier);
  const refused: Applied['refused'] = [];
  for (const { index, event, at } of incoming) {
    const known = before.get(event.dossier)?.state;
    // Sources repeat the unit on every event: what is already of a unit goes on under its code.
    const late = !dated || event.unit === undefined || known?.unit === event.unit || since.has(`${event.dossier} ${event.unit}`) ? null : notThen(units, event.unit, dayOf(at, zone));
    // Later statuses may overtake the first: they wait for their unit. A first status must bring it.
    const first = event.status === 'registered' || event.status === 'received';
    if (known?.unit && !source.units.has(known.unit)) refused.push({ index, refusal: new Refusal('unit_out_of_scope', 'the dossier belongs to a unit outside the reach of this key') });
    else if (late) refused.push({ index, refusal: late });
    else if (first && !known?.unit && !unitNamed.has(event.dossier)) refused.push({ index, refusal: new Refusal('unit_required', 'unit: required on the first event of a dossier') });
    else if (first && !known?.procedure && !procedureNamed.has(event.dossier)) refused.push({ index, refusal: new Refusal('procedure_required', 'procedure: required on the first event of a dossier') });
  }
  return refused;
}

function listUnknownProcedures(connection: Queryable, procedures: readonly (string | undefined)[], rules: DossierRules): Promise<unknown> {
  const unknown = [...new Set(procedures)].filter((code): code is string => code !== undefined && !rules.knownProcedure(code));
  return unknown.length === 0 ? Promise.resolve() : connection.query('INSERT INTO unknown_procedures (code) SELECT unnest($1::text[]) ON CONFLICT (code) DO UPDATE SET last_seen_at = now()', [unknown]);
}
