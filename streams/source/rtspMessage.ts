/**
 * RTSP over one TCP connection: text messages with binary frames (`$`, channel, length) between them. Frames are handed
 * on in runs, uncopied; texts are parsed and bounded, since the other side may send what it likes.
 */
const MAX_HEAD = 16 * 1024;
const MAX_BODY = 64 * 1024;
const DOLLAR = 0x24;
const EMPTY = Buffer.alloc(0);

export interface RtspMessage {
  /** `DESCRIBE rtsp://… RTSP/1.0` or `RTSP/1.0 200 OK` */
  start: string;
  headers: { name: string; value: string }[];
  body: Buffer;
}

export function header(message: RtspMessage, name: string): string | null {
  return message.headers.find((one) => one.name === name)?.value ?? null;
}
export const headersOf = (message: RtspMessage, name: string): string[] =>
  message.headers.filter((one) => one.name === name).map((one) => one.value);

/** Null for a request. */
export function statusOf(message: RtspMessage): number | null {
  const match = /^RTSP\/\d\.\d (\d{3})/.exec(message.start);
  return match ? Number(match[1]) : null;
}

export function writeMessage(start: string, headers: [string, string][], body: Buffer | null = null): Buffer {
  const lines = [start, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body !== null) lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
  return body === null ? head : Buffer.concat([head, body]);
}

export class RtspSplitter {
  #rest: Buffer = EMPTY;
  /** Bytes of the running binary frame that are still to come. */
  #frameLeft = 0;
  readonly #onMessage: (message: RtspMessage) => void;
  readonly #onFrames: (run: Buffer) => void;

  constructor(onMessage: (message: RtspMessage) => void, onFrames: (run: Buffer) => void) {
    this.#onMessage = onMessage;
    this.#onFrames = onFrames;
  }

  /** Throws a RangeError when the other side breaks the bounds: the connection is then to be closed. */
  push(chunk: Buffer): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = EMPTY;
    let at = Math.min(this.#frameLeft, buffer.length);
    this.#frameLeft -= at;
    let run = 0;
    const flush = (): void => { if (at > run) this.#onFrames(buffer.subarray(run, at)); run = at; };

    while (at < buffer.length) {
      if (buffer[at] === DOLLAR) {
        if (buffer.length - at < 4) break;
        const end = at + 4 + buffer.readUInt16BE(at + 2);
        if (end > buffer.length) { this.#frameLeft = end - buffer.length; at = buffer.length; break; }
        at = end;
        continue;
      }
      flush();
      const next = this.#readText(buffer, at);
      if (next === null) break;
      at = next;
      run = at;
    }
    flush();
    if (at < buffer.length) this.#rest = Buffer.from(buffer.subarray(at));
  }

  /** The offset behind the message that begins at `at`, or null when it is not complete. */
  #readText(buffer: Buffer, at: number): number | null {
    if (buffer[at] === 0x0d || buffer[at] === 0x0a) return at + 1;
    const end = buffer.indexOf('\r\n\r\n', at);
    if ((end < 0 ? buffer.length : end) - at > MAX_HEAD) throw new RangeError('RTSP head too long');
    if (end < 0) return null;
    const [start = '', ...lines] = buffer.toString('utf8', at, end).split('\r\n');
    const headers = lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }] : [];
    });
    const announced = headers.find((one) => one.name === 'content-length')?.value ?? '0';
    const length = /^\d{1,6}$/.test(announced) ? Number(announced) : Number.NaN;
    if (!(length <= MAX_BODY)) throw new RangeError('RTSP body too long');
    const bodyAt = end + 4;
    if (buffer.length < bodyAt + length) return null;
    this.#onMessage({ start, headers, body: Buffer.from(buffer.subarray(bodyAt, bodyAt + length)) });
    return bodyAt + length;
  }
}
