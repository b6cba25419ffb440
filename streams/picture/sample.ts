/**
 * Small grey pictures of a recorded file: some of its key frames, by one short ffmpeg of low priority, and what that cost.
 * Each fragment begins with a key frame: only the chosen ones are read and given to ffmpeg.
 */
import { open } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { Readable, Writable } from 'node:stream';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { indexFile, type BoxIndex } from '../playback/boxIndex.ts';
import { HEIGHT, PIXELS, WIDTH, type Picture } from './measures.ts';

/** A file of a minute has about thirty key frames; more than this tell nothing more. */
export const PICTURES = 12;
const PATIENCE_MS = 15_000;
const LOW_PRIORITY = 10;
const MAX_FRAGMENT = 16 * 1024 * 1024;

export interface Sample { pictures: Picture[]; cpuSeconds: number }
export type TakeSample = (path: string) => Promise<Sample>;

export function openSampler(binary: FfmpegBinary): TakeSample {
  return async (path) => {
    const index = await indexFile(path);
    if (index === null || index.fragments.length === 0) throw new Error('the file holds no whole fragment');
    const pieces: Buffer[] = [];
    let bytes = 0;
    let cpuSeconds = 0;
    // Its `close` would be taken for a broken pipe when the process takes more than 20 ms to end after its last byte.
    const sink = new Writable({ emitClose: false, write(chunk: Buffer, _encoding, next) { bytes += chunk.length; if (bytes <= 4 * PICTURES * PIXELS) pieces.push(chunk); next(); } });
    const process = runFfmpeg(binary, {
      input: { options: ['-loglevel', 'info', '-nostats', '-benchmark', '-protocol_whitelist', 'pipe', '-threads', '1', '-skip_frame', 'nokey', '-f', 'mp4'], source: Readable.from(chosen(path, index)) },
      outputs: [{ options: ['-map', '0:v:0', '-vf', `scale=${WIDTH}:${HEIGHT}:flags=area,format=gray`, '-vsync', '0', '-threads', '1', '-f', 'rawvideo'], target: sink }],
    }, {
      onOutputLine: null,
      onErrorLine(line) { const match = /^bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(line); if (match) cpuSeconds = Number(match[1]) + Number(match[2]); },
    });
    const lower = setTimeout(() => { try { if (process.pid !== null) setPriority(process.pid, LOW_PRIORITY); } catch { /* it has ended, or may not */ } }, 5);
    const timer = setTimeout(() => process.kill(), PATIENCE_MS);
    const { exitCode, message } = await process.ended.finally(() => { clearTimeout(timer); clearTimeout(lower); });
    if (exitCode !== 0) throw new Error(`no pictures could be read: ${message.slice(0, 200)}`);
    const all = Buffer.concat(pieces);
    // A fragment of a camera's may hold more than one key frame.
    const pictures = evenly(Math.floor(all.length / PIXELS)).map((at) => Uint8Array.from(all.subarray(at * PIXELS, (at + 1) * PIXELS)));
    return { pictures, cpuSeconds };
  };
}

/** At most PICTURES of `count` numbers from 0, spread evenly, the first and the last among them. */
const evenly = (count: number): number[] => Array.from({ length: Math.min(PICTURES, count) }, (_, i) => (count <= PICTURES ? i : Math.round((i * (count - 1)) / (PICTURES - 1))));

async function* chosen(path: string, index: BoxIndex): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  const bytes = async (offset: number, length: number): Promise<Buffer> => { const part = Buffer.alloc(length); await file.read(part, 0, length, offset); return part; };
  try {
    yield await bytes(0, index.headLength);
    for (const at of evenly(index.fragments.length)) {
      const fragment = index.fragments[at];
      if (fragment !== undefined && fragment.length <= MAX_FRAGMENT) yield await bytes(fragment.offset, fragment.length);
    }
  } finally { await file.close(); }
}
