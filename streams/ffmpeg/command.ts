/**
 * The only file that knows fluent-ffmpeg, and the only one that starts ffmpeg. Arguments are arrays from first to last;
 * nothing that a user typed is among them (addresses are the proxy's, names are ids and files of ours).
 */
import type { Readable, Writable } from 'node:stream';
import type { ChildProcess } from 'node:child_process';
import ffmpeg from 'fluent-ffmpeg';
import type { FfmpegBinary } from './binary.ts';

export interface FfmpegOrder {
  input: { options: string[]; source: string | Readable };
  outputs: { options: string[]; target: string | Writable }[];
  cwd?: string;
}
export interface FfmpegEnd { exitCode: number | null; signal: string | null; message: string }
export interface FfmpegProcess {
  readonly pid: number | null;
  readonly ended: Promise<FfmpegEnd>;
  /** SIGTERM lets it finish its files; what is still there after the grace is killed. */
  stop(graceMs: number): Promise<FfmpegEnd>;
  kill(): void;
}
/** `onOutputLine` null: the standard output is no text. */
export interface FfmpegListeners { onOutputLine: ((line: string) => void) | null; onErrorLine: (line: string) => void }

const COMMON = ['-hide_banner', '-nostdin', '-loglevel', 'warning'];

export function runFfmpeg(binary: FfmpegBinary, order: FfmpegOrder, listeners: FfmpegListeners | null): FfmpegProcess {
  const command = ffmpeg({ stdoutLines: 40, ...(order.cwd === undefined ? {} : { cwd: order.cwd }) } as ffmpeg.FfmpegCommandOptions & { cwd?: string });
  command.setFfmpegPath(binary.path);
  const streaming = typeof order.input.source !== 'string';
  // fluent-ffmpeg splits a lone option at its space; several arguments at once are taken as they are.
  const [first = '', ...rest] = streaming ? COMMON.filter((one) => one !== '-nostdin') : COMMON;
  command.input(order.input.source).inputOptions(first, ...rest, ...order.input.options);
  for (const output of order.outputs) {
    const [head = '', ...tail] = output.options;
    command.output(output.target as string).outputOptions(head, ...tail);
  }

  let child: ChildProcess | null = null;
  let wanted: NodeJS.Signals | null = null;
  let resolve: (end: FfmpegEnd) => void = () => undefined;
  const ended = new Promise<FfmpegEnd>((settle) => { resolve = settle; });
  const finish = (message: string): void => resolve({ exitCode: child?.exitCode ?? null, signal: child?.signalCode ?? null, message: scrub(message) });

  command.on('start', () => {
    child = (command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc;
    if (listeners?.onOutputLine && child.stdout !== null) readLines(child.stdout, listeners.onOutputLine);
    if (wanted !== null) child.kill(wanted);
  });
  if (listeners !== null) command.on('stderr', (line: string) => { if (line !== '') listeners.onErrorLine(scrub(line)); });
  // Exit code 0 is what a reset connection looks like too: whether an end was wanted is for the caller to judge.
  command.on('end', () => finish('ended'));
  command.on('error', (error: Error) => finish(error.message));
  command.run();

  const signal = (name: NodeJS.Signals): void => { wanted = name; child?.kill(name); };
  return {
    get pid() { return child?.pid ?? null; },
    ended,
    kill: () => signal('SIGKILL'),
    async stop(graceMs) {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      try { return await ended; } finally { clearTimeout(timer); }
    },
  };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer | string) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(-2000);
    for (const line of lines) onLine(line.trimEnd());
  });
}

/** ffmpeg repeats its addresses in its complaints; ours carry tokens. */
export function scrub(text: string): string {
  return text.replace(/\b(rtsps?|rtmp|tcp|tls):\/\/\S+/gi, '$1://[address]');
}
