/** What counts as time in which a camera was up. */
import { describe, expect, it } from 'vitest';
import { zoneOf } from '#analytics/time/localDay.ts';
import { keepUptime } from '#server/cameras/uptime.ts';
import type { CameraState } from '#contract/vocabulary.ts';

async function shareOf(state: CameraState, counts: 'connected' | 'usable'): Promise<[known: number, up: number]> {
  const written: unknown[][] = [];
  const uptime = keepUptime({ query: async (_text: string, values: unknown[] = []) => { written.push(values); return { rows: [], rowCount: 0 }; } }, zoneOf('Asia/Ho_Chi_Minh'), counts);
  for (let second = 0; second <= 70; second += 10) await uptime.note([{ id: 'desk', unit: '26068', enabled: true, state, simulated: false }], new Date(Date.UTC(2026, 2, 2, 1, 0, second)));
  return [(written[0]?.[3] as number[] | undefined)?.[0] ?? 0, (written[0]?.[4] as number[] | undefined)?.[0] ?? 0];
}

describe('the uptime of a camera', () => {
  it('is the time in which it is connected, or only that in which its picture is usable', async () => {
    expect(await shareOf('online', 'connected')).toEqual([60, 60]);
    expect(await shareOf('online', 'usable')).toEqual([60, 60]);
    for (const state of ['black', 'frozen', 'covered'] as const) {
      expect([state, await shareOf(state, 'connected')]).toEqual([state, [60, 60]]);
      expect([state, await shareOf(state, 'usable')]).toEqual([state, [60, 0]]);
    }
    expect(await shareOf('offline', 'connected')).toEqual([60, 0]);
    expect(await shareOf('connecting', 'usable')).toEqual([0, 0]);
  });
});
