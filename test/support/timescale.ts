/**
 * A real TimescaleDB for the tests, without docker and without root: the packages of Debian 13, taken from the mirror
 * that this machine already uses, unpacked into a folder of this project and run from there. The machine's own apt,
 * packages and libraries are not touched. Alone: `npx tsx test/support/timescale.ts` prints an address and waits.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '#config/paths.ts';
import { startServer, type Binaries } from '#server/database/embedded.ts';

const RELEASE = 'trixie';
const PACKAGES = ['postgresql-17', 'postgresql-17-timescaledb'];
const CACHE = fromRoot('node_modules/.cache/toan-canh');
const QUIET = { info: () => undefined, warn: () => undefined, error: (fields: object, text?: string) => { console.error(fields, text ?? ''); } };

/** Why there is no TimescaleDB here, in words for the line of the skipped step. */
class Unavailable extends Error {}

export type Timescale = { url: string; broughtMs: number; stop(): Promise<void> } | { reason: string };

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' }, maxBuffer: 64 << 20, timeout: 120_000 }).catch((error: { stderr?: string; message: string; code?: unknown }) => {
    if (error.code === 'ENOENT') throw new Unavailable(`${program} is not on this machine`);
    const said = (error.stderr ?? '').trim().split('\n').filter((line) => !line.startsWith('W:')).slice(-2).join(' ') || error.message.split('\n')[0];
    throw new Unavailable(`${program} ${args.find((arg) => /^[a-z]/.test(arg)) ?? ''}: ${said}`);
  });
  return stdout;
}

interface Mirror { uri: string; signedBy: string | null }

/** The mirror from which this machine has its own Debian, in either of apt's two notations. */
export function mirrorOf(text: string, codename: string): Mirror | null {
  for (const line of text.split('\n')) {
    const [, options = '', uri = '', suite] = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s.*\bmain\b/.exec(line.trim()) ?? [];
    if (suite === codename) return { uri, signedBy: /signed-by=(\S+)/i.exec(options)?.[1] ?? null };
  }
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (/^enabled:\s*no/im.test(stanza) || !field('Types').includes('deb') || !field('Suites').includes(codename) || !field('Components').includes('main')) continue;
    const uri = field('URIs')[0];
    // A key may also stand in the stanza itself; then there is no file to name.
    if (uri !== undefined) return { uri, signedBy: field('Signed-By')[0]?.startsWith('/') ? field('Signed-By')[0] ?? null : null };
  }
  return null;
}

async function findMirror(): Promise<Mirror> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID="?debian"?$/m.test(release) || !existsSync('/etc/apt')) throw new Unavailable('this machine is not a Debian');
  const files = ['/etc/apt/sources.list', ...(await readdir('/etc/apt/sources.list.d').catch(() => [])).map((name) => join('/etc/apt/sources.list.d', name))];
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(release)?.[1] ?? '';
  for (const file of files) {
    const mirror = mirrorOf(await readFile(file, 'utf8').catch(() => ''), codename);
    if (mirror) return mirror;
  }
  throw new Unavailable('the apt sources of this machine name no Debian mirror');
}

/** What the server needs at run time: of its dependencies the libraries only, without Perl and the JIT's compiler. */
const isNeeded = (name: string) => PACKAGES.includes(name) || (/^lib/.test(name) && !/perl|llvm|debconf|debian-installer|^libc-(bin|l10n)/.test(name));

