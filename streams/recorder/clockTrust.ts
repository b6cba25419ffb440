/**
 * Whether this machine's clock may decide that recordings are past their days. A clock that was set, that comes up days
 * away from the last sign of life, or that the centre contradicts, may not: what it would delete cannot be brought back.
 */
export interface ClockTrust {
  /** Asked once a second; true when the wall clock was set since. */
  stepped(): boolean;
  /** What time the centre says it is. */
  centreSays(ms: number): void;
  mayExpire(): boolean;
}

/** Files are named by the wall clock: by so much it may be set without that they begin anew. */
const STEP_MS = 3000;
const MINUTE = 60_000;
/** Somebody sees it, or it is set right: so long nothing expires after the clock was set. */
const DOUBT_MS = 60 * MINUTE;
const APART_MS = 5 * MINUTE;
const LONG_AWAY_MS = 7 * 24 * 60 * MINUTE;

export function openClockTrust({ now, steady = () => performance.now(), lastSignMs }: { now: () => number; steady?: () => number; /** When this node last wrote that it lives. */ lastSignMs: number | null }): ClockTrust {
  let [wall, counter] = [now(), steady()];
  let doubtUntil = lastSignMs !== null && (wall < lastSignMs - MINUTE || wall - lastSignMs > LONG_AWAY_MS) ? counter + DOUBT_MS : -Infinity;
  let aheadMs = 0;
  return {
    stepped() {
      const [nextWall, nextCounter] = [now(), steady()];
      const by = Math.abs((nextWall - wall) - (nextCounter - counter));
      [wall, counter] = [nextWall, nextCounter];
      if (by > MINUTE) doubtUntil = counter + DOUBT_MS;
      return by > STEP_MS;
    },
    centreSays(ms) { if (Number.isFinite(ms)) aheadMs = ms - now(); },
    mayExpire: () => steady() >= doubtUntil && Math.abs(aheadMs) <= APART_MS,
  };
}
