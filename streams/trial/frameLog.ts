/** What the lines of ffmpeg's `framecrc` say of a stream: sizes, times and key frames, without decoding it. */
import type { StreamMeasures } from '#contract/cameraTest.ts';

type Told = Pick<StreamMeasures, 'codec' | 'width' | 'height' | 'frameRate' | 'frameRateVaries' | 'bitrateKbps' | 'peakKbps' | 'keyFrameSeconds' | 'observedSeconds'>;
interface Frame { at: number; bytes: number; key: boolean }
export interface FrameLog { line(text: string): void; frames(): number; keys(): number; observed(): number; told(): Told }

const MOST_FRAMES = 4000;

export function openFrameLog(): FrameLog {
  const frames: Frame[] = [];
  let tick = 1 / 90_000;
  let codec: string | null = null;
  let size: [number, number] | null = null;
  const observed = () => (frames.length < 2 ? 0 : (frames.at(-1)?.at ?? 0) - (frames[0]?.at ?? 0));
  return {
    line(text) {
      const about = /^#(tb|codec_id|dimensions) 0: (\S+)/.exec(text);
      if (about?.[1] === 'tb') { const [a = 1, b = 90_000] = (about[2] ?? '').split('/').map(Number); if (a > 0 && b > 0) tick = a / b; }
      if (about?.[1] === 'codec_id') codec = about[2] === 'hevc' ? 'h265' : about[2] ?? null;
      if (about?.[1] === 'dimensions') { const [w = 0, h = 0] = (about[2] ?? '').split('x').map(Number); if (w > 0 && h > 0) size = [w, h]; }
      // stream, dts, pts, duration, size, checksum; a frame that is no key frame carries its flags as well.
      const [stream, dts, , , bytes, , ...more] = text.split(',').map((part) => part.trim());
      if (stream !== '0' || !/^-?\d+$/.test(dts ?? '') || frames.length >= MOST_FRAMES) return;
      frames.push({ at: Number(dts) * tick, bytes: Number(bytes), key: !more.some((part) => part.startsWith('F=')) });
    },
    frames: () => frames.length,
    keys: () => frames.filter((frame) => frame.key).length,
    observed,
    told() {
      const seconds = observed();
      const base = { codec, width: size?.[0] ?? null, height: size?.[1] ?? null, observedSeconds: tenth(seconds) };
      if (seconds < 0.5 || frames.length < 5) return { ...base, frameRate: null, frameRateVaries: null, bitrateKbps: null, peakKbps: null, keyFrameSeconds: null };
      const gaps = frames.slice(1).map((frame, i) => frame.at - (frames[i]?.at ?? 0)).sort((a, b) => a - b);
      const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0;
      const keys = frames.filter((frame) => frame.key);
      const distances = keys.slice(1).map((frame, i) => frame.at - (keys[i]?.at ?? 0));
      // The last frame ends where nobody looked any more: its bytes belong to no time.
      return {
        ...base, frameRate: tenth((frames.length - 1) / seconds), frameRateVaries: at(0.95) > 2 * at(0.5),
        bitrateKbps: Math.round(frames.slice(0, -1).reduce((sum, frame) => sum + frame.bytes, 0) * 8 / seconds / 1000), peakKbps: peak(frames),
        keyFrameSeconds: distances.length === 0 ? null : tenth(Math.max(...distances)),
      };
    },
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** The most within one second, in kbit/s. */
function peak(frames: readonly Frame[]): number {
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const frame of frames) {
    sum += frame.bytes;
    while (frame.at - (frames[first]?.at ?? 0) >= 1) { sum -= frames[first]?.bytes ?? 0; first += 1; }
    most = Math.max(most, sum);
  }
  return Math.round(most * 8 / 1000);
}
