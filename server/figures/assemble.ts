/** From sums of counters and counts of what is open to the figures of the contract. */
import { rate } from '#analytics/kpi/counters.ts';
import type { Figures } from '#contract/figures.ts';

/** A row of sums, in the names of the columns of counter_days. Missing means nothing was counted. */
export type Sums = Readonly<Record<string, number | null | undefined>>;
export interface Open extends Record<string, unknown> { pending: number; overdue: number; due_soon: number; paused: number }
export interface QueueNow extends Record<string, unknown> { waiting: number; longest: number | null; p90: number | null; open_counters: number }
export interface CasesOpen extends Record<string, unknown> { pending: number; overdue: number }

export const NOTHING_OPEN: Open = { pending: 0, overdue: 0, due_soon: 0, paused: 0 };
export const NO_QUEUE: QueueNow = { waiting: 0, longest: null, p90: null, open_counters: 0 };
export const NO_CASES: CasesOpen = { pending: 0, overdue: 0 };

/**
 * Facts that no dossier of the period carries give null, not 0: nobody said that nothing was digitised. Where some
 * carry them, the others count as «no», as the formulas of Decision 766 do (all dossiers in the denominator).
 */
export function assemble(sums: Sums, open: Open, queue: QueueNow, cases: CasesOpen): Figures {
  const n = (name: string) => sums[name] ?? 0;
  const known = (name: string, numerator: number, denominator: number) => (n(name) > 0 ? rate(numerator, denominator) : null);
  return {
    dossiers: {
      received: n('received'), resolved: n('resolved'), resolvedEarly: n('resolved_early'), resolvedOnTime: n('resolved_on_time'), resolvedLate: n('resolved_late'),
      onTimeRate: rate(n('resolved_early') + n('resolved_on_time'), n('resolved')),
      refused: n('refused'), withdrawn: n('withdrawn'), pending: open.pending, pendingOverdue: open.overdue, pendingDueSoon: open.due_soon, pendingPaused: open.paused,
      receivedOnline: n('received_online'), onlineRate: known('channel_known', n('received_online'), n('received')),
      digitized: n('digitized'), digitizedRate: known('digitized_known', n('digitized'), n('received')),
      electronicResultRate: known('electronic_result_known', n('electronic_result'), n('resolved')),
      paidOnlineRate: rate(n('paid_online'), n('fee_required')), outOfBoundary: n('out_of_boundary'), apologies: n('apologies'),
    },
    queue: {
      waiting: queue.waiting, longestWaitSeconds: queue.longest, served: n('tickets_served'), noShow: n('tickets_no_show'),
      averageWaitSeconds: n('waits') > 0 ? n('wait_seconds') / n('waits') : null, p90WaitSeconds: queue.p90, openCounters: queue.open_counters,
    },
    satisfaction: {
      responses: n('responses'), satisfied: n('satisfied'), dissatisfied: n('dissatisfied'), dissatisfiedByFault: n('dissatisfied_by_fault'),
      satisfiedRate: rate(n('satisfied'), n('responses')), dissatisfiedRate: rate(n('dissatisfied'), n('responses')),
    },
    feedback: {
      received: n('cases_received'), resolved: n('cases_resolved'), resolvedOnTime: n('cases_resolved_on_time'), pending: cases.pending, pendingOverdue: cases.overdue,
      onTimeRate: rate(n('cases_resolved_on_time'), n('cases_resolved')), satisfiedRate: rate(n('cases_satisfied'), n('cases_rated')),
    },
  };
}
