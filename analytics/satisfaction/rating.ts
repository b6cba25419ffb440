/** A rating of 1–5: 4 and 5 are satisfied, 1 and 2 dissatisfied; 3 is neither, so the two rates are no complements. */
import { dayOf, type Zone } from '../time/localDay.ts';
import type { Contribution } from '../kpi/counters.ts';

export function isSatisfied(rating: number): boolean { return rating >= 4; }
export function isDissatisfied(rating: number): boolean { return rating <= 2; }

/** `fault`: the dissatisfaction is due to an error of the desk, which the < 1.3 % target counts (plan 01/KH-KCNĐN). */
export function ratingContribution(survey: { unit: string; at: number; rating: number; fault: boolean }, zone: Zone): Contribution[] {
  return [{
    unit: survey.unit, day: dayOf(survey.at, zone), procedure: null, channel: null,
    counts: {
      responses: 1,
      ...(isSatisfied(survey.rating) ? { satisfied: 1 } : {}),
      ...(isDissatisfied(survey.rating) ? { dissatisfied: 1 } : {}),
      ...(isDissatisfied(survey.rating) && survey.fault ? { dissatisfiedByFault: 1 } : {}),
    },
  }];
}
