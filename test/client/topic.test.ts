import { describe, expect, it } from 'vitest';
import en from '../../client/messages/en.json';
import vi from '../../client/messages/vi.json';
import { share, span } from '../../client/design/format.ts';
import { applyPatch, NOTHING, type Held } from '../../client/live/topic.ts';

const held: Held = { seq: 10, asOf: 'x', state: { ...NOTHING, queue: { a: { unit: 'a', waiting: 1, longestWaitSeconds: null, servedToday: 0, averageWaitSeconds: null, openCounters: 0, lastEventAt: null } } } };
const patch = (seq: number) => ({ seq, asOf: 'y', set: { queue: { b: { unit: 'b' } } }, remove: { queue: ['a'] } });

describe('the live state of a screen', () => {
  it('takes the next patch', () => { expect(Object.keys(applyPatch(held, patch(11))?.state.queue ?? {})).toEqual(['b']); });
  it('never passes over a gap', () => { expect(applyPatch(held, patch(12))).toBeNull(); });
  it('is not changed by an old patch', () => { expect(applyPatch(held, patch(10))).toBe(held); });
});
describe('figures on a screen', () => {
  it('are written in the Vietnamese manner, and a share of nothing is a dash', () => { expect([share(0.9725), share(null), span(65), span(3725)]).toEqual(['97,3%', '—', '01:05', '1:02:05']); });
});
describe('the messages', () => {
  it('have the same keys in both languages', () => {
    const keys = (value: object, at = ''): string[] => Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'object' && inner !== null ? keys(inner as object, `${at}${key}.`) : [`${at}${key}`]));
    expect(keys(vi)).toEqual(keys(en));
  });
});
