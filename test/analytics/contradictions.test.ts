/** What contradicts itself has one defined meaning, the same in whatever order it came (docs/design/counters.md). */
import { describe, expect, it } from 'vitest';
import { contribution } from '#analytics/dossier/contribution.ts';
import { fold, type ClockRules, type DossierEvent, type Status } from '#analytics/dossier/fold.ts';
import { standing } from '#analytics/dossier/outcome.ts';
import { dayText, HOUR } from '#analytics/time/localDay.ts';
import { addWorking, workingBetween } from '#analytics/time/workingCalendar.ts';
import { at, calendar, local, zone } from './shipped.ts';

const rules: ClockRules = { deadline: () => null, workingBetween: (unit, from, to) => workingBetween(calendar, zone, unit, from, to), addWorking: (unit, from, amount) => addWorking(calendar, zone, unit, from, amount) };
type Step = [when: string, status: Status, more?: Partial<DossierEvent>];
/** The story as it happened and from its end backwards: the meaning may not depend on the order of arrival. */
function story(...steps: Step[]) {
  const events = steps.map(([when, status, more], i): DossierEvent => ({ eventId: `e${i}`, at: at(when), status, unit: 'u', procedure: 'p', ...more }));
  const state = fold(events, rules);
  expect(fold([...events].reverse(), rules)).toEqual(state);
  return state;
}
const counted = (state: ReturnType<typeof fold>) => contribution(state, zone).map(({ unit, day, counts }) => [unit, dayText(day), Object.entries(counts).filter(([, n]) => n !== 0).map(([name]) => name).filter((name) => !/nown$/.test(name)).sort().join(' ')]);

describe('contradictory events', () => {
  it('resolved before received: both on their days, never pending', () => {
    const state = story(['2026-03-03 09:00', 'received'], ['2026-03-02 09:00', 'resolved']);
    expect(counted(state).sort()).toEqual([['u', '2026-03-02', 'resolved resolvedOnTime'], ['u', '2026-03-03', 'entered left received']]);
    for (const moment of ['2026-03-01 09:00', '2026-03-02 10:00', '2026-03-03 10:00']) expect(standing(state, at(moment), HOUR, zone)).not.toBe('pending');
  });
  it('received twice: the first counts', () => {
    expect(counted(story(['2026-03-02 09:00', 'received'], ['2026-03-04 09:00', 'received']))).toEqual([['u', '2026-03-02', 'entered received']]);
  });
  it('two due times: the later told one', () => {
    const state = story(['2026-03-02 09:00', 'received', { dueAt: at('2026-03-05 17:00') }], ['2026-03-03 09:00', 'processing', { dueAt: at('2026-03-04 17:00') }], ['2026-03-05 09:00', 'resolved']);
    expect([state.dueAt === null ? null : local(state.dueAt), standing(state, at('2026-03-06 09:00'), HOUR, zone)]).toEqual(['2026-03-04 17:00', 'late']);
  });
  it('another unit later: the whole dossier is its', () => {
    expect(counted(story(['2026-03-02 09:00', 'received'], ['2026-03-04 09:00', 'processing', { unit: 'v' }]))).toEqual([['v', '2026-03-02', 'entered received']]);
  });
  it('a status after the end: shown, and counted no more', () => {
    const state = story(['2026-03-02 09:00', 'received'], ['2026-03-03 09:00', 'resolved'], ['2026-03-04 09:00', 'withdrawn'], ['2026-03-05 09:00', 'resolved'], ['2026-03-06 09:00', 'refused']);
    expect(state.status).toBe('refused');
    expect(counted(state).sort()).toEqual([['u', '2026-03-02', 'entered received'], ['u', '2026-03-03', 'left resolved resolvedOnTime']]);
  });
  it('a supplement that nobody asked for: nothing', () => {
    expect(story(['2026-03-02 09:00', 'received'], ['2026-03-03 09:00', 'supplement_received'], ['2026-03-03 10:00', 'fee_paid']).pauses).toEqual([]);
  });
  it('two events of one instant: in the order of their ids', () => {
    const instant = at('2026-03-02 09:00');
    const events: DossierEvent[] = [{ eventId: 'b', at: instant, status: 'processing', unit: 'second' }, { eventId: 'a', at: instant, status: 'received', unit: 'first' }];
    expect([fold(events, rules).unit, fold([...events].reverse(), rules).unit]).toEqual(['second', 'second']);
  });
});
