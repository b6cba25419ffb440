/**
 * The state of a dossier is the fold of its events in the order of (at, eventId), whatever order they arrived in.
 *
 * - The clock starts at `received`, stands still while a supplement or a fee is asked for, ends at the first of
 *   `resolved`, `returned` (a return without a resolution resolves), `refused`, `withdrawn`, `stopped`.
 * - What comes after that end changes status and facts but never reopens the clock or moves the end.
 * - The last `dueAt` that was told counts from its own moment on: what stood still before is already in it, what stands
 *   after moves it by its working time. Sources repeat the same `dueAt` on every event: that tells nothing new. The new date of an apology does not move it (Decree 61/2018,
 *   art. 19: the first deadline stays the one that is judged).
 * - Without a `dueAt` it is computed from the procedure; an unknown procedure has no deadline.
 */
export type Status =
  | 'registered' | 'received' | 'refused' | 'processing' | 'supplement_requested' | 'fee_requested'
  | 'withdrawn' | 'stopped' | 'resolved' | 'returned'
  | 'supplement_received' | 'fee_paid' | 'apology_sent' | 'facts_updated';

export interface Facts {
  feeRequired?: boolean | undefined; paidOnline?: boolean | undefined; digitized?: boolean | undefined;
  electronicResult?: boolean | undefined; resultByPost?: boolean | undefined; certifiedCopy?: boolean | undefined;
  dataReused?: boolean | undefined; personalStore?: boolean | undefined; identityVerified?: boolean | undefined;
}

/** One event; instants in milliseconds. */
export interface DossierEvent {
  eventId: string; status: Status; at: number;
  unit?: string | undefined; receivingUnit?: string | undefined; procedure?: string | undefined; channel?: string | undefined;
  dueAt?: number | undefined; newDueAt?: number | undefined; counter?: string | undefined; facts?: Facts | undefined;
}

export interface Pause { from: number; to: number | null }

export interface DossierState {
  unit: string | null; receivingUnit: string | null; procedure: string | null; channel: string | null; counter: string | null;
  /** The last of the ten portal statuses. */
  status: string;
  receivedAt: number | null; resolvedAt: number | null; refusedAt: number | null; withdrawnAt: number | null;
  /** The end of the clock, whichever way it ended. */
  closedAt: number | null;
  /** The deadline in force: moved by the pauses that are over. */
  dueAt: number | null;
  pauses: Pause[];
  /** How often a supplement was asked for before the end: Decision 766 counts more than one as late. */
  supplements: number;
  apologies: number[];
  /** The new date of the last letter of apology, and how many different ones were promised: the law allows one. */
  newDueAt: number | null; reappointments: number;
  /** These different dates, ascending; where retention took events from before they were kept, the last only. */
  promised: number[];
  facts: Facts;
  lastAt: number;
}

/** What the fold asks of the calendar and the procedures. */
export interface ClockRules {
  /** Null when the procedure is unknown. */
  deadline(unit: string | null, procedure: string | null, receivedAt: number): number | null;
  workingBetween(unit: string | null, from: number, to: number): number;
  addWorking(unit: string | null, from: number, amount: number): number;
  /** Where units have a life: whether the second name means the unit that goes on with the work of the first. Such a dossier does not move. */
  goesOn?(held: { unit: string; at: number }, named: { unit: string; at: number }): boolean;
}

const ENDS = new Set<Status>(['refused', 'withdrawn', 'stopped', 'resolved', 'returned']);
const HAPPENINGS = new Set<Status>(['supplement_received', 'fee_paid', 'apology_sent', 'facts_updated']);

/** By time, then by id, so that two events of one instant have one order everywhere. */
export function inOrder(a: DossierEvent, b: DossierEvent): number {
  return a.at - b.at || (a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0);
}

export function fold(events: readonly DossierEvent[], rules: ClockRules): DossierState {
  const ordered = [...events].sort(inOrder);
  const state: DossierState = {
    unit: null, receivingUnit: null, procedure: null, channel: null, counter: null, status: 'registered',
    receivedAt: null, resolvedAt: null, refusedAt: null, withdrawnAt: null, closedAt: null, dueAt: null,
    pauses: [], supplements: 0, apologies: [], newDueAt: null, reappointments: 0, promised: [], facts: {}, lastAt: 0,
  };
  let namedAt = 0;
  const promised = new Set<number>();
  let told = null as { dueAt: number; at: number } | null;
  const waitingFor = new Set<'supplement' | 'fee'>();
  for (const [i, event] of ordered.entries()) {
    // The same event twice is one event; in this order the two are neighbours.
    if (i > 0 && ordered[i - 1]?.eventId === event.eventId) continue;
    state.lastAt = event.at;
    if (event.unit !== undefined && (state.unit === null || !rules.goesOn?.({ unit: state.unit, at: namedAt }, { unit: event.unit, at: event.at }))) { state.unit = event.unit; namedAt = event.at; }
    state.receivingUnit = event.receivingUnit ?? state.receivingUnit;
    state.procedure = event.procedure ?? state.procedure;
    state.channel = event.channel ?? state.channel;
    state.counter = event.counter ?? state.counter;
    if (event.facts) for (const [name, value] of Object.entries(event.facts)) if (value !== undefined) state.facts[name as keyof Facts] = value;
    if (event.dueAt !== undefined && event.dueAt !== told?.dueAt) told = { dueAt: event.dueAt, at: event.at };
    if (!HAPPENINGS.has(event.status)) state.status = event.status;
    if (event.status === 'apology_sent') { state.apologies.push(event.at); if (event.newDueAt !== undefined) { promised.add(event.newDueAt); state.newDueAt = event.newDueAt; } }
    if (event.status === 'received') state.receivedAt ??= event.at;
    if (state.closedAt === null) {
      // Told again before it was answered, it is the same request.
      if (event.status === 'supplement_requested' && !waitingFor.has('supplement')) state.supplements += 1;
      move(state, waitingFor, event);
      if (ENDS.has(event.status)) close(state, event);
    }
  }
  state.promised = [...promised].sort((a, b) => a - b);
  state.reappointments = promised.size;
  state.dueAt = dueOf(state, told, rules);
  return state;
}

