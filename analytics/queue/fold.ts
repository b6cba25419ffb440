/** A queue ticket: issued, called, served or missed. One ticket is (unit, number, local day of its events). */
import { dayOf, type Zone } from '../time/localDay.ts';
import type { Contribution, Counts } from '../kpi/counters.ts';

export interface TicketEvent {
  eventId: string; status: 'issued' | 'called' | 'served' | 'no_show' | 'transferred'; at: number;
  counter?: string | undefined; procedure?: string | undefined;
}
export interface TicketState {
  unit: string; issuedAt: number | null; calledAt: number | null; servedAt: number | null; noShowAt: number | null;
  /** The end of waiting: the first call, or, when no call was sent, the service or the no-show. */
  waitedUntil: number | null;
  counter: string | null; procedure: string | null; lastAt: number;
}

/** A ticket sent on to another counter waits on from its first issue: only the first call ends the wait. */
export function foldTicket(unit: string, events: readonly TicketEvent[]): TicketState {
  const state: TicketState = { unit, issuedAt: null, calledAt: null, servedAt: null, noShowAt: null, waitedUntil: null, counter: null, procedure: null, lastAt: 0 };
  for (const event of [...events].sort((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1))) {
    state.lastAt = event.at;
    state.counter = event.counter ?? state.counter;
    state.procedure = event.procedure ?? state.procedure;
    if (event.status === 'issued') state.issuedAt ??= event.at;
    else if (event.status === 'called') state.calledAt ??= event.at;
    else if (event.status === 'served') state.servedAt ??= event.at;
    else if (event.status === 'no_show') state.noShowAt ??= event.at;
  }
  const ends = [state.calledAt, state.servedAt, state.noShowAt].filter((at) => at !== null);
  state.waitedUntil = ends.length > 0 ? Math.min(...ends) : null;
  return state;
}

/** Seconds between issue and the end of waiting; null while unknown. */
export function waitSeconds(state: TicketState): number | null {
  return state.issuedAt === null || state.waitedUntil === null ? null : Math.max(0, Math.round((state.waitedUntil - state.issuedAt) / 1000));
}

/** Issues, services and no-shows on their own day; the wait with the day on which it ended. */
export function ticketContribution(state: TicketState | null, zone: Zone): Contribution[] {
  if (!state) return [];
  const byDay = new Map<number, Counts>();
  const add = (instant: number, name: keyof Counts, amount = 1) => {
    const day = dayOf(instant, zone);
    const counts = byDay.get(day) ?? {};
    byDay.set(day, counts);
    counts[name] = (counts[name] ?? 0) + amount;
  };
  if (state.issuedAt !== null) add(state.issuedAt, 'ticketsIssued');
  if (state.servedAt !== null) add(state.servedAt, 'ticketsServed');
  if (state.noShowAt !== null && state.servedAt === null) add(state.noShowAt, 'ticketsNoShow');
  const wait = waitSeconds(state);
  if (wait !== null && state.waitedUntil !== null) { add(state.waitedUntil, 'waits'); add(state.waitedUntil, 'waitSeconds', wait); }
  return [...byDay].map(([day, counts]) => ({ unit: state.unit, day, procedure: state.procedure, channel: null, counts }));
}
