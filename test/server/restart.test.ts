/** The centre as its own process, killed without warning while events arrive: nothing acknowledged is lost or doubled. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '#config/paths.ts';
import { ownDatabase } from '../support/database.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'toan-canh-restart-'));
// Embedded, the database is killed with its centre; a server apart outlives it.
const own = await ownDatabase();
let child: ChildProcess | null = null;
afterAll(async () => { const gone = new Promise((resolve) => child?.once('exit', resolve)); child?.kill('SIGTERM'); await gone; await own?.drop(); rmSync(dataDir, { recursive: true, force: true }); });

const freePort = () => new Promise<number>((resolve) => { const server = createServer(); server.listen(0, '127.0.0.1', () => { const { port } = server.address() as { port: number }; server.close(() => resolve(port)); }); });
function start(port: number): void {
  child = spawn(process.execPath, ['--import', 'tsx', fromRoot('server/main.ts')], { cwd: fromRoot(), stdio: 'ignore', env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: String(port), DATA_DIR: dataDir, DEMO: 'off', ADMIN_PASSWORD: 'restart-test-2026', LOG_LEVEL: 'silent', ...(own === null ? {} : { DATABASE_URL: own.url }) } });
}
async function ready(url: string, ms: number): Promise<number> {
  const from = performance.now();
  for (;;) {
    if (await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false)) return performance.now() - from;
    if (performance.now() - from > ms) throw new Error(`not ready within ${ms} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

describe('kill -9 of the centre', () => {
  it('loses nothing that was acknowledged, and a re-delivery doubles nothing', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    start(port);
    await ready(url, 60_000);
    const signIn = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'admin', password: 'restart-test-2026' }) });
    const cookie = (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const { key } = await (await fetch(`${url}/api/v1/ingest-keys`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ name: 't', kinds: ['dossiers'], units: ['75'] }) })).json() as { key: string };
    const send = async (n: number) => await fetch(`${url}/api/v1/ingest/dossiers`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` }, body: JSON.stringify([{ eventId: `k${n}`, dossier: `K${n}`, status: 'received', at: '2026-02-03T08:00:00+07:00', unit: '26068', procedure: '1.004199' }]) });
    const acknowledged = new Set<number>();
    let n = 0;
    for (let round = 0; round < 2; round += 1) {
      const victim = child as ChildProcess;
      const sending = (async () => { for (let i = 0; i < 400; i += 1) { n += 1; const mine = n; if (await send(mine).then((answer) => answer.ok, () => false)) acknowledged.add(mine); else break; } })();
      // After a number of events, not after a time: a busy machine sends slower. The next one is under way then.
      const enough = acknowledged.size + 15 + round * 20;
      while (acknowledged.size < enough) await new Promise((resolve) => { setTimeout(resolve, 7); });
      const gone = new Promise((resolve) => victim.once('exit', resolve));
      victim.kill('SIGKILL');
      await gone;
      await sending;
      start(port);
      await ready(url, 30_000);
    }
    expect(acknowledged.size).toBeGreaterThan(20);
    const received = async () => ((await (await fetch(`${url}/api/v1/kpis?unit=75&from=2026-02-03&to=2026-02-03`, { headers: { cookie } })).json()) as { dossiers: { received: number } }).dossiers.received;
    expect(await received()).toBeGreaterThanOrEqual(acknowledged.size);
    // The sender does not know of the last ones whether they arrived: it sends all again.
    for (let i = 1; i <= n; i += 1) expect((await send(i)).ok).toBe(true);
    expect(await received()).toBe(n);
  }, 120_000);
});
