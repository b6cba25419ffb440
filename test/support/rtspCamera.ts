/** A camera that is not ours: GStreamer's RTSP server playing a clip. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface RtspCamera { port: number; url: string; pid: number; pull(): Promise<void>; hang(): void }
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'rtspCamera.py');

/** Why there can be no such camera here; null when there can. */
export function whyNoRtspCamera(): string | null {
  try {
    execFileSync(PYTHON, ['-c', "import gi; gi.require_version('Gst','1.0'); gi.require_version('GstRtspServer','1.0'); from gi.repository import GstRtspServer"], { stdio: 'ignore', timeout: 20_000 });
  } catch { return 'python3-gi with gir1.2-gst-rtsp-server-1.0 is not installed'; }
  try { execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' }); } catch { return 'no ffmpeg on PATH'; }
  return null;
}

/** Why no H.265 can be made here; null when it can. */
export function whyNoH265(): string | null {
  try { return execFileSync('ffmpeg', ['-hide_banner', '-encoders'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().includes('libx265') ? null : 'this ffmpeg has no libx265'; } catch { return 'no ffmpeg on PATH'; }
}

/** `keyInterval`: frames from one key frame to the next, at 15 a second. */
export function makeClip(path: string, codec: 'h264' | 'h265' = 'h264', { size = '640x360', keyInterval = 15, kbps = 600, noise = false }: { size?: string; keyInterval?: number; kbps?: number; noise?: boolean } = {}): void {
  const encoder = codec === 'h264'
    ? ['-c:v', 'libx264', '-profile:v', 'main', '-preset', 'ultrafast', '-x264-params', `keyint=${keyInterval}:scenecut=0:repeat-headers=1:bframes=0`, '-f', 'h264']
    : ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `keyint=${keyInterval}:scenecut=0:repeat-headers=1:bframes=0:log-level=error`, '-f', 'hevc'];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=15:duration=10${noise ? ',noise=alls=60:allf=t' : ''}`, '-pix_fmt', 'yuv420p', '-b:v', `${kbps}k`, ...encoder, path]);
}

export async function startRtspCamera(clip: string, { port = 0, user, password, flags = [] }: { port?: number; user?: string; password?: string; flags?: ('--udp' | '--tcp' | '--sound' | '--basic')[] } = {}): Promise<RtspCamera> {
  const child: ChildProcess = spawn(PYTHON, [SCRIPT, clip, '15', String(port), ...(user === undefined ? [] : [user, password ?? '']), ...flags], { stdio: ['ignore', 'pipe', 'ignore'] });
  const bound = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the RTSP camera did not start')));
    child.stdout?.once('data', (text: Buffer) => resolve(Number(text.toString().split(' ')[1])));
  });
  return {
    port: bound, url: `rtsp://127.0.0.1:${bound}/cam`, pid: child.pid ?? 0,
    async pull() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await gone;
    },
    hang() { child.kill('SIGSTOP'); },
  };
}
