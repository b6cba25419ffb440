/**
 * One upstream a stream, however many watch. A new viewer gets the set-up and the running group of pictures at once;
 * when the relay dies the viewers stay, and the picture goes on with timestamps that never step back.
 */
import { connect } from 'node:net';
import type { Logger } from 'pino';
import { bareMetadata, FlvReader, share, type FlvTag, type SharedTag } from './flv.ts';
import { ADMITTED } from '../relay/door.ts';
import type { Viewer, ViewerEnd } from './viewer.ts';

export interface Door { port: number; secret: string }
export interface FanOut {
  add(stream: string, viewer: Viewer): void;
  remove(stream: string, viewer: Viewer): void;
  /** Ends every viewer that matches. */
  close(matches: (viewer: Viewer) => boolean, reason: ViewerEnd): void;
  viewers(): Viewer[];
  /** Names of the streams that somebody watches. */
  wanted(): string[];
  stop(): void;
}

const READ_BYTES = 64 * 1024;
const GROUP_BOUND = 2 * 1024 * 1024;
const RETRY_MS = 500;
/** Without a picture for so long, viewers are let go: their browsers ask anew and are told what is wrong. */
const AWAY_MS = 15_000;
/** An upstream that is silent for so long is opened anew. */
const SILENT_MS = 6000;
const LINGER_MS = 10_000;
const STEP_MS = 5000;
/** Players count in 31 bits of milliseconds, 24 days: who comes after a day counts anew, at the price of a copy for those from before. */
const EPOCH_MS = 24 * 3_600_000;

export function createFanOut({ door, log, now }: { door: () => Door | null; log: Logger; now: () => number }): FanOut {
  const channels = new Map<string, Channel>();
  const ticker = setInterval(() => {
    for (const [name, channel] of channels) if (channel.tick()) { channel.stop('gone'); channels.delete(name); }
  }, RETRY_MS);
  return {
    add(stream, viewer) {
      let channel = channels.get(stream);
      if (channel === undefined) channels.set(stream, channel = new Channel(stream, door, log, now));
      channel.add(viewer);
    },
    remove(stream, viewer) { channels.get(stream)?.viewers.delete(viewer); },
    close(matches, reason) {
      for (const channel of channels.values()) for (const viewer of channel.viewers) if (matches(viewer)) { viewer.close(reason); channel.viewers.delete(viewer); }
    },
    viewers: () => [...channels.values()].flatMap((channel) => [...channel.viewers]),
    wanted: () => [...channels].filter(([, channel]) => channel.viewers.size > 0).map(([name]) => name),
    stop() { clearInterval(ticker); for (const channel of channels.values()) channel.stop('stopping'); channels.clear(); },
  };
}

class Channel {
  readonly viewers = new Set<Viewer>();
  readonly #stream: string;
  readonly #door: () => Door | null;
  readonly #log: Logger;
  readonly #now: () => number;
  #upstream: { close(): void } | null = null;
  #metadata: FlvTag | null = null;
  #setup: FlvTag | null = null;
  #group: SharedTag[] = [];
  #epoch: number | null = null;
  #groupBytes = 0;
  /** Added to the upstream's timestamps so that they go on across upstreams. */
  #shift = 0;
  #last: { timestamp: number; at: number } | null = null;
  #fresh = true;
  #pictureAt: number;
  #heardAt: number;
  #emptySince: number | null;

  constructor(stream: string, door: () => Door | null, log: Logger, now: () => number) {
    this.#stream = stream;
    this.#door = door;
    this.#log = log;
    this.#now = now;
    this.#pictureAt = this.#heardAt = now();
    this.#emptySince = now();
    this.#open();
  }

