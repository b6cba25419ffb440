/**
 * Debian's nginx with its RTMP module as a baseline: its packages are fetched and unpacked into a temporary folder, and
 * nothing is installed. Where they cannot be had, the reason is the answer.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './centre.ts';
import type { Closers } from './closers.ts';

export interface Nginx { pid: number; port: number; version: string; publishUrl(stream: string): string }

/** One worker, `live on`, otherwise as the module comes. */
export async function startNginx(closers: Closers): Promise<Nginx | { missing: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'toan-canh-nginx-'));
  closers.add(() => { rmSync(folder, { recursive: true, force: true }); });
  const root = join(folder, 'root');
  try {
    execFileSync('apt-get', ['download', 'nginx', 'libnginx-mod-rtmp'], { cwd: folder, stdio: 'pipe', timeout: 60_000 });
    for (const file of readdirSync(folder).filter((one) => one.endsWith('.deb'))) execFileSync('dpkg', ['-x', file, root], { cwd: folder, stdio: 'pipe' });
  } catch (error) { return { missing: `no nginx with RTMP module from Debian: ${error instanceof Error ? error.message.split('\n')[0] ?? '' : String(error)}` }; }
  const [program, module] = [join(root, 'usr/sbin/nginx'), join(root, 'usr/lib/nginx/modules/ngx_rtmp_module.so')];
  if (!existsSync(program) || !existsSync(module)) return { missing: 'the packages hold no nginx or no RTMP module' };
  const version = /nginx\/\S+/.exec(execFileSync(program, ['-V'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).concat(readdirSync(folder).join(' ')))?.[0] ?? readdirSync(folder).filter((one) => one.endsWith('.deb')).join(', ');
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log error;
load_module ${module};
events { worker_connections 2048; }
rtmp { access_log off; server { listen 127.0.0.1:${port}; application live { live on; } } }\n`);
  const child = spawn(program, ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  closers.add(async () => { child.kill('SIGKILL'); await gone; });
  const answers = async (): Promise<boolean> => await new Promise((resolve) => { const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); }); socket.once('error', () => { resolve(false); }); });
  for (const end = performance.now() + 10_000; !await answers();) {
    if (child.exitCode !== null || performance.now() > end) return { missing: `nginx did not start (${String(child.exitCode)})` };
    await sleep(50);
  }
  return { pid: child.pid ?? 0, port, version, publishUrl: (stream) => `rtmp://127.0.0.1:${port}/live/${stream}` };
}
