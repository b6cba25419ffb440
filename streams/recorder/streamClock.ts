/**
 * Which instant the media time zero of a run was. ffmpeg says about once a second how far its output has come; the
 * frame it speaks of was taken a little earlier, more or less late by the network. The smallest distance over the last
 * minute is the least late one. Following it also follows a camera whose clock runs fast or slow.
 *
 * Two clocks may leap meanwhile. When the wall clock is set, what this run recorded keeps its times (the run is begun anew
 * by the node). When the camera's own time leaps, the distance is no measure of anything any more: that is told.
 */
const WINDOW_MS = 60_000;
/** As much as a wall clock may be set by within a run. */
const STEP_MS = 3000;
/** Lateness varies by less than this; a camera that is silent for longer is given up before. */
const LEAP_MS = 10_000;

export class StreamClock {
  readonly #samples: { at: number; zero: number }[] = [];
  #offset: number | null = null;
  #late = 0;
  #from = 0;

  /** `steadyMs` never steps. True when the camera's time has leapt. */
  add(wallMs: number, steadyMs: number, outMs: number): boolean {
    const offset = wallMs - steadyMs;
    if (this.#offset !== null && Math.abs(offset - this.#offset) > STEP_MS) return false;
    // Slewed slowly, as a clock is that follows another.
    this.#offset = offset;
    const zero = wallMs - outMs;
    const before = this.zeroMs();
    // Never early, so a smaller distance is a leap ahead at once; a larger one may be this machine that is late, once.
    if (before !== null && zero < before - LEAP_MS) return true;
    // A machine that does not keep up falls behind little by little: that is no leap.
    if (this.#late === 0) this.#from = this.#samples.at(-1)?.zero ?? zero;
    this.#late = zero > this.#from + LEAP_MS ? this.#late + 1 : 0;
    if (this.#late > 0) return this.#late > 2;
    this.#samples.push({ at: steadyMs, zero });
    while (this.#samples.length > 1 && steadyMs - (this.#samples[0]?.at ?? steadyMs) > WINDOW_MS) this.#samples.shift();
    return false;
  }

  /** What the wall clock would say now, had nobody set it. */
  wallMs(steadyMs: number): number | null { return this.#offset === null ? null : steadyMs + this.#offset; }

  /** Null before the first word of ffmpeg. */
  zeroMs(): number | null {
    if (this.#samples.length === 0) return null;
    return Math.min(...this.#samples.map((one) => one.zero));
  }
}
