/** How a dossier stands against its deadline. */
import { dayOf, type Zone } from '../time/localDay.ts';
import type { DossierState, Pause } from './fold.ts';

export type Resolution = 'early' | 'on_time' | 'late';
export type Standing = Resolution | 'pending' | 'overdue' | 'due_soon' | 'paused' | 'refused' | 'withdrawn' | 'stopped' | 'not_received';

/**
 * Late: after the deadline. Early: on a day before the due day. On time: the rest, a dossier without a deadline among
 * them (nothing was promised, so nothing was broken).
 */
export function resolution(resolvedAt: number, dueAt: number | null, zone: Zone): Resolution {
  if (dueAt === null) return 'on_time';
  if (resolvedAt > dueAt) return 'late';
  return dayOf(resolvedAt, zone) < dayOf(dueAt, zone) ? 'early' : 'on_time';
}

export function isPaused(pauses: readonly Pause[], at: number): boolean {
  return pauses.some((pause) => pause.from <= at && (pause.to === null || pause.to > at));
}

/** The standing at an instant. `soon` is the lead of «due soon» in milliseconds. */
export function standing(state: DossierState, at: number, soon: number, zone: Zone): Standing {
  if (state.closedAt !== null && state.closedAt <= at) {
    if (state.resolvedAt !== null) return resolution(state.resolvedAt, state.dueAt, zone);
    if (state.refusedAt !== null) return 'refused';
    return state.withdrawnAt !== null ? 'withdrawn' : 'stopped';
  }
  if (state.receivedAt === null || state.receivedAt > at) return 'not_received';
  if (isPaused(state.pauses, at)) return 'paused';
  if (state.dueAt === null) return 'pending';
  if (state.dueAt < at) return 'overdue';
  return state.dueAt - at <= soon ? 'due_soon' : 'pending';
}
