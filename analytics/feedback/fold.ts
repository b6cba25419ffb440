/** A feedback case («phản ánh, kiến nghị») of the hotline or a portal. */
import { dayOf, type Zone } from '../time/localDay.ts';
import { holderOn, type Contribution, type Counts, type Holders } from '../kpi/counters.ts';

export interface CaseEvent { eventId: string; unit: string; status: 'received' | 'assigned' | 'resolved' | 'reopened'; at: number; dueAt?: number | undefined; satisfied?: boolean | undefined; category?: string | undefined; dossier?: string | undefined; source?: string | undefined }
export interface CaseState { unit: string; status: string; receivedAt: number | null; resolvedAt: number | null; dueAt: number | null; satisfied: boolean | null; category: string | null; /** What it is about. */ dossier: string | null; /** Where it came in first. */ source: string | null; reopened: boolean; lastAt: number }

/** Whether the second name means the unit that goes on with the work of the first: such a dossier or case does not move. */
export type GoesOn = (held: { unit: string; at: number }, named: { unit: string; at: number }) => boolean;

/** The unit that was named last answers for the case. A reopened case is unresolved until it is resolved again. */
export function foldCase(events: readonly CaseEvent[], goesOn?: GoesOn): CaseState {
  const state: CaseState = { unit: '', status: 'received', receivedAt: null, resolvedAt: null, dueAt: null, satisfied: null, category: null, dossier: null, source: null, reopened: false, lastAt: 0 };
  let namedAt = 0;
  for (const event of [...events].sort((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1))) {
    if (state.unit === '' || !goesOn?.({ unit: state.unit, at: namedAt }, { unit: event.unit, at: event.at })) { state.unit = event.unit; namedAt = event.at; }
    state.status = event.status;
    state.lastAt = event.at;
    state.dueAt = event.dueAt ?? state.dueAt;
    state.category = event.category ?? state.category;
    state.dossier = event.dossier ?? state.dossier;
    state.source ??= event.source ?? null;
    if (event.satisfied !== undefined) state.satisfied = event.satisfied;
    // The clock of a case starts with the first that was heard of it, whichever status told it.
    state.receivedAt ??= event.at;
    if (event.status === 'resolved') state.resolvedAt ??= event.at;
    if (event.status === 'reopened') { state.resolvedAt = null; state.reopened = true; }
  }
  return state;
}

/** `holders`: where units have a life, who had the work on each day. */
export function caseContribution(state: CaseState | null, zone: Zone, holders?: Holders): Contribution[] {
  if (!state) return [];
  const byDay = new Map<number, Counts>();
  const on = (instant: number) => {
    const day = dayOf(instant, zone);
    const counts = byDay.get(day) ?? {};
    byDay.set(day, counts);
    return counts;
  };
  if (state.receivedAt !== null) on(state.receivedAt).casesReceived = 1;
  if (state.resolvedAt !== null) {
    const counts = on(state.resolvedAt);
    counts.casesResolved = 1;
    if (state.dueAt === null || state.resolvedAt <= state.dueAt) counts.casesResolvedOnTime = 1;
    if (state.satisfied !== null) counts.casesRated = 1;
    if (state.satisfied === true) counts.casesSatisfied = 1;
  }
  const chain = holders?.(state.unit, dayOf(state.receivedAt ?? state.lastAt, zone));
  return [...byDay].map(([day, counts]) => ({ unit: chain ? holderOn(chain, day) : state.unit, day, procedure: null, channel: null, counts }));
}
