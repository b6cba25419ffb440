/** How far a camera's clock is from ours, by the sender reports of its stream (source/interleaved.ts). */
const KEPT = 5;

/** The median of the last reports' differences to our clock, in seconds; null before the third. */
export class SenderClock {
  readonly #differences: number[] = [];
  add(cameraMs: number, nowMs: number): void { this.#differences.push((cameraMs - nowMs) / 1000); if (this.#differences.length > KEPT) this.#differences.shift(); }
  seconds(): number | null {
    if (this.#differences.length < 3) return null;
    const sorted = [...this.#differences].sort((a, b) => a - b);
    return Math.round((sorted[sorted.length >> 1] ?? 0) * 10) / 10;
  }
}
