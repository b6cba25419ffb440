/**
 * Which instant the media time zero of a run was. ffmpeg says about once a second how far its output has come; the
 * frame it speaks of was taken a little earlier, more or less late by the network. The smallest distance over the last
 * minute is the least late one. Following it also follows a camera whose clock runs fast or slow.
 */
const WINDOW_MS = 60_000;

export class StreamClock {
  readonly #samples: { at: number; zero: number }[] = [];

  add(wallMs: number, outMs: number): void {
    const zero = wallMs - outMs;
    this.#samples.push({ at: wallMs, zero });
    while (this.#samples.length > 1 && Math.abs(wallMs - (this.#samples[0]?.at ?? wallMs)) > WINDOW_MS) this.#samples.shift();
  }

  /** Null before the first word of ffmpeg. */
  zeroMs(): number | null {
    if (this.#samples.length === 0) return null;
    return Math.min(...this.#samples.map((one) => one.zero));
  }
}
