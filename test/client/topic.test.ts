import { describe, expect, it } from 'vitest';
import { applyPatch, NOTHING, type Held } from '../../client/live/topic.ts';

const held: Held = { seq: 10, asOf: 'x', state: { ...NOTHING, queue: { a: { unit: 'a', waiting: 1, longestWaitSeconds: null, servedToday: 0, averageWaitSeconds: null, p90WaitSeconds: null, noShowToday: 0, openCounters: 0, expectedWaitSeconds: null, lastEventAt: null, simulated: false } } } };
const patch = (seq: number) => ({ seq, asOf: 'y', set: { queue: { b: { unit: 'b' } } }, remove: { queue: ['a'] } });

describe('the live state of a screen', () => {
  it('takes the next patch', () => { expect(Object.keys(applyPatch(held, patch(11))?.state.queue ?? {})).toEqual(['b']); });
  it('never passes over a gap', () => { expect(applyPatch(held, patch(12))).toBeNull(); });
  it('is not changed by an old patch', () => { expect(applyPatch(held, patch(10))).toBe(held); });
});
