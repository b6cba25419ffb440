/** A viewer over WebSocket-FLV, as the page is one, that counts what it was shown: pictures that are missing, and those that came late. */
import WebSocket from 'ws';
import { FlvReader } from '#streams/gateway/flv.ts';

/** So long after its time, reckoned from the picture that came soonest of all, a picture is late. */
export const LATE_MS = 500;
export interface Shown { camera: string; opened: number; megabytes: number; pictures: number; missing: number; late: number; longestSilenceMs: number; worstDelayMs: number }

export class Watcher {
  readonly camera: string;
  readonly #rate: number;
  #began = 0;
  #opened = 0; #bytes = 0; #pictures = 0; #missing = 0; #late = 0; #last = 0; #silence = 0; #worst = 0;
  #socket: WebSocket | null = null;
  #ended = false;

  /** `rate`: pictures a second that the camera makes. */
  constructor(camera: string, rate: number) { this.camera = camera; this.#rate = rate; }

  /** Watches until `end()`; asks for a new address a second after each close. */
  async watch(ask: () => Promise<{ url: string; cookie: string }>): Promise<void> {
    const { url, cookie } = await ask();
    if (this.#ended) return;
    const socket = this.#socket = new WebSocket(url, { headers: { cookie }, perMessageDeflate: false });
    this.#opened += 1;
    // Times begin anew with each connection; so does what counts as soonest.
    let [previous, soonest] = [-1, Infinity];
    const reader = new FlvReader((tag) => {
      if (tag.kind !== 'key' && tag.kind !== 'inter') return;
      const at = performance.now();
      this.#pictures += 1;
      if (previous >= 0) this.#missing += Math.max(0, Math.round((tag.timestamp - previous) * this.#rate / 1000) - 1);
      previous = tag.timestamp;
      soonest = Math.min(soonest, at - tag.timestamp);
      // The running group comes all at once and is old on purpose.
      if (at - this.#began < 3000) return;
      const delay = at - tag.timestamp - soonest;
      this.#worst = Math.max(this.#worst, delay);
      if (delay > LATE_MS) this.#late += 1;
    });
    socket.on('open', () => { this.#began = performance.now(); });
    socket.on('message', (data: Buffer) => {
      const at = performance.now();
      if (this.#last > 0) this.#silence = Math.max(this.#silence, at - this.#last);
      this.#last = at;
      this.#bytes += data.length;
      reader.push(data);
    });
    socket.on('error', () => undefined).on('close', () => { if (!this.#ended) setTimeout(() => { this.watch(ask).catch(() => undefined); }, 1000); });
  }

  get bytes(): number { return this.#bytes; }
  end(): void { this.#ended = true; this.#socket?.terminate(); }
  shown(): Shown {
    return { camera: this.camera, opened: this.#opened, megabytes: Math.round(this.#bytes / 1e5) / 10, pictures: this.#pictures, missing: this.#missing, late: this.#late, longestSilenceMs: Math.round(this.#silence), worstDelayMs: Math.round(this.#worst) };
  }
}
