/** The real media node as its own process, against a centre given. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
export interface RunningNode { readonly pid: number; readonly child: ChildProcess; log(): string[]; stop(): Promise<number | null> }

export function startMediaNode({ centreUrl, secret, dataDir, path = process.env.PATH ?? '', id = 'local', logLevel = 'info' }: { centreUrl: string; secret: string; dataDir: string; path?: string; id?: string; logLevel?: string }): RunningNode {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'streams', 'main.ts')], {
    cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: path, HOME: process.env.HOME ?? '/tmp', CENTRE_URL: centreUrl, NODE_SECRET: secret, DATA_DIR: dataDir, NODE_ID: id, LOG_LEVEL: logLevel },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => lines.push(...text.toString().split('\n').filter((one) => one !== '')));
  return {
    pid: child.pid ?? 0, child, log: () => lines,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const gone = new Promise<number | null>((resolve) => { child.once('exit', (code) => resolve(code)); });
      child.kill('SIGTERM');
      return gone;
    },
  };
}
