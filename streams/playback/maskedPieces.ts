/**
 * Pieces of a recording with the camera's masks burnt in: encoded when they are asked for, out of the fragments as they
 * lie on the disk, and kept for a little while in memory. Nothing masked is written to the disk; the recording stays whole.
 */
import { open } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { Fault } from '#contract/faults.ts';
import type { MaskShapes } from '#contract/picture.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { masked } from '../picture/mask.ts';
import { indexFile } from './boxIndex.ts';
import { takeTurns } from './turns.ts';

/** `first`, `count`: fragments of the file. MPEG-TS with the times of the file. */
export type MaskedPieces = (path: string, first: number, count: number, masks: MaskShapes) => Promise<Buffer>;

const KEPT_BYTES = 48 * 1024 * 1024;
const MOST_BYTES = 24 * 1024 * 1024;
const PATIENCE_MS = 20_000;

export function openMaskedPieces(binary: FfmpegBinary): MaskedPieces {
  const kept = new Map<string, Promise<Buffer>>();
  const sizes = new Map<string, number>();
  const inTurn = takeTurns(2, 24, 'too many masked recordings at once');
  function keep(key: string, bytes: number): void {
    sizes.set(key, bytes);
    let sum = [...sizes.values()].reduce((all, one) => all + one, 0);
    for (const [oldest, size] of sizes) { if (sum <= KEPT_BYTES || oldest === key) break; sum -= size; sizes.delete(oldest); kept.delete(oldest); }
  }
  return async (path, first, count, masks) => {
    const key = `${path} ${first} ${count} ${JSON.stringify(masks)}`;
    let piece = kept.get(key);
    if (piece === undefined) {
      // Who asks for the same piece at the same time waits for the same work.
      kept.set(key, piece = inTurn(async () => await encode(binary, await read(path, first, count), masks)));
      piece.then((bytes) => { keep(key, bytes.length); }, () => { kept.delete(key); });
    }
    return await piece;
  };
}

async function read(path: string, first: number, count: number): Promise<Buffer> {
  const index = await indexFile(path).catch(() => null);
  const wanted = index?.fragments.slice(first, first + count) ?? [];
  const [begin, end] = [wanted[0], wanted.at(-1)];
  if (index === null || begin === undefined || end === undefined || wanted.length < count) throw new Fault('no_recording');
  const length = end.offset + end.length - begin.offset;
  if (length > MOST_BYTES) throw new Fault('unavailable', 'this piece of the recording is too large to be masked');
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(index.headLength + length);
    await file.read(bytes, 0, index.headLength, 0);
    await file.read(bytes, index.headLength, length, begin.offset);
    return bytes;
  } finally { await file.close(); }
}

async function encode(binary: FfmpegBinary, clip: Buffer, masks: MaskShapes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  // Its `close` would be taken for a broken pipe when the process takes more than 20 ms to end after its last byte.
  const sink = new Writable({ emitClose: false, write(chunk: Buffer, _encoding, next) { pieces.push(chunk); next(); } });
  const process = runFfmpeg(binary, {
    input: { options: ['-protocol_whitelist', 'pipe', '-copyts', '-threads', '1', '-f', 'mp4'], source: Readable.from([clip]) },
    outputs: [{ options: ['-map', '0:v:0', '-vf', masked(masks, "scale='min(1920,iw)':-2,format=yuv420p"), '-vsync', '0', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-crf', '24', '-threads', '1',
      '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts'], target: sink }],
  }, { onOutputLine: null, onErrorLine: () => undefined });
  const timer = setTimeout(() => process.kill(), PATIENCE_MS);
  const { exitCode, message } = await process.ended.finally(() => { clearTimeout(timer); });
  const bytes = Buffer.concat(pieces);
  // Half a piece is not a piece: better none, with its reason.
  if (exitCode !== 0 || bytes.length === 0) throw new Fault('unavailable', 'the masked recording could not be made', { retryAfter: 5 }, message);
  return bytes;
}
