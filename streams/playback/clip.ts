/**
 * A clip of a camera, cut to the frame without encoding anew: its files begin at the key frame before, and an edit list
 * begins them where it was asked. What cannot be joined (the camera was set anew between) becomes a file of its own; over
 * a gap the file goes on with what comes next, and `pieces` say which time is where.
 */
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeClip } from '#contract/node.ts';
import type { MaskShapes } from '#contract/picture.ts';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import type { Segment } from '../recorder/catalogue.ts';
import { masked } from '../picture/mask.ts';
import { hashFile } from '../recorder/hash.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { PlayableFile } from './playlist.ts';

/** `masks`: encoded anew with these covered; null: as it was recorded. */
export interface ClipRange { camera: string; fromMs: number; toMs: number; masks: MaskShapes | null }
export interface ClipParts {
  binary: FfmpegBinary; recorder: Recorder; folder: string; hasRoom: (bytes: number) => Promise<boolean>; now: () => number; signal: AbortSignal;
  progress: (state: 'waiting' | 'cutting', share: number) => void;
}
interface Part { segment: Segment; file: PlayableFile }

/** A segment is a minute; a clip that ends in the one being written waits for its end, so that it has a hash. */
const GROWING_MS = 100_000;
/** So many seconds. */
const SETTLED = 4;
/** Segments of one run touch. */
const SEAM_MS = 500;
const PATIENCE_MS = 15 * 60_000;
/** One thread, so that recording keeps the others; an hour of 720p takes it some ten minutes. */
const MASKED_PATIENCE_MS = 4 * 3_600_000;
const maskedCopy = (masks: MaskShapes): string[] => ['-vf', masked(masks, 'format=yuv420p'), '-vsync', '0', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-threads', '1'];

const iso = (ms: number): string => new Date(Math.round(ms)).toISOString();

export async function cutClip(parts: ClipParts, range: ClipRange): Promise<NodeClip> {
  const { recorder, progress, signal } = parts;
  const { camera, fromMs, toMs } = range;
  const release = recorder.pin(camera, fromMs, toMs);
  try {
    const files = await finished(parts, range);
    const known = new Map(recorder.catalogue.between(camera, fromMs, toMs).map((one) => [one.file, one]));
    const used: Part[] = files.flatMap((file) => {
      const segment = known.get(file.file);
      return segment === undefined || file.index.fragments.length === 0 ? [] : [{ segment, file }];
    });
    if (!await parts.hasRoom(used.reduce((sum, one) => sum + one.segment.bytes, 0))) return { state: 'failed', progress: 0, cause: 'no_room', files: [], segments: [] };
    const shares = { checked: 0, joined: 0 };
    const tell = (): void => progress('cutting', 0.4 * shares.checked + 0.6 * shares.joined);
    const segments: NodeClip['segments'] = [];
    const check = async (): Promise<void> => {
      for (const [index, { segment }] of used.entries()) {
        signal.throwIfAborted();
        // What was changed on the disk since is still shown, and said.
        const intact = await hashFile(join(recorder.directory(camera), segment.file)).then((hash) => hash === segment.sha256, () => false);
        segments.push({ file: segment.file, from: iso(segment.fromMs), to: iso(segment.toMs), bytes: segment.bytes, sha256: segment.sha256, previous: segment.previous, chain: segment.chain, intact });
        shares.checked = (index + 1) / used.length;
        tell();
      }
    };
    const made: NodeClip['files'] = [];
    const joinAll = async (): Promise<void> => {
      const groups = joinable(used);
      for (const [index, group] of groups.entries()) {
        const file = await joinGroup(parts, range, group, `${camera}-${index + 1}.mp4`, (share) => { shares.joined = (index + share) / groups.length; tell(); });
        if (file !== null) made.push(file);
      }
    };
    // One in this process, the other in ffmpeg's: neither waits for the other, and none is left behind when one fails.
    const ends = await Promise.allSettled([check(), joinAll()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return { state: 'ready', progress: 1, cause: null, files: made, segments, ...(range.masks === null ? {} : { masked: true }) };
  } finally { release(); }
}

/** Waits until nothing of the range is being written any more. */
async function finished({ recorder, progress, now, signal }: ClipParts, { camera, fromMs, toMs }: ClipRange): Promise<PlayableFile[]> {
  // A file that was just closed is neither being written nor journaled for a moment.
  let quiet = now() - toMs > GROWING_MS ? SETTLED : 0;
  for (const end = performance.now() + GROWING_MS; ;) {
    const files = await recorder.playable(camera, fromMs, toMs);
    const growing = files.some((one) => !recorder.catalogue.has(camera, one.file));
    // What is not closed by then has no hash: it is left out, and is a gap of the clip.
    quiet = growing ? 0 : quiet + 1;
    if (quiet > SETTLED || performance.now() > end) return files.filter((one) => recorder.catalogue.has(camera, one.file));
    progress('waiting', 0);
    await sleep(1000, undefined, { signal });
  }
}

/** Files in a row with one decoder's configuration. */
function joinable(used: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (const part of used) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.file.index.config === part.file.index.config) group.push(part);
    else groups.push([part]);
  }
  return groups;
}

async function joinGroup({ binary, recorder, folder, signal }: ClipParts, { camera, fromMs, toMs, masks }: ClipRange, group: readonly Part[], name: string, progress: (share: number) => void): Promise<NodeClip['files'][number] | null> {
  const pieces: NodeClip['files'][number]['pieces'] = [];
  let skip = 0;
  let seconds = 0;
  for (const [index, { file }] of group.entries()) {
    const ends = file.fromMs + file.index.seconds * 1000;
    const [from, to] = [Math.max(fromMs, file.fromMs), Math.min(toMs, ends)];
    if (index === 0) skip = (from - file.fromMs) / 1000;
    const last = pieces.at(-1);
    if (last !== undefined && Math.abs(from - Date.parse(last.to)) < SEAM_MS) last.to = iso(to);
    else pieces.push({ from: iso(from), to: iso(to), atSeconds: Math.round(seconds * 1000) / 1000 });
    seconds += Math.max(0, to - from) / 1000;
  }
  if (seconds < 0.04) return null;
  const list = join(folder, `${name}.txt`);
  const path = join(folder, name);
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  await writeFile(list, `ffconcat version 1.0\n${group.map(({ file }) => `file ${quoted(join(recorder.directory(camera), file.file))}\nduration ${file.index.seconds.toFixed(6)}\n`).join('')}`);
  const complaints: string[] = [];
  const process = runFfmpeg(binary, {
    input: { options: ['-protocol_whitelist', 'file', '-progress', 'pipe:1', ...(skip > 0 ? ['-ss', skip.toFixed(3)] : []), '-f', 'concat', '-safe', '0'], source: list },
    outputs: [{ options: ['-map', '0:v:0', '-t', seconds.toFixed(3), ...(masks === null ? ['-c', 'copy'] : maskedCopy(masks)), '-movflags', '+faststart', '-f', 'mp4'], target: path }],
  }, {
    onOutputLine(line) { const done = /^out_time_(?:us|ms)=(\d+)$/.exec(line); if (done) progress(Math.min(1, Number(done[1]) / 1e6 / seconds)); },
    onErrorLine(line) { complaints.push(line); complaints.splice(0, Math.max(0, complaints.length - 5)); },
  });
  const kill = (): void => process.kill();
  const timer = setTimeout(kill, masks === null ? PATIENCE_MS : MASKED_PATIENCE_MS);
  signal.addEventListener('abort', kill);
  const end = await process.ended.finally(() => { clearTimeout(timer); signal.removeEventListener('abort', kill); });
  signal.throwIfAborted();
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (end.exitCode !== 0 || size === 0) throw new Error(`ffmpeg ended with ${end.exitCode ?? end.signal}: ${complaints.join(' | ')}`);
  await rm(list, { force: true });
  return { name, bytes: size, sha256: await hashFile(path), seconds: Math.round(seconds * 1000) / 1000, pieces };
}
