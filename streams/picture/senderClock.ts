/**
 * What time a camera believes it is: its RTCP sender reports (RFC 3550, 6.4.1) carry the wall clock of the moment at which
 * they are sent, beside the media on the same connection. A camera that counts from its start there tells no time of day.
 */
const DOLLAR = 0x24;
const SENDER_REPORT = 200;
/** NTP counts from 1900. */
const NTP_TO_UNIX = 2_208_988_800;
/** Before 1990: a count since the camera's start, not a date. */
const FIRST_DATE_MS = 631_152_000_000;

/** The instants, in milliseconds, that sender reports within these interleaved frames tell; the run begins at a frame or in one. */
export function senderTimes(run: Buffer): number[] {
  const times: number[] = [];
  for (let at = 0; at + 4 <= run.length && run[at] === DOLLAR;) {
    const length = run.readUInt16BE(at + 2);
    const body = at + 4;
    // Odd channels carry RTCP; a compound packet begins with the report.
    if (((run[at + 1] ?? 0) & 1) === 1 && length >= 20 && body + 16 <= run.length && (run[body] ?? 0) >> 6 === 2 && run[body + 1] === SENDER_REPORT) {
      const ms = Math.round((run.readUInt32BE(body + 8) - NTP_TO_UNIX + run.readUInt32BE(body + 12) / 2 ** 32) * 1000);
      if (ms >= FIRST_DATE_MS) times.push(ms);
    }
    at = body + length;
  }
  return times;
}

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
