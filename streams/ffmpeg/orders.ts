/** The ffmpeg commands of this node as argument arrays: what comes in, what goes out. Measured starting points in docs/design/recording.md. */
import type { CameraTransport } from '#contract/vocabulary.ts';
import type { FfmpegBinary } from './binary.ts';
import type { FfmpegOrder } from './command.ts';

export const SEGMENT_SECONDS = 60;

/** From the camera's door on loopback; only the video is asked for, so that a desk is never listened to. */
export function cameraInput(binary: FfmpegBinary, url: string, transport: CameraTransport): FfmpegOrder['input'] {
  return {
    options: ['-protocol_whitelist', 'file,pipe,rtp,tcp,rtsp', ...progressOptions(binary),
      '-rtsp_transport', 'tcp', '-allowed_media_types', 'video', binary.rtspTimeoutOption, '10000000',
      // Behind the door the packets of a camera may have come by UDP: in another order than they were sent.
      ...(transport === 'tcp' ? [] : ['-reorder_queue_size', '200'])],
    source: url,
  };
}

/** A clip of ours, played for ever at its own pace. */
export function loopInput(binary: FfmpegBinary, clip: string): FfmpegOrder['input'] {
  return { options: ['-protocol_whitelist', 'file,pipe', ...progressOptions(binary), '-threads', '1', '-re', '-stream_loop', '-1'], source: clip };
}

const progressOptions = (binary: FfmpegBinary): string[] => [...(binary.statsPeriod ? ['-stats_period', '1'] : []), '-progress', 'pipe:1'];

export const COPY = ['-c', 'copy', '-copytb', '1'];

/** Half the size and 10 frames a second: what a tile of a wall needs of a camera whose own stream no browser plays. */
export const TRANSCODE = ['-vf', "scale='min(640,iw)':-2,format=yuv420p", '-r', '10', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
  '-b:v', '400k', '-maxrate', '600k', '-bufsize', '600k', '-g', '20', '-threads', '1'];

/** For tiles and for the large picture alike: one transcoding serves all who may not see without masks. */
export const maskedEncode = (filters: string): string[] => ['-vf', filters, '-r', '15', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
  '-b:v', '1200k', '-maxrate', '1800k', '-bufsize', '1800k', '-g', '30', '-threads', '1'];
/** What comes after the masks there. */
export const MASKED_SIZE = "scale='min(1280,iw)':-2,format=yuv420p";

/** Options of the three muxers, once for the command line and once for `tee`. */
const FIFO: [string, string][] = [
  // Behind a fifo, so that a relay that is away costs frames of the live picture and nothing else.
  ['fifo_format', 'flv'], ['format_opts', 'flvflags=no_duration_filesize'], ['queue_size', '300'], ['drop_pkts_on_overflow', '1'],
  ['attempt_recovery', '1'], ['recover_any_error', '1'], ['recovery_wait_time', '1'], ['restart_with_keyframe', '1'],
];
/**
 * Fragmented MP4, one file a clock minute; complete up to its last fragment whenever it is cut off. Finished files are
 * reported on stdout.
 */
const SEGMENTS: [string, string][] = [
  ['segment_time', String(SEGMENT_SECONDS)], ['segment_atclocktime', '1'], ['reset_timestamps', '1'], ['segment_format', 'mp4'],
  ['segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof:flush_packets=1'],
  ['segment_list', 'pipe:1'], ['segment_list_type', 'csv'], ['segment_list_size', '0'], ['strftime', '1'],
];
const flags = (options: [string, string][]): string[] => options.flatMap(([name, value]) => [`-${name}`, value]);

/** The run's own suffix keeps a clock that steps back from overwriting an earlier recording. Relative to the camera's folder. */
const segmentPattern = (suffix: string): string => `%Y%m%dT%H%M%SZ-${suffix}.mp4`;

export interface Sinks { relayUrl: string | null; segments: { suffix: string } | null }

export function copyOutputs(sinks: Sinks): FfmpegOrder['outputs'] {
  const outputs: FfmpegOrder['outputs'] = [];
  if (sinks.relayUrl !== null) outputs.push({ options: ['-map', '0:v:0', ...COPY, '-f', 'fifo', ...flags(FIFO)], target: sinks.relayUrl });
  if (sinks.segments !== null) outputs.push({ options: ['-map', '0:v:0', ...COPY, '-f', 'segment', ...flags(SEGMENTS)], target: segmentPattern(sinks.segments.suffix) });
  return outputs;
}

/** The same sinks for a picture that is encoded here: `tee`, so that it is encoded once. */
export function encodedOutputs(encode: string[], sinks: Sinks): FfmpegOrder['outputs'] {
  const slaves: string[] = [];
  if (sinks.relayUrl !== null) slaves.push(slave('fifo', FIFO, sinks.relayUrl));
  if (sinks.segments !== null) slaves.push(slave('segment', SEGMENTS, segmentPattern(sinks.segments.suffix)));
  return [{ options: ['-map', '0:v:0', ...encode, '-flags:v', '+global_header', '-f', 'tee'], target: slaves.join('|') }];
}

const escape = (text: string, special: RegExp): string => text.replace(special, '\\$&');
/** `tee` reads its argument twice: once for the bars between outputs, once for the colons between options. */
function slave(format: string, options: [string, string][], target: string): string {
  const list = [['f', format], ...options].map(([name, value]) => `${name}=${escape(value ?? '', /[\\':\]]/g)}`).join(':');
  return escape(`[${list}]${target}`, /[\\'|]/g);
}
