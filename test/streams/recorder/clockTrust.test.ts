import { describe, expect, it } from 'vitest';
import { openClockTrust } from '#streams/recorder/clockTrust.ts';
import { StreamClock } from '#streams/recorder/streamClock.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 31);

describe('a clock that decides what is deleted', () => {
  const trustAt = (lastSignMs: number | null) => {
    const at = { wall: NOW, steady: 0 };
    const pass = (ms: number) => { at.wall += ms; at.steady += ms; };
    return { at, pass, trust: openClockTrust({ now: () => at.wall, steady: () => at.steady, lastSignMs }) };
  };
  it('is believed as long as it runs, and no more for an hour after it was set', () => {
    const { at, pass, trust } = trustAt(NOW - 1000);
    for (let i = 0; i < 100; i += 1) { pass(1000); expect(trust.stepped()).toBe(false); }
    expect(trust.mayExpire()).toBe(true);
    for (const step of [HOUR, -HOUR, -NOW, NOW + 365 * 24 * HOUR]) {
      at.wall += step;
      expect([trust.stepped(), trust.stepped(), trust.mayExpire()]).toEqual([true, false, false]);
      pass(HOUR - 1000);
      expect([trust.stepped(), trust.mayExpire()]).toEqual([false, false]);
      pass(2000);
      expect([trust.stepped(), trust.mayExpire()]).toEqual([false, true]);
    }
    // Files begin anew, but a few seconds do not make anything past its days.
    at.wall += 5000;
    expect([trust.stepped(), trust.mayExpire()]).toEqual([true, true]);
  });
  it('is not believed when it comes up before its last sign of life, or long after, or as long as the centre says otherwise', () => {
    expect([NOW + HOUR, NOW - 8 * 24 * HOUR, NOW - 24 * HOUR, null].map((sign) => trustAt(sign).trust.mayExpire())).toEqual([false, false, true, true]);
    const { trust, pass } = trustAt(null);
    trust.centreSays(NOW - HOUR);
    pass(2 * HOUR);
    expect(trust.mayExpire()).toBe(false);
    trust.centreSays(Number.NaN);
    expect(trust.mayExpire()).toBe(false);
    trust.centreSays(NOW + 2 * HOUR + 60_000);
    expect(trust.mayExpire()).toBe(true);
  });
});

describe('media time on the wall', () => {
  it('keeps its place when the wall clock is set, follows a slewed one, and says when the camera leaps', () => {
    const clock = new StreamClock();
    for (let s = 1; s <= 30; s += 1) expect(clock.add(NOW + s * 1000 + 80, s * 1000, s * 1000)).toBe(false);
    expect(clock.zeroMs()).toBe(NOW + 80);
    for (const step of [-HOUR, HOUR, -NOW]) { expect(clock.add(NOW + step + 31_000, 31_000, 31_000)).toBe(false); expect(clock.zeroMs()).toBe(NOW + 80); }
    expect(clock.add(NOW + 32_000, 32_000, 32_000 + 6 * HOUR)).toBe(true);
    // Late once is this machine, late on and on is the camera.
    expect([33, 34, 35].map((s) => clock.add(NOW + s * 1000, s * 1000, s * 1000 - 20_000))).toEqual([false, false, true]);
    // A machine that falls behind, a quarter of a second each second.
    const busy = new StreamClock();
    for (let s = 1; s <= 200; s += 1) expect(busy.add(NOW + s * 1000, s * 1000, s * 750)).toBe(false);
    for (let s = 40; s <= 200; s += 1) clock.add(NOW + s * 1010, s * 1000, s * 1000);
    expect(clock.zeroMs()).toBeGreaterThan(NOW + 1000);
  });
});
