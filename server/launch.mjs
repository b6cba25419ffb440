#!/usr/bin/env node
/**
 * The door of every npm script: on a machine with only Node and npm it first brings what is missing — packages, the
 * build — and then runs what was asked for. Plain JavaScript without any package, because none may be there yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const [command = 'start', ...args] = process.argv.slice(2);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: Toàn Cảnh needs 20.19 or newer.`);
  process.exit(1);
}

const say = (text) => process.stderr.write(`${text}\n`);
const stamp = join(root, 'node_modules', '.toan-canh-installed');
const lockHash = () => createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).update(process.version).digest('hex');

function run(program, programArgs, { quiet = false } = {}) {
  const result = spawnSync(program, programArgs, { cwd: root, stdio: quiet ? ['ignore', 'ignore', 'inherit'] : ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    console.error(`\n«${program} ${programArgs.join(' ')}» failed (${result.status ?? result.signal ?? result.error?.message}). See above; then run the command again.`);
    process.exit(1);
  }
}

function install() {
  const wanted = lockHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing packages (the first time: one to three minutes) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** Names, sizes and times of all sources: enough to know whether the build is theirs. */
function sourcesHash(folders) {
  const hash = createHash('sha256');
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else { const { size, mtimeMs } = statSync(path); hash.update(`${path} ${size} ${mtimeMs}\n`); }
    }
  };
  for (const folder of folders) if (existsSync(join(root, folder))) walk(join(root, folder));
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return hash.digest('hex');
}

async function build() {
  const stampFile = join(root, 'dist', '.built');
  const wanted = sourcesHash(['server', 'streams', 'analytics', 'config', 'client']);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  say('Building …');
  // esbuild's own library: whether its program is a script or a binary depends on whether npm ran its install script.
  const { build: bundle } = await import('esbuild');
  await bundle({
    absWorkingDir: root, entryPoints: ['server/main.ts', 'server/commands/admin.ts', 'server/commands/import.ts', 'server/commands/verify.ts', 'server/commands/previewImport.ts', 'server/commands/importJob.ts', 'streams/main.ts', 'streams/relay/entry.ts'].filter((entry) => existsSync(join(root, entry))),
    bundle: true, packages: 'external', format: 'esm', splitting: true, platform: 'node', target: 'node20', sourcemap: true, outdir: 'dist', outbase: '.', logLevel: 'warning',
  });
  if (existsSync(join(root, 'client/index.html'))) run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn']);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stampFile, wanted);
}

/** Runs a program of ours, hands signals on, and ends as it ended. */
function become(programArgs, environment = {}) {
  const child = spawn(process.execPath, programArgs, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal); });
  child.on('exit', (code, signal) => { process.exit(code ?? (signal ? 1 : 0)); });
}

/** Vite's own server beside the centre, which it passes everything else on to: a change in client/ is on the page at once. */
function reloadClient() {
  const vite = spawn(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), '--host', '127.0.0.1', '--clearScreen', 'false'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, CENTRE_URL: `http://127.0.0.1:${process.env.PORT ?? 8080}` } });
  process.on('exit', () => { vite.kill(); });
}

// Requests by the thousand leave much behind that dies young: more room for it halves what collecting it costs.
const CENTRE = ['--max-semi-space-size=64', '--enable-source-maps', 'dist/server/main.js'];

install();
switch (command) {
  case 'start': await build(); become([...CENTRE, ...args], { NODE_ENV: 'production' }); break;
  case 'dev': await build(); reloadClient(); become(['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', '--exclude', 'client/**', 'server/main.ts', ...args]); break;
  case 'admin': case 'import': case 'verify': await build(); become(['--enable-source-maps', `dist/server/commands/${command}.js`, ...args]); break;
  case 'media-node': await build(); become(['--enable-source-maps', 'dist/streams/main.js', ...args]); break;
  case 'test': await build(); become(['test/run.mjs', ...args]); break;
  case 'bench': await build(); become(['--import', 'tsx', 'test/bench/main.ts', ...args]); break;
  case 'build': await build(); break;
  default: console.error(`unknown command «${command}»`); process.exit(1);
}
