/** POST /ingest/dossiers: events → state of each dossier touched → counters, in one transaction. */
import type { ClockRules } from '#analytics/dossier/fold.ts';
import type { Holders } from '#analytics/kpi/counters.ts';
import { dayOf, type Zone } from '#analytics/time/localDay.ts';
import { dossierEvent, type DossierEventBody } from '#contract/events.ts';
import { compareTouched, type Changed } from '../coverage/dayStates.ts';
import type { Connection, Queryable } from '../database/pool.ts';
import type { CalendarContent, Calendars } from '../deadlines/calendars.ts';
import { changesOf, reckon, type Counted } from '../deadlines/reckoned.ts';
import { notThen } from '../units/asked.ts';
import type { Units } from '../units/tree.ts';
import { applyCounters } from './counters.ts';
import { loadDossiers, loadEvents, storeDossiers, storeEvents } from './dossierRows.ts';
import { kindNumber, takeFresh, type Applied, type Incoming, type Kind } from './kind.ts';
import { Refusal } from './refusal.ts';
import type { Source } from './source.ts';

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
  // The events themselves depend on nobody: several senders write theirs at the same time.
  let fresh = await takeEvents(connection, incoming, source);
  await alone();
  const before = await loadDossiers(connection, [...new Set(incoming.map((one) => one.event.dossier))]);
  const refused = refuseStrangers(incoming, before, source, units, rules.zone);
  const out = new Set(refused.map((one) => one.index));
  const allowed = incoming.filter((one) => !out.has(one.index));
  if (refused.length > 0) {
    // Rare: what was taken is given back, and only what is allowed is taken again.
    await giveBackEvents(connection, fresh);
    fresh = await takeEvents(connection, allowed, source);
  }
  if (fresh.length === 0) return { touched: new Map(), heard: [], refused, fresh: [] };

  const codes = [...new Set(fresh.map((one) => one.event.dossier))];
  const events = await loadEvents(connection, codes, fresh.map((one) => one.event), before);
  // A dossier that real events and simulated ones name belongs to the side that named it first.
  const clockOf = await rules.calendars.clocks(connection, [...before.values()].flatMap((one) => (one.reported ? [one.calendar, one.reported.calendar] : [one.calendar])));
  const after = codes.map((code) => ({ code, ...reckon(events.get(code) ?? [], before.get(code), rules.calendars.current, clockOf), simulated: before.get(code)?.simulated ?? source.simulated }));
  // While the database stores the states, the counters are reckoned here: everybody else waits for both.
  const stored = storeDossiers(connection, after);
  // Should the reckoning fail first, its own error is the one to tell.
  stored.catch(() => undefined);
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
  await Promise.all([stored, applyCounters(connection, changes), listUnknownProcedures(connection, fresh.map((one) => one.event.procedure), rules)]);
  await compareTouched(connection, changed, at);
  const unitOf = new Map(after.map(({ code, state }) => [code, state.unit]));
  const heard = fresh.flatMap(({ event, at: happened }) => { const unit = unitOf.get(event.dossier); return unit ? [[unit, happened] as const] : []; });
  return { touched, heard, refused, fresh: fresh.map((one) => one.index) };
}

async function takeEvents(connection: Connection, events: Incoming<DossierEventBody>[], source: Source): Promise<Incoming<DossierEventBody>[]> {
  if (events.length === 0) return [];
  const fresh = await takeFresh(connection, 'dossiers', events, source.simulated);
  if (fresh.length > 0) await storeEvents(connection, fresh, source);
  return fresh;
}

async function giveBackEvents(connection: Queryable, events: readonly Incoming<DossierEventBody>[]): Promise<void> {
  const ids = events.map((one) => one.event.eventId);
  await connection.query('DELETE FROM dossier_events WHERE (event_id, at) IN (SELECT * FROM unnest($1::text[], $2::timestamptz[]))', [ids, events.map((one) => new Date(one.at))]);
  await connection.query('DELETE FROM event_ids WHERE kind = $1 AND event_id = ANY($2)', [kindNumber('dossiers'), ids]);
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

async function listUnknownProcedures(connection: Queryable, procedures: readonly (string | undefined)[], rules: DossierRules): Promise<void> {
  const unknown = [...new Set(procedures)].filter((code): code is string => code !== undefined && !rules.knownProcedure(code));
  if (unknown.length > 0) await connection.query('INSERT INTO unknown_procedures (code) SELECT unnest($1::text[]) ON CONFLICT (code) DO UPDATE SET last_seen_at = now()', [unknown]);
}
