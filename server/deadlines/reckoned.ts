/** A dossier with the calendar of its deadline, and what it counts: as corrected, and the difference to what was first reported. */
import { contribution } from '#analytics/dossier/contribution.ts';
import { continueEnded, fold, type DossierEvent, type DossierState } from '#analytics/dossier/fold.ts';
import { difference, type Contribution, type Holders } from '#analytics/kpi/counters.ts';
import type { Zone } from '#analytics/time/localDay.ts';
import type { ClockOf } from './calendars.ts';

export interface Reckoned {
  state: DossierState;
  /** The calendar of `state.dueAt`. */
  calendar: number;
  /** Where a correction moved the deadline: the calendar by which it was first counted, and the deadline by it. */
  reported: { calendar: number; dueAt: number | null } | null;
  /** False where retention took its events: it goes on from its state. */
  eventsKept: boolean;
}

/**
 * All events of a dossier, folded by the calendar that its deadline was counted by; one without a deadline yet by the present one.
 * Of a dossier whose events are gone, `events` are the new ones only.
 */
export function reckon(events: readonly DossierEvent[], before: Reckoned | undefined, current: number, clockOf: ClockOf): Reckoned {
  if (before && !before.eventsKept) return { ...before, state: continueEnded(before.state, events, clockOf(before.calendar)) };
  return reckonBy(events, before && before.state.dueAt !== null ? before.calendar : current, before?.reported ?? null, clockOf);
}

/** All events of a dossier by these calendars. */
export function reckonBy(events: readonly DossierEvent[], calendar: number, reported: Reckoned['reported'], clockOf: ClockOf): Reckoned {
  return { state: fold(events, clockOf(calendar)), calendar, reported: reported && { ...reported, dueAt: fold(events, clockOf(reported.calendar)).dueAt }, eventsKept: true };
}

export type Counted = Contribution & { simulated: boolean; /** As first reported minus as corrected. */ reported?: true };

interface Counting { zone: Zone; holders?: Holders }
function reportedParts({ state, reported }: Reckoned, { zone, holders }: Counting): Contribution[] {
  return reported === null ? [] : difference(contribution(state, zone, holders), contribution({ ...state, dueAt: reported.dueAt }, zone, holders));
}

/** What changes in the counters: `corrected` in those of the figures, `reported` in those beside them. */
export function changesOf(before: Reckoned | null, after: Reckoned, rules: Counting): { corrected: Contribution[]; reported: Contribution[] } {
  const reported = before?.reported || after.reported ? difference(before ? reportedParts(before, rules) : [], reportedParts(after, rules)) : [];
  return { corrected: difference(contribution(before?.state ?? null, rules.zone, rules.holders), contribution(after.state, rules.zone, rules.holders)), reported };
}

export function countedOf(dossier: Reckoned, simulated: boolean, rules: Counting): Counted[] {
  return [...contribution(dossier.state, rules.zone, rules.holders).map((part) => ({ ...part, simulated })), ...reportedParts(dossier, rules).map((part) => ({ ...part, simulated, reported: true as const }))];
}
