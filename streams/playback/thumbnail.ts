/** One picture of a recording: the fragment that holds the instant is given to ffmpeg through a pipe, nothing more of the file. */
import { open } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { Fault } from '#contract/faults.ts';
import type { MaskShapes } from '#contract/picture.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { masked } from '../picture/mask.ts';
import type { BoxIndex } from './boxIndex.ts';
import { takeTurns } from './turns.ts';

const KEPT = 100;
const PATIENCE_MS = 5000;
const MAX_FRAGMENT = 16 * 1024 * 1024;

export type Thumbnails = (path: string, index: BoxIndex, seconds: number, masks: MaskShapes) => Promise<Buffer>;

export function openThumbnails(binary: FfmpegBinary): Thumbnails {
  const kept = new Map<string, Buffer>();
  const inTurn = takeTurns(2, 40, 'too many thumbnails at once');

  return async (path, index, seconds, masks) => {
    const fragment = index.fragments.find((one) => seconds < one.startSeconds + one.seconds) ?? index.fragments.at(-1);
    if (fragment === undefined || fragment.length > MAX_FRAGMENT) throw new Fault('no_recording');
    const key = `${path}@${fragment.offset} ${JSON.stringify(masks)}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    return await inTurn(async () => {
      const picture = await draw(binary, await headAndFragment(path, index, fragment), masks);
      if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
      kept.set(key, picture);
      return picture;
    });
  };
}

async function headAndFragment(path: string, index: BoxIndex, fragment: { offset: number; length: number }): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(index.headLength + fragment.length);
    await file.read(bytes, 0, index.headLength, 0);
    await file.read(bytes, index.headLength, fragment.length, fragment.offset);
    return bytes;
  } finally { await file.close(); }
}

async function draw(binary: FfmpegBinary, clip: Buffer, masks: MaskShapes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sink = new Writable({ write(chunk: Buffer, _encoding, next) { pieces.push(chunk); next(); } });
  const process = runFfmpeg(binary, {
    input: { options: ['-protocol_whitelist', 'pipe', '-threads', '1', '-skip_frame', 'nokey', '-f', 'mp4'], source: Readable.from([clip]) },
    outputs: [{ options: ['-frames:v', '1', '-vf', masked(masks, 'scale=320:-2'), '-q:v', '5', '-f', 'image2pipe', '-c:v', 'mjpeg'], target: sink }],
  }, null);
  const timer = setTimeout(() => process.kill(), PATIENCE_MS);
  try { await process.ended; } finally { clearTimeout(timer); }
  const picture = Buffer.concat(pieces);
  if (picture.length < 100) throw new Fault('no_recording', 'no picture could be read at this time');
  return picture;
}
