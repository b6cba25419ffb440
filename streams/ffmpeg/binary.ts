/** Which ffmpeg this node runs: the system's, else the one that came with the packages, with its limits said aloud. */
import { execFile } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FfmpegBinary {
  /** What is started: ffmpeg itself, or a two-line script that makes it die with this process. */
  path: string;
  version: string;
  bundled: boolean;
  warning: string | null;
  /** ffmpeg ≥ 5 calls the RTSP time-out `timeout`; the build of 2018 `stimeout`. */
  rtspTimeoutOption: '-timeout' | '-stimeout';
  statsPeriod: boolean;
}

const BUNDLED_WARNING = 'ffmpeg was not found on PATH: running the bundled build of December 2018, whose parsers are unpatched since. For trying out only, never for cameras you do not trust; install ffmpeg.';

function onPath(name: string, path: string): string | null {
  for (const directory of path.split(delimiter).filter((one) => one !== '')) {
    const file = join(directory, process.platform === 'win32' ? `${name}.exe` : name);
    try { accessSync(file, constants.X_OK); return file; } catch { /* the next one */ }
  }
  return null;
}

function bundledPath(): string {
  const { path } = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string };
  // Package managers that run no install scripts leave it without its run bit.
  try { accessSync(path, constants.X_OK); } catch { chmodSync(path, 0o755); }
  return path;
}

export async function findFfmpeg({ path, runDir }: { path: string; runDir: string }): Promise<FfmpegBinary> {
  const system = onPath('ffmpeg', path);
  const file = system ?? bundledPath();
  const version = /^ffmpeg version (\S+)/.exec((await run(file, ['-version'], { timeout: 20_000 })).stdout)?.[1] ?? 'unknown';
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? (system === null ? '4' : '6'));
  return {
    path: await dyingWithParent(file, onPath('setpriv', path), runDir),
    version, bundled: system === null, warning: system === null ? BUNDLED_WARNING : null,
    rtspTimeoutOption: major >= 5 ? '-timeout' : '-stimeout', statsPeriod: major >= 5,
  };
}

/** fluent-ffmpeg starts one path without arguments in front, so the death signal needs a script of its own. */
async function dyingWithParent(ffmpeg: string, setpriv: string | null, runDir: string): Promise<string> {
  if (setpriv === null || process.platform !== 'linux') return ffmpeg;
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const script = join(runDir, 'ffmpeg');
  await mkdir(runDir, { recursive: true });
  await writeFile(script, `#!/bin/sh\nexec ${quote(setpriv)} --pdeathsig KILL -- ${quote(ffmpeg)} "$@"\n`, { mode: 0o755 });
  // On a volume mounted noexec, cameras still end with the node (their proxy does); simulated ones then do not.
  try { await run(script, ['-version'], { timeout: 20_000 }); return script; } catch { return ffmpeg; }
}