  add(viewer: Viewer): void {
    if (this.viewers.size === 0) this.#pictureAt = this.#now();
    this.viewers.add(viewer);
    viewer.prepare([this.#metadata, this.#setup].filter((tag) => tag !== null));
    if (this.#setup !== null) for (const tag of this.#group) viewer.picture(tag);
  }

  /** True when nobody needs this channel any more. */
  tick(): boolean {
    const now = this.#now();
    for (const viewer of this.viewers) if (viewer.over) this.viewers.delete(viewer);
    if (this.viewers.size > 0) this.#emptySince = null;
    else this.#emptySince ??= now;
    if (this.#emptySince !== null && now - this.#emptySince > LINGER_MS) return true;
    if (this.viewers.size > 0 && now - this.#pictureAt > AWAY_MS) {
      for (const viewer of this.viewers) viewer.close('camera_away');
      this.viewers.clear();
    }
    if (this.#upstream !== null && now - this.#heardAt > SILENT_MS) this.#upstream.close();
    if (this.#upstream === null) this.#open();
    return false;
  }

  stop(reason: ViewerEnd): void {
    for (const viewer of this.viewers) viewer.close(reason);
    this.viewers.clear();
    this.#upstream?.close();
    this.#upstream = null;
  }

  #open(): void {
    const door = this.#door();
    if (door === null) return;
    const reader = new FlvReader((tag) => this.#take(tag));
    let admitted = false;
    const take = (bytes: Buffer): void => {
      this.#heardAt = this.#now();
      let from = 0;
      if (!admitted) {
        // The relay's first byte says whether it has such a stream.
        if (bytes[0] !== ADMITTED) { mine.close(); return; }
        this.#fresh = admitted = true;
        from = 1;
      }
      try { reader.push(bytes.subarray(from)); } catch { this.#log.warn({ event: 'upstream_malformed', stream: this.#stream }); mine.close(); }
    };
    // Always read into the same memory: the reader copies what stays.
    const line = connect({ host: '127.0.0.1', port: door.port, onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: (length, buffer) => { take((buffer as Buffer).subarray(0, length)); return true; } } });
    const mine = { close: () => { line.destroy(); if (this.#upstream === mine) this.#upstream = null; } };
    this.#upstream = mine;
    this.#heardAt = this.#now();
    line.on('error', mine.close).on('close', mine.close);
    line.write(`${door.secret} ${this.#stream}\n`);
  }

  #take(tag: FlvTag): void {
    if (tag.kind === 'metadata') { this.#metadata = bareMetadata(tag); return; }
    if (tag.kind === 'setup') { this.#configure(tag); return; }
    if (tag.kind !== 'key' && tag.kind !== 'inter') return;
    this.#pictureAt = this.#now();
    // After a new upstream, pictures count from a key frame on; those before it would be drawn as smear.
    if (this.#fresh && tag.kind !== 'key') return;
    const shifted = this.#continue(tag);
    this.#fresh = false;
    if (shifted.kind === 'key') { this.#group = []; this.#groupBytes = 0; }
    if (this.#groupBytes >= 0) {
      this.#group.push(shifted);
      this.#groupBytes += shifted.bytes.length;
      // Too long a group is not kept at all: a piece of it would show a torn picture.
      if (this.#groupBytes > GROUP_BOUND) { this.#group = []; this.#groupBytes = -1; }
    }
    for (const viewer of this.viewers) viewer.picture(shifted);
  }

  #configure(tag: FlvTag): void {
    const changed = this.#setup !== null && !this.#setup.bytes.subarray(11).equals(tag.bytes.subarray(11));
    const first = this.#setup === null;
    this.#setup = tag;
    if (!changed && !first) return;
    this.#group = [];
    this.#groupBytes = -1;
    const shifted = { ...tag, timestamp: this.#last?.timestamp ?? tag.timestamp };
    for (const viewer of this.viewers) {
      if (first) viewer.prepare([this.#metadata, tag].filter((one) => one !== null));
      else viewer.reconfigure(shifted);
    }
  }

  /** The upstream's time, moved so that it neither steps back nor leaps. */
  #continue(tag: FlvTag): SharedTag {
    const at = this.#now();
    let timestamp = tag.timestamp + this.#shift;
    const last = this.#last;
    if (last !== null && (this.#fresh || timestamp < last.timestamp || timestamp > last.timestamp + STEP_MS)) {
      const expected = last.timestamp + Math.max(1, Math.min(Math.round(at - last.at), 60_000));
      this.#shift += expected - timestamp;
      timestamp = expected;
    }
    this.#last = { timestamp, at };
    if (this.#epoch === null || tag.kind === 'key' && timestamp - this.#epoch > EPOCH_MS) this.#epoch = timestamp;
    return share(tag, timestamp, this.#epoch);
  }
}
