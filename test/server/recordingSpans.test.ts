/** Gaps of recordings: each with its reason, and none told where the catalogue may not be complete yet. */
import { describe, expect, it } from 'vitest';
import { joinPlaylists } from '../../server/recordings/joinPlaylists.ts';
import { explainAbsence, withGaps } from '../../server/recordings/spans.ts';

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

describe('recordings on several nodes', () => {
  it('a gap says which part of it lies on a node that is away, and what a move cost', () => {
    const spans = withGaps('c', [{ starts: 0, ends: minute }, { starts: 5 * minute, ends: 6 * minute }], [{ at: 3 * minute, state: 'offline', gap: 'camera_away' }], 0, 6 * minute, 60 * minute, 0);
    expect(told(explainAbsence(spans, [{ starts: 2 * minute, ends: 3 * minute }], []))).toEqual([[1, 2, 'camera_away'], [2, 3, 'node_away'], [3, 5, 'camera_away']]);
    expect(told(explainAbsence(spans, [], [{ at: 1.5 * minute, isAway: false }]))).toEqual([[1, 2, 'node_moved'], [2, 5, 'camera_away']]);
    expect(told(explainAbsence(spans, [], [{ at: 1.5 * minute, isAway: true }]))).toEqual([[1, 2, 'node_away'], [2, 5, 'camera_away']]);
    expect(told(explainAbsence(spans, [], [{ at: 30 * minute, isAway: true }]))).toEqual([[1, 5, 'camera_away']]);
  });

  const playlist = (from: number, count: number, file: string) => ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-MAP:URI="segments/${file}",BYTERANGE="800@0"`, `#EXT-X-PROGRAM-DATE-TIME:${new Date(from).toISOString()}`, ...Array.from({ length: count }, (_, i) => [`#EXTINF:2.00000,`, `#EXT-X-BYTERANGE:100@${800 + i * 100}`, `segments/${file}`]).flat(), '#EXT-X-ENDLIST', ''].join('\n');
  it('are one playlist: each fragment once, those of another node with its name', () => {
    const joined = joinPlaylists([{ node: 'old', text: playlist(0, 5, 'a.mp4') }, { node: 'now', text: playlist(7000, 5, 'b.mp4') }], 'now') ?? '';
    const lines = joined.split('\n');
    expect(lines.filter((line) => line === 'segments/a.mp4?node=old')).toHaveLength(5);
    // The two that begin at 7 s and 9 s are shown by the other node already.
    expect(lines.filter((line) => line === 'segments/b.mp4')).toHaveLength(3);
    expect(lines.filter((line) => line.startsWith('#EXT-X-PROGRAM-DATE-TIME'))).toEqual(['#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z', '#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:11.000Z']);
    expect(lines.filter((line) => line === '#EXT-X-DISCONTINUITY')).toHaveLength(1);
    expect([lines[0], lines.at(-2)]).toEqual(['#EXTM3U', '#EXT-X-ENDLIST']);
    expect(joinPlaylists([{ node: 'now', text: '#EXTM3U\n' }], 'now')).toBeNull();
  });
});
