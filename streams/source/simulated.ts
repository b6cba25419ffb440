/**
 * Simulated cameras: clips that we draw ourselves, played in a loop with the desk's name and the running time written
 * into the picture, marked as simulated. From there on they are cameras like any other.
 */
import { copyFile, mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { Logger } from 'pino';
import type { FfmpegBinary } from '../ffmpeg/binary.ts';
import { runFfmpeg } from '../ffmpeg/command.ts';
import { openScene, SCENE_VERSION, type Scene, type SceneName } from './scene/scene.ts';

export interface SimulatedOrder { scene: SceneName; label: string; seed: number }
export interface SimulatedPicture {
  /** The clip, rendered if need be. */
  clip(order: SimulatedOrder): Promise<string>;
  /** Writes the texts of one camera and gives the encoder's arguments. File names in them are relative to a camera's folder. */
  encoding(camera: string, order: SimulatedOrder, zoneOffsetSeconds: number): Promise<string[]>;
}

export const FRAME = { width: 640, height: 360, rate: 8 };
/** Cameras share a handful of clips: so many of each scene. */
const VARIANTS = 2;
const MAX_CLIPS = 12;
const STARTING_SECONDS = 0.08;
const FOLDER_FROM_CAMERA = '../../../simulated';

export function openSimulated({ directory, font, binary, log }: { directory: string; font: string; binary: FfmpegBinary; log: Logger }): SimulatedPicture {
  const rendering = new Map<string, Promise<string>>();
  let queue: Promise<unknown> = Promise.resolve();
  const ready = prepare(directory, font);

  async function rendered(scene: SceneName, variant: number): Promise<string> {
    await ready;
    const path = join(directory, `${scene}-${variant}-v${SCENE_VERSION}.mp4`);
    if (await stat(path).then((info) => info.size > 10_000, () => false)) return path;
    // One after the other: drawing is this process's own work.
    const turn = queue.then(() => render(path, scene, variant));
    queue = turn.catch(() => undefined);
    await turn;
    return path;
  }

  async function render(path: string, scene: SceneName, variant: number): Promise<void> {
    const startedAt = performance.now();
    const drawing = openScene(scene, variant, FRAME);
    const frames = new PassThrough({ highWaterMark: FRAME.width * FRAME.height * 3 * 2 });
    const temporary = `${path}.new`;
    const encoder = runFfmpeg(binary, {
      input: { options: ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${FRAME.width}x${FRAME.height}`, '-r', String(FRAME.rate)], source: frames },
      outputs: [{ options: ['-vf', await writeSigns(directory, drawing.signs), '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-g', String(FRAME.rate * 4), '-pix_fmt', 'yuv420p', '-threads', '1', '-movflags', '+faststart', '-f', 'mp4'], target: temporary }],
      cwd: directory,
    }, null);
    let over = false;
    const end = encoder.ended.then((value) => { over = true; frames.destroy(); return value; });
    for (let frame = 0; frame < drawing.frames && !over; frame += 1) {
      // The buffer is drawn anew each time, so the encoder gets a copy.
      if (!frames.write(Buffer.from(drawing.draw(frame)))) await Promise.race([once(frames, 'drain').catch(() => undefined), end]);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    if (!over) frames.end();
    const { exitCode } = await end;
    if (exitCode !== 0) { await unlink(temporary).catch(() => undefined); throw new Error('the clip could not be encoded'); }
    await rename(temporary, path);
    log.info({ event: 'clip_rendered', scene, variant, seconds: Math.round((performance.now() - startedAt) / 100) / 10 });
  }

  return {
    clip(order) {
      const variant = Math.abs(order.seed) % VARIANTS;
      const key = `${order.scene}-${variant}`;
      let known = rendering.get(key);
      if (known === undefined) {
        rendering.set(key, known = rendered(order.scene, variant));
        known.catch(() => rendering.delete(key));
      }
      return known;
    },
    async encoding(camera, order, zoneOffsetSeconds) {
      await ready;
      // ffmpeg takes a moment from here to its first frame.
      const startEpoch = (Date.now() / 1000 + STARTING_SECONDS + zoneOffsetSeconds).toFixed(3);
      await writeFile(join(directory, `label-${camera}.txt`), labelText(order.label));
      // In a text file only one level of drawtext's escaping is left, and nothing in it comes from outside.
      await writeFile(join(directory, `clock-${camera}.txt`), `%{pts:gmtime:${startEpoch}:%d/%m/%Y %H\\:%M\\:%S}`);
      const text = (options: string): string => `drawtext=fontfile=${FOLDER_FROM_CAMERA}/label.ttf:fontcolor=white:borderw=2:bordercolor=black@0.65:${options}`;
      const filters = [
        text(`textfile=${FOLDER_FROM_CAMERA}/label-${camera}.txt:expansion=none:fontsize=17:x=12:y=10`),
        text(`textfile=${FOLDER_FROM_CAMERA}/clock-${camera}.txt:fontsize=17:x=w-tw-12:y=10`),
        text(`textfile=${FOLDER_FROM_CAMERA}/mark.txt:expansion=none:fontsize=12:x=w-tw-12:y=h-th-10`),
      ];
      return ['-vf', filters.join(','), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-threads', '1', '-pix_fmt', 'yuv420p',
        '-g', String(FRAME.rate * 2), '-keyint_min', String(FRAME.rate * 2), '-sc_threshold', '0', '-b:v', '200k', '-maxrate', '260k', '-bufsize', '400k'];
    },
  };
}

/** The writing on the walls, as filters; the texts lie in files beside the clips. */
async function writeSigns(directory: string, signs: Scene['signs']): Promise<string> {
  return (await Promise.all(signs.map(async ({ text, x, y, size, colour }, index) => {
    await writeFile(join(directory, `sign-${index}.txt`), text);
    return `drawtext=fontfile=label.ttf:textfile=sign-${index}.txt:expansion=none:fontsize=${size}:fontcolor=0x${colour}:x=${x}-tw/2:y=${y}-th/2`;
  }))).join(',');
}

/** One line; what a font has no shape for would be a box. */
 
const labelText = (label: string): string => label.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, ' ').trim().slice(0, 60);

async function prepare(directory: string, font: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await copyFile(font, join(directory, 'label.ttf'));
  await writeFile(join(directory, 'mark.txt'), 'MÔ PHỎNG');
  const clips = (await readdir(directory)).filter((one) => one.endsWith('.mp4') || one.endsWith('.mp4.new'));
  for (const clip of clips) if (!clip.endsWith(`-v${SCENE_VERSION}.mp4`) || clips.length > MAX_CLIPS) await unlink(join(directory, clip));
}