async function unpack(folder: string): Promise<void> {
  const { uri, signedBy } = await findMirror();
  const apt = join(folder, 'apt');
  const root = join(folder, 'root');
  for (const path of ['lists/partial', 'cache/archives/partial', 'debs']) await mkdir(join(apt, path), { recursive: true });
  await writeFile(join(apt, 'status'), '');
  await writeFile(join(apt, 'mirror.sources'), `Types: deb\nURIs: ${uri}\nSuites: ${RELEASE}\nComponents: main\n${signedBy === null ? '' : `Signed-By: ${signedBy}\n`}`);
  // The machine's proxy settings stay in force; its sources, its state and its hooks do not.
  await writeFile(join(apt, 'apt.conf'), `
    #clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success;
    Dir::Etc { SourceList "${apt}/mirror.sources"; SourceParts "/dev/null"; Preferences "/dev/null"; PreferencesParts "/dev/null"; };
    Dir::State "${apt}"; Dir::State::Lists "${apt}/lists"; Dir::State::Status "${apt}/status"; Dir::Cache "${apt}/cache";
    Acquire::Languages "none"; Acquire::Retries "1"; Acquire::http::Timeout "20"; APT::Update::Error-Mode "any"; APT::Sandbox::User "root";`);
  const conf = ['-c', join(apt, 'apt.conf')];
  await run('apt-get', [...conf, '-qq', 'update'], apt);
  const tree = await run('apt-cache', [...conf, 'depends', '--recurse', '--no-recommends', '--no-suggests', '--no-conflicts', '--no-breaks', '--no-replaces', '--no-enhances', ...PACKAGES], apt);
  const names = [...new Set(tree.split('\n').filter((line) => /^[a-z]/.test(line)))].filter(isNeeded);
  await run('apt-get', [...conf, '-qq', 'download', ...names], join(apt, 'debs'));
  for (const file of await readdir(join(apt, 'debs'))) await run('dpkg-deb', ['-x', join(apt, 'debs', file), root], apt);
  await rm(apt, { recursive: true });
}

/** Debian 13's programs run on an older Debian with the loader and the libraries that came with them. */
async function wrap(root: string): Promise<void> {
  const triplet = (await readdir(join(root, 'usr/lib'))).find((name) => name.includes('-linux-gnu')) ?? '';
  const libraries = join('usr/lib', triplet);
  const loader = (await readdir(join(root, libraries))).find((name) => name.startsWith('ld-linux'));
  if (loader === undefined) throw new Unavailable('the packages hold no program loader for this kind of processor');
  const bin = join(root, 'usr/lib/postgresql/17/bin');
  for (const name of ['postgres', 'initdb']) {
    await rename(join(bin, name), join(bin, `${name}.debian`));
    // PostgreSQL finds its files from its own name, hence --argv0.
    await writeFile(join(bin, name), `#!/bin/sh\nroot="\${0%/usr/lib/postgresql/17/bin/*}"\nexec "$root/${libraries}/${loader}" --library-path "$root/${libraries}" --argv0 "$0" "$0.debian" "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
}

async function bring(): Promise<Binaries> {
  const folder = join(CACHE, `timescaledb-${RELEASE}-${process.arch}`);
  if (!existsSync(folder)) {
    await mkdir(CACHE, { recursive: true });
    // Made aside and renamed, so that a run that is interrupted leaves nothing half made.
    const aside = await mkdtemp(`${folder}.new-`);
    try {
      await unpack(aside);
      await wrap(join(aside, 'root'));
      await rename(join(aside, 'root'), folder).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; });
    } finally { await rm(aside, { recursive: true, force: true }); }
  }
  const bin = join(folder, 'usr/lib/postgresql/17/bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
}

export async function startTimescale(): Promise<Timescale> {
  const from = performance.now();
  const dataDir = await mkdtemp(join(tmpdir(), 'toan-canh-timescale-'));
  try {
    const binaries = await bring();
    const settings = { shared_preload_libraries: 'timescaledb', 'timescaledb.telemetry_level': 'off', max_worker_processes: '32', max_connections: '100' };
    const server = await startServer({ dataDir, searchPath: process.env.PATH ?? '', log: QUIET, binaries, settings });
    return { url: server.url, broughtMs: Math.round(performance.now() - from), async stop() { await server.stop(); await rm(dataDir, { recursive: true, force: true }); } };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

if (process.argv[1]?.endsWith('timescale.ts')) {
  const server = await startTimescale();
  if ('reason' in server) { console.error(server.reason); process.exitCode = 1; } else {
    console.log(server.url);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void server.stop(); });
  }
}
