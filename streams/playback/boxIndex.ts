/**
 * The boxes of a fragmented MP4 (ISO/IEC 14496-12), read by their headers: where the head ends, where each fragment
 * lies and how long it lasts. Works on a file that is still growing or was cut off: only whole fragments count.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

export interface Fragment { offset: number; length: number; startSeconds: number; seconds: number; /** The camera's time leapt within it: its picture's times do not go on in what follows. */ leapt: boolean }
export interface BoxIndex {
  /** Length of ftyp + moov: what a player needs first. */
  headLength: number;
  codec: string | null;
  /** Of the decoder's configuration: files that differ here cannot be joined into one. */
  config: string;
  fragments: Fragment[];
  seconds: number;
  /** Bytes up to the end of the last whole fragment. */
  wholeBytes: number;
}

const CODECS = new Map([['avc1', 'h264'], ['avc3', 'h264'], ['hvc1', 'h265'], ['hev1', 'h265']]);
const MAX_HEAD = 1024 * 1024;
/** No picture stands so long: the camera's time leapt, and the picture lasted as long as others do. */
const LONGEST_PICTURE = 30;

/** Null when the file has no head: nothing of it can be played. */
export async function indexFile(path: string): Promise<BoxIndex | null> {
  const file = await open(path, 'r');
  try { return await index(file, (await file.stat()).size); } finally { await file.close(); }
}

interface Box { type: string; offset: number; size: number; head: number }

async function boxAt(file: FileHandle, offset: number, fileSize: number): Promise<Box | null> {
  if (offset + 8 > fileSize) return null;
  const head = Buffer.alloc(16);
  const { bytesRead } = await file.read(head, 0, 16, offset);
  if (bytesRead < 8) return null;
  const short = head.readUInt32BE(0);
  const long = short === 1 && bytesRead === 16;
  const size = long ? Number(head.readBigUInt64BE(8)) : short;
  if (size < (long ? 16 : 8)) return null;
  return { type: head.toString('latin1', 4, 8), offset, size, head: long ? 16 : 8 };
}

async function index(file: FileHandle, fileSize: number): Promise<BoxIndex | null> {
  let head: Head | null = null;
  let moof: { offset: number; seconds: number; leapt: boolean } | null = null;
  const fragments: Fragment[] = [];
  let seconds = 0;
  for (let at = 0; ;) {
    const box = await boxAt(file, at, fileSize);
    if (box === null || box.offset + box.size > fileSize) break;
    if (box.type === 'moov' && box.size <= MAX_HEAD) head = readHead(await read(file, box), box.offset + box.size);
    if (box.type === 'moof' && head !== null && box.size <= MAX_HEAD) moof = { offset: box.offset, ...lengthOf(await read(file, box), head) };
    if (box.type === 'mdat' && moof !== null) {
      fragments.push({ offset: moof.offset, length: box.offset + box.size - moof.offset, startSeconds: seconds, seconds: moof.seconds, leapt: moof.leapt });
      seconds += moof.seconds;
      moof = null;
    }
    at = box.offset + box.size;
  }
  if (head === null) return null;
  const last = fragments.at(-1);
  return { headLength: head.length, codec: head.codec, config: head.config, fragments, seconds, wholeBytes: last === undefined ? head.length : last.offset + last.length };
}

async function read(file: FileHandle, box: Box): Promise<Buffer> {
  const bytes = Buffer.alloc(box.size - box.head);
  await file.read(bytes, 0, bytes.length, box.offset + box.head);
  return bytes;
}

/** Direct children of a box's content. */
function* children(content: Buffer): Generator<{ type: string; content: Buffer }> {
  for (let at = 0; at + 8 <= content.length;) {
    const size = content.readUInt32BE(at);
    if (size < 8 || at + size > content.length) return;
    yield { type: content.toString('latin1', at + 4, at + 8), content: content.subarray(at + 8, at + size) };
    at += size;
  }
}
function find(content: Buffer, ...path: string[]): Buffer | null {
  const [type, ...rest] = path;
  if (type === undefined) return content;
  for (const child of children(content)) if (child.type === type) return find(child.content, ...rest);
  return null;
}

interface Head { length: number; timescale: number; defaultTicks: number; codec: string | null; config: string }

function readHead(moov: Buffer, length: number): Head {
  const mdhd = find(moov, 'trak', 'mdia', 'mdhd');
  const stsd = find(moov, 'trak', 'mdia', 'minf', 'stbl', 'stsd');
  const trex = find(moov, 'mvex', 'trex');
  const timescale = mdhd === null ? 0 : mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
  return {
    length, timescale: timescale > 0 ? timescale : 1000,
    defaultTicks: trex === null ? 0 : trex.readUInt32BE(12),
    codec: stsd === null || stsd.length < 16 ? null : CODECS.get(stsd.toString('latin1', 12, 16)) ?? null,
    config: createHash('sha256').update(stsd ?? '').digest('hex'),
  };
}

/** From the sample durations of a fragment's one track. */
function lengthOf(moof: Buffer, head: Head): { seconds: number; leapt: boolean } {
  const longest = LONGEST_PICTURE * head.timescale;
  // Of a fragment in which every picture leaps, 25 a second are as good a guess as any.
  let [ticks, usual, leaps] = [0, head.timescale / 25, 0];
  const add = (one: number): void => { if (one > longest) { leaps += 1; return; } ticks += one; usual = one; };
  for (const traf of children(moof)) {
    if (traf.type !== 'traf') continue;
    let each = head.defaultTicks;
    for (const { type, content } of children(traf.content)) {
      const flags = content.length >= 4 ? content.readUInt32BE(0) & 0xffffff : 0;
      if (type === 'tfhd') {
        const at = 8 + ((flags & 1) ? 8 : 0) + ((flags & 2) ? 4 : 0);
        if (flags & 8) each = content.readUInt32BE(at);
      }
      if (type === 'trun') {
        const count = content.readUInt32BE(4);
        if (!(flags & 0x100)) { for (let sample = 0; sample < count; sample += 1) add(each); continue; }
        const step = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
        let at = 8 + ((flags & 1) ? 4 : 0) + ((flags & 4) ? 4 : 0);
        for (let sample = 0; sample < count && at + 4 <= content.length; sample += 1, at += step) add(content.readUInt32BE(at));
      }
    }
    break;
  }
  return { seconds: (ticks + leaps * usual) / head.timescale, leapt: leaps > 0 };
}
