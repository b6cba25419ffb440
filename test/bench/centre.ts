/** The centre as users run it — its own process, its own embedded database — in a folder that goes away with it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromRoot } from '#config/paths.ts';
import type { Closers } from './closers.ts';

const PASSWORD = 'bench-password-2026';
export interface BenchCentre { url: string; cookie: string; key: string; keyId: string; databaseUrl: string; pid: number }

export const freePort = () => new Promise<number>((resolve, reject) => {
  const server = createServer();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => { const { port } = server.address() as { port: number }; server.close(() => { resolve(port); }); });
});

/** `fromSource`: without a build (tests); otherwise what `npm start` runs. */
export async function startBenchCentre(closers: Closers, fromSource: boolean, environment: Record<string, string> = {}): Promise<BenchCentre> {
  const dataDir = mkdtempSync(join(tmpdir(), 'toan-canh-bench-'));
  closers.add(() => { rmSync(dataDir, { recursive: true, force: true }); });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = fromSource ? ['--import', 'tsx', fromRoot('server/main.ts')] : ['--max-semi-space-size=64', '--enable-source-maps', fromRoot('dist/server/main.js')];
  const child = spawn(process.execPath, program, {
    cwd: fromRoot(), stdio: ['ignore', 'ignore', 'inherit'],
    // Nothing of the caller's settings goes in: a DATABASE_URL of somebody's real centre must never be filled by a benchmark.
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir, DEMO: 'off', ADMIN_PASSWORD: PASSWORD, LOG_LEVEL: 'error', ...environment },
  });
  const gone = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  closers.add(async () => { child.kill('SIGTERM'); await Promise.race([gone, sleep(20_000, undefined, { ref: false }).then(() => { child.kill('SIGKILL'); return gone; })]); });

  for (const end = performance.now() + 90_000; !(await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false));) {
    if (child.exitCode !== null || performance.now() > end) throw new Error('the centre did not start; see above');
    await sleep(50);
  }
  const post = async (path: string, body: unknown, cookie = '') => {
    const answer = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const signedIn = await post('/session', { username: 'admin', password: PASSWORD });
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const { id, key } = await (await post('/ingest-keys', { name: 'bench', kinds: ['dossiers'], units: ['75'] }, cookie)).json() as { id: string; key: string };
  return { url, cookie, key, keyId: id, pid: child.pid ?? 0, databaseUrl: readFileSync(join(dataDir, 'keys', 'postgres.url'), 'utf8') };
}
