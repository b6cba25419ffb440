/** What ffmpeg says on its standard output: `key=value` blocks of -progress, and a CSV line for each finished segment. */
export interface Progress { frames: number; framesPerSecond: number | null; /** Media time written so far. */ outMs: number | null }
export interface FinishedSegment { file: string; startMs: number; endMs: number }

export class OutputReader {
  #values = new Map<string, string>();
  readonly #onProgress: (progress: Progress) => void;
  readonly #onSegment: (segment: FinishedSegment) => void;
  constructor(onProgress: (progress: Progress) => void, onSegment: (segment: FinishedSegment) => void) {
    this.#onProgress = onProgress;
    this.#onSegment = onSegment;
  }

  line(line: string): void {
    const segment = /^([0-9A-Za-z_-]+\.mp4),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(line);
    if (segment) { this.#onSegment({ file: segment[1] ?? '', startMs: Number(segment[2]) * 1000, endMs: Number(segment[3]) * 1000 }); return; }
    const pair = /^([a-z_0-9]+)=\s*(.*)$/.exec(line);
    if (!pair) return;
    if (pair[1] !== 'progress') { this.#values.set(pair[1] ?? '', pair[2] ?? ''); return; }
    const number = (name: string): number | null => {
      const value = Number.parseFloat(this.#values.get(name) ?? '');
      return Number.isFinite(value) ? value : null;
    };
    // Older builds call microseconds `out_time_ms`; both names carry microseconds.
    const outUs = number('out_time_us') ?? number('out_time_ms');
    this.#onProgress({ frames: number('frame') ?? 0, framesPerSecond: number('fps'), outMs: outUs === null || outUs < 0 ? null : outUs / 1000 });
    this.#values = new Map();
  }
}
