/** FLV as a sequence of tags: enough to find key frames, set-up data and timestamps. Adobe's FLV specification, annex E. */
const TAG_HEAD = 11;
const MAX_TAG = 8 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
/** Before each tag: for the head of a WebSocket message, written when it is known who gets it, so that nothing is copied for it. */
const ROOM = 10;
const SLAB = 256 * 1024;

export const FLV_HEADER_VIDEO_ONLY: Piece = pieceOf(copyWithRoom(Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0])));

export type TagKind = 'metadata' | 'setup' | 'key' | 'inter' | 'other';
export interface FlvTag {
  kind: TagKind;
  timestamp: number;
  /** Head, payload and the size that follows. */
  bytes: Buffer;
}
/** The same bytes for both ways to a viewer: as they are, and as one WebSocket message. The message holds them, uncopied. */
export interface Piece { flv: Buffer; message: Buffer }
/** A picture as all viewers of one epoch share it: made once, and never written to again. */
export interface SharedTag extends FlvTag { /** What the time within `piece` counts from. */ epoch: number; piece: Piece; /** For viewers of other epochs. */ others: Map<number, Piece> | null }

/** Each tag is copied once, to where it stays: room for a message's head before it. */
export class FlvReader {
  #head = Buffer.alloc(13);
  #headBytes = 0;
  #headerSeen = false;
  #tag: Buffer | null = null;
  #tagBytes = 0;
  /** Tags lie in common pieces of memory: one of its own for each would have to be fetched and collected for each. */
  #slab: Buffer = EMPTY;
  readonly #onTag: (tag: FlvTag) => void;
  constructor(onTag: (tag: FlvTag) => void) { this.#onTag = onTag; }

  /** Throws a RangeError on what is no FLV. What is read does not hold on to `chunk`. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#tag === null) {
        const wanted = this.#headerSeen ? TAG_HEAD : 13;
        const end = Math.min(chunk.length, at + wanted - this.#headBytes);
        this.#headBytes += chunk.copy(this.#head, this.#headBytes, at, end);
        at = end;
        if (this.#headBytes < wanted) return;
        this.#headBytes = 0;
        if (!this.#headerSeen) {
          if (this.#head.toString('latin1', 0, 3) !== 'FLV') throw new RangeError('not FLV');
          this.#headerSeen = true;
          continue;
        }
        const size = this.#head.readUIntBE(1, 3);
        if (size > MAX_TAG) throw new RangeError('FLV tag too long');
        this.#tag = this.#take(TAG_HEAD + size + 4);
        this.#tagBytes = this.#head.copy(this.#tag, 0, 0, TAG_HEAD);
      }
      const end = Math.min(chunk.length, at + this.#tag.length - this.#tagBytes);
      this.#tagBytes += chunk.copy(this.#tag, this.#tagBytes, at, end);
      at = end;
      if (this.#tagBytes < this.#tag.length) return;
      const tag = this.#tag;
      this.#tag = null;
      this.#onTag(readTag(tag));
    }
  }

  #take(length: number): Buffer {
    if (this.#slab.length < ROOM + length) this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB, ROOM + length));
    const tag = this.#slab.subarray(ROOM, ROOM + length);
    this.#slab = this.#slab.subarray(ROOM + length);
    return tag;
  }
}

function readTag(bytes: Buffer): FlvTag {
  const timestamp = (bytes.readUInt8(7) * 0x1000000) + bytes.readUIntBE(4, 3);
  return { kind: kindOf(bytes, bytes.length - TAG_HEAD - 4), timestamp, bytes };
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

/** One binary message, unmasked as a server's are (RFC 6455, 5.2); its head goes before the bytes. */
function pieceOf(bytes: Buffer): Piece {
  const { length } = bytes;
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const message = Buffer.from(bytes.buffer, bytes.byteOffset - head, head + length);
  message[0] = 0x82;
  if (head === 2) message[1] = length;
  else if (head === 4) { message[1] = 126; message.writeUInt16BE(length, 2); }
  else { message[1] = 127; message.writeUInt32BE(0, 2); message.writeUInt32BE(length, 6); }
  return { flv: bytes, message };
}
function copyWithRoom(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(ROOM + bytes.length).subarray(ROOM);
  bytes.copy(copy);
  return copy;
}
function setTime(bytes: Buffer, timestamp: number): void {
  const wrapped = timestamp % 0x1_0000_0000;
  bytes.writeUIntBE(wrapped & 0xffffff, 4, 3);
  bytes.writeUInt8(Math.floor(wrapped / 0x1000000) & 0xff, 7);
}

/** The tag at another time; the original stays as it is. */
export function atTime(tag: FlvTag, timestamp: number): Piece {
  const copy = copyWithRoom(tag.bytes);
  setTime(copy, timestamp);
  return pieceOf(copy);
}

/** Takes a tag of a reader as it is, at `timestamp`: its bytes become those that all viewers share. */
export function share(tag: FlvTag, timestamp: number, epoch: number): SharedTag {
  setTime(tag.bytes, Math.max(0, timestamp - epoch));
  return { kind: tag.kind, timestamp, bytes: tag.bytes, epoch, piece: pieceOf(tag.bytes), others: null };
}

/** As a viewer of this epoch gets it. */
export function pieceFor(tag: SharedTag, epoch: number): Piece {
  if (tag.epoch === epoch) return tag.piece;
  let piece = tag.others?.get(epoch);
  if (piece === undefined) (tag.others ??= new Map()).set(epoch, piece = atTime(tag, Math.max(0, tag.timestamp - epoch)));
  return piece;
}