/**
 * A dossier that has ended and whose earlier events are no more goes on from its state: the clock stays as it ended, later
 * events change status, facts, apologies, unit and channel. What is older than the newest that is known adds facts that nobody told, no more.
 */
export function continueEnded(ended: DossierState, events: readonly DossierEvent[], rules: Pick<ClockRules, 'goesOn'>): DossierState {
  const state: DossierState = { ...ended, apologies: [...ended.apologies], promised: [...ended.promised], facts: { ...ended.facts } };
  for (const event of [...events].sort(inOrder)) {
    if (event.status === 'apology_sent') promise(state, event);
    const isNews = event.at >= state.lastAt;
    for (const [name, value] of Object.entries(event.facts ?? {})) if (value !== undefined && (isNews || state.facts[name as keyof Facts] === undefined)) state.facts[name as keyof Facts] = value;
    if (event.status === 'received') state.receivedAt ??= event.at;
    if (!isNews) continue;
    state.receivingUnit = event.receivingUnit ?? state.receivingUnit;
    state.procedure = event.procedure ?? state.procedure;
    state.channel = event.channel ?? state.channel;
    state.counter = event.counter ?? state.counter;
    if (event.unit !== undefined && (state.unit === null || !rules.goesOn?.({ unit: state.unit, at: state.lastAt }, { unit: event.unit, at: event.at }))) state.unit = event.unit;
    state.lastAt = event.at;
    if (!HAPPENINGS.has(event.status)) state.status = event.status;
  }
  return state;
}

/** A letter of apology among those that are known, whenever it comes: only another date than all before is one more re-appointment. */
function promise(state: DossierState, { at, newDueAt }: DossierEvent): void {
  const isLast = state.apologies.every((before) => before <= at);
  state.apologies = [...state.apologies, at].sort((a, b) => a - b);
  if (newDueAt === undefined) return;
  if (isLast || state.newDueAt === null) state.newDueAt = newDueAt;
  if (state.promised.includes(newDueAt)) return;
  state.promised = [...state.promised, newDueAt].sort((a, b) => a - b);
  state.reappointments += 1;
}

function move(state: DossierState, waitingFor: Set<'supplement' | 'fee'>, event: DossierEvent): void {
  if (event.status === 'supplement_requested') waitingFor.add('supplement');
  else if (event.status === 'fee_requested') waitingFor.add('fee');
  else if (event.status === 'supplement_received') waitingFor.delete('supplement');
  else if (event.status === 'fee_paid') waitingFor.delete('fee');
  const open = state.pauses[state.pauses.length - 1];
  if (waitingFor.size > 0 && (!open || open.to !== null)) state.pauses.push({ from: event.at, to: null });
  else if (waitingFor.size === 0 && open && open.to === null) open.to = event.at;
}

function close(state: DossierState, event: DossierEvent): void {
  state.closedAt = event.at;
  if (event.status === 'resolved' || event.status === 'returned') state.resolvedAt = event.at;
  else if (event.status === 'refused') state.refusedAt = event.at;
  else if (event.status === 'withdrawn') state.withdrawnAt = event.at;
  const open = state.pauses[state.pauses.length - 1];
  if (open && open.to === null) open.to = event.at;
}

function dueOf(state: DossierState, told: { dueAt: number; at: number } | null, rules: ClockRules): number | null {
  const base = told?.dueAt ?? (state.receivedAt === null ? null : rules.deadline(state.unit, state.procedure, state.receivedAt));
  if (base === null) return null;
  const countedFrom = told?.at ?? -Infinity;
  let stood = 0;
  for (const pause of state.pauses) {
    if (pause.to === null || pause.to <= countedFrom) continue;
    const from = Math.max(pause.from, state.receivedAt ?? pause.from, countedFrom);
    if (pause.to > from) stood += rules.workingBetween(state.unit, from, pause.to);
  }
  return rules.addWorking(state.unit, base, stood);
}
