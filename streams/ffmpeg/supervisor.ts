/**
 * The sequence of lives of one ffmpeg: start, judge, wait, start again, for ever, until stopped. What a life is made of
 * is asked anew each time, since addresses are resolved and passages opened for one life only.
 */
import type { CameraReason, Life, LifeEnd } from './life.ts';

export interface Backoff { firstMs: number; networkCapMs: number; capMs: number; healthyMs: number; longestLifeMs: number }
/**
 * A camera that comes back should be seen within seconds, and trying a connection costs it nothing: 8 s. A refusal
 * (wrong password) counts towards lock-outs in many cameras: 30 s. Live timestamps have 31 bits of milliseconds
 * (24.8 days), so a life is renewed before they end.
 */
export const BACKOFF: Backoff = { firstMs: 1000, networkCapMs: 8000, capMs: 30_000, healthyMs: 20_000, longestLifeMs: 20 * 86_400_000 };
const NETWORK_REASONS = new Set<CameraReason>(['unreachable', 'refused', 'no_packets', 'ended', 'unstable']);

export interface SupervisorListeners {
  /** Makes the next life, or says why there can be none now. */
  begin: () => Promise<Life | { impossible: CameraReason }>;
  /** Gives the reason that counts: others may know better than ffmpeg's exit. */
  onEnd: (end: LifeEnd) => Promise<CameraReason>;
}
export interface Supervisor {
  start(): void;
  /** Ends the running life; the next begins at once. For orders that changed, clocks that stepped. */
  renew(): void;
  /** A sign of health: frames are passing. */
  healthy(): void;
  fail(reason: CameraReason): void;
  readonly pid: number | null;
  stop(): Promise<void>;
}

export function createSupervisor(listeners: SupervisorListeners, random: () => number, backoff: Backoff = BACKOFF): Supervisor {
  let state: 'idle' | 'running' | 'stopping' = 'idle';
  let life: Life | null = null;
  let renewing = false;
  let failures = 0;
  let healthySince: number | null = null;
  let wake: (() => void) | null = null;
  let loop: Promise<void> = Promise.resolve();

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void { clearTimeout(timer); wake = null; resolve(); }
    wake = done;
  });
  const running = (): boolean => state === 'running';

  async function lives(): Promise<void> {
    while (running()) {
      healthySince = null;
      renewing = false;
      const begun = await listeners.begin().catch((): { impossible: CameraReason } => ({ impossible: 'unknown' }));
      let reason: CameraReason;
      if ('impossible' in begun) {
        reason = await listeners.onEnd({ reason: begun.impossible, wanted: false, exitCode: null, frames: 0, complaints: [] });
      } else {
        life = begun;
        if (!running()) void life.stop();
        const oldAge = setTimeout(() => { renewing = true; void begun.stop(); }, backoff.longestLifeMs);
        const end = await life.ended;
        clearTimeout(oldAge);
        life = null;
        if (healthySince !== null && performance.now() - healthySince >= backoff.healthyMs) failures = 0;
        reason = await listeners.onEnd(end);
      }
      if (!running()) return;
      if (renewing) continue;
      const cap = NETWORK_REASONS.has(reason) ? backoff.networkCapMs : backoff.capMs;
      const delay = Math.min(cap, backoff.firstMs * 2 ** Math.min(failures, 10));
      failures += 1;
      await sleep(delay * (0.7 + 0.3 * random()));
    }
  }

  return {
    start() { if (state === 'idle') { state = 'running'; loop = lives(); } },
    renew() { renewing = true; if (life !== null) void life.stop(); else wake?.(); },
    healthy() { healthySince ??= performance.now(); },
    fail(reason) { life?.fail(reason); },
    get pid() { return life?.pid ?? null; },
    async stop() {
      state = 'stopping';
      wake?.();
      if (life !== null) void life.stop();
      await loop;
    },
  };
}
