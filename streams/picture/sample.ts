/** Small grey pictures of a recorded file: its key frames only, by one short ffmpeg of low priority, and what that cost. */
import { setPriority } from 'node:os';
import { Writable } from 'node:stream';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { HEIGHT, PIXELS, WIDTH, type Picture } from './measures.ts';

/** A file of a minute has about thirty key frames; more than this tell nothing more. */
export const PICTURES = 12;
const MOST = 400;
const PATIENCE_MS = 15_000;
const LOW_PRIORITY = 10;

export interface Sample { pictures: Picture[]; cpuSeconds: number }
export type TakeSample = (path: string) => Promise<Sample>;

export function openSampler(binary: FfmpegBinary): TakeSample {
  return async (path) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    let cpuSeconds = 0;
    const sink = new Writable({ write(chunk: Buffer, _encoding, next) { bytes += chunk.length; if (bytes <= MOST * PIXELS) pieces.push(chunk); next(); } });
    const process = runFfmpeg(binary, {
      input: { options: ['-loglevel', 'info', '-nostats', '-benchmark', '-protocol_whitelist', 'file', '-threads', '1', '-skip_frame', 'nokey', '-f', 'mp4'], source: path },
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
    const count = Math.floor(all.length / PIXELS);
    const pictures = Array.from({ length: Math.min(PICTURES, count) }, (_, i) => {
      const at = count <= PICTURES ? i : Math.round((i * (count - 1)) / (PICTURES - 1));
      return Uint8Array.from(all.subarray(at * PIXELS, (at + 1) * PIXELS));
    });
    return { pictures, cpuSeconds };
  };
}
