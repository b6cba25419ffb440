/** Gaps of recordings: each with its reason, and none told where the catalogue may not be complete yet. */
import { describe, expect, it } from 'vitest';
import { withGaps } from '../../server/recordings/spans.ts';

const minute = 60_000;
const told = (answer: ReturnType<typeof withGaps>) => answer.gaps.map((gap) => [Date.parse(gap.from) / minute, Date.parse(gap.to) / minute, gap.reason]);

describe('spans and gaps of a recording', () => {
  it('joins segments over a seam, and says why there is nothing between', () => {
    const answer = withGaps('c', [{ starts: 10 * minute, ends: 11 * minute }, { starts: 11 * minute + 2_000, ends: 12 * minute }, { starts: 20 * minute, ends: 30 * minute }], [{ at: 12 * minute, state: 'offline', gap: 'camera_away' }], 5 * minute, 40 * minute, 30 * minute + 5_000, 10 * minute);
    expect(answer.spans).toHaveLength(2);
    expect(told(answer)).toEqual([[5, 10, 'before_first'], [12, 20, 'camera_away'], [30, 40, 'not_yet']]);
  });
  it('tells a gap once it is certain', () => {
    expect(told(withGaps('c', [{ starts: 0, ends: minute }], [{ at: minute, state: 'offline', gap: 'camera_away' }], 0, 4 * minute, 2 * minute, 0))).toEqual([[1, 2, 'camera_away'], [2, 4, 'not_yet']]);
  });
  it('never guesses a reason', () => { expect(told(withGaps('c', [{ starts: 0, ends: minute }, { starts: 2 * minute, ends: 3 * minute }], [], 0, 3 * minute, 60 * minute, 0))).toEqual([[1, 2, 'unknown']]); });
});
