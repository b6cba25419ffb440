/** FLV as a sequence of tags: enough to find key frames, set-up data and timestamps. Adobe's FLV specification, annex E. */
const TAG_HEAD = 11;
const MAX_TAG = 8 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

export const FLV_HEADER_VIDEO_ONLY = Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0]);

export type TagKind = 'metadata' | 'setup' | 'key' | 'inter' | 'other';
export interface FlvTag {
  kind: TagKind;
  timestamp: number;
  /** Head, payload and the size that follows. */
  bytes: Buffer;
}

export class FlvReader {
  #rest: Buffer = EMPTY;
  #headerSeen = false;
  readonly #onTag: (tag: FlvTag) => void;
  constructor(onTag: (tag: FlvTag) => void) { this.#onTag = onTag; }

  /** Throws a RangeError on what is no FLV. */
  push(chunk: Buffer): void {
    let buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#headerSeen) {
      if (buffer.length < 13) { this.#rest = buffer; return; }
      if (buffer.toString('latin1', 0, 3) !== 'FLV') throw new RangeError('not FLV');
      this.#headerSeen = true;
      buffer = buffer.subarray(13);
    }
    let at = 0;
    while (buffer.length - at >= TAG_HEAD) {
      const size = buffer.readUIntBE(at + 1, 3);
      if (size > MAX_TAG) throw new RangeError('FLV tag too long');
      const end = at + TAG_HEAD + size + 4;
      if (end > buffer.length) break;
      this.#onTag(readTag(Buffer.from(buffer.subarray(at, end)), size));
      at = end;
    }
    this.#rest = Buffer.from(buffer.subarray(at));
  }
}

function readTag(bytes: Buffer, size: number): FlvTag {
  const timestamp = (bytes.readUInt8(7) * 0x1000000) + bytes.readUIntBE(4, 3);
  return { kind: kindOf(bytes, size), timestamp, bytes };
}

function kindOf(bytes: Buffer, size: number): TagKind {
  const type = bytes[0];
  if (type === 18) return 'metadata';
  if (type !== 9 || size < 2) return 'other';
  const first = bytes.readUInt8(TAG_HEAD);
  // AVC packet type 0 is the decoder's configuration, 1 a picture.
  if ((first & 0x0f) === 7 && bytes[TAG_HEAD + 1] === 0) return 'setup';
  if ((first & 0x0f) === 7 && bytes[TAG_HEAD + 1] !== 1) return 'other';
  return (first >> 4) === 1 ? 'key' : 'inter';
}

/** Publishers wrap their metadata in a command to the server; players want it bare. */
export function bareMetadata(tag: FlvTag): FlvTag {
  const command = Buffer.from('\u0002\u0000\u000d@setDataFrame', 'latin1');
  const payload = tag.bytes.subarray(TAG_HEAD, tag.bytes.length - 4);
  if (!payload.subarray(0, command.length).equals(command)) return tag;
  const bare = payload.subarray(command.length);
  const bytes = Buffer.alloc(TAG_HEAD + bare.length + 4);
  tag.bytes.copy(bytes, 0, 0, TAG_HEAD);
  bytes.writeUIntBE(bare.length, 1, 3);
  bare.copy(bytes, TAG_HEAD);
  bytes.writeUInt32BE(TAG_HEAD + bare.length, TAG_HEAD + bare.length);
  return { ...tag, bytes };
}

/** The same tag at another time; the original stays as it is, since other viewers share it. */
export function atTime(tag: FlvTag, timestamp: number): Buffer {
  const copy = Buffer.from(tag.bytes);
  const wrapped = timestamp % 0x1_0000_0000;
  copy.writeUIntBE(wrapped & 0xffffff, 4, 3);
  copy.writeUInt8(Math.floor(wrapped / 0x1000000) & 0xff, 7);
  return copy;
}
