/** Runs everything behind `npm test`: types, lint, tests, and again on TimescaleDB what stands on the database; ends with the counts. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { knownWeaknesses } from './support/dependencies.mjs';

/** What runs a second time where a TimescaleDB can be had. */
const ON_DATABASE = ['test/database/', 'test/server/'];
/** What stands on cameras, files, processes, people and screens, whose tables are plain ones everywhere: once is enough. */
const ONCE = ['accounts', 'alertAssign', 'auditChain', 'camera', 'cameraImport', 'cameraPicture', 'cameraRights', 'cameraTest', 'canary', 'clips', 'fsck', 'holds', 'hostility', 'ingest/importCommand', 'ingest/importJobs', 'ingest/importPreview', 'ingestKeys', 'map', 'masks', 'mediaNodes', 'nodeReport', 'oidc', 'recordingPolicy', 'secondFactor', 'shell', 'shifts', 'signIn', 'uplink', 'verifyCommand', 'wall'].map((name) => `--exclude=test/server/${name}.test.ts`);
const only = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'toan-canh-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
const say = (text) => { process.stdout.write(`${text}\n`); };

const step = (name, args, environment = {}) => new Promise((resolve) => {
  say(`\n— ${name}`);
  spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...environment } }).once('exit', (code) => { resolve(code ?? 1); });
});
async function check(name, args) { if (await step(name, args) !== 0) totals.failed += 1; }
async function tests(name, files, environment = {}) {
  const counts = join(scratch, name.replace(/\W/g, '-'));
  const code = await step(name, ['node_modules/vitest/vitest.mjs', 'run', ...files], { TEST_COUNTS: counts, ...environment });
  const [passed = 0, failed = 0, skipped = 0] = (existsSync(counts) ? readFileSync(counts, 'utf8') : '').match(/\d+/g)?.map(Number) ?? [];
  totals.passed += passed;
  // A run that ends badly without a failed test (it could not begin, or an error came from outside a test) counts as one.
  totals.failed += code !== 0 && failed === 0 ? 1 : failed;
  totals.skipped += skipped;
}

if (only.length === 0) {
  // Each works on one processor alone.
  await Promise.all([check('types', ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit']), check('lint', ['node_modules/eslint/bin/eslint.js', '.'])]);
  say('\n— known weaknesses of what ships');
  const known = await knownWeaknesses();
  if ('skipped' in known) { say(`skipped: ${known.skipped}`); totals.skipped += 1; } else { for (const one of known.findings) say(one); say(known.findings.length === 0 ? 'none of level high or critical' : 'update or replace them'); totals.failed += known.findings.length; }
}
await tests('tests', only);
// With TEST_DATABASE_URL all of them have just run on a server of the caller's choice.
if (only.length === 0 && !process.env.TEST_DATABASE_URL) {
  const { startTimescale } = await tsImport('./support/timescale.ts', import.meta.url);
  const timescale = await startTimescale();
  if ('reason' in timescale) {
    say(`\nskipped: the database suites on TimescaleDB — ${timescale.reason}`);
    totals.skipped += 1;
  } else {
    // They wait for the database more than they reckon.
    try { await tests(`tests on TimescaleDB (there after ${(timescale.broughtMs / 1000).toFixed(1)} s)`, ['--maxWorkers=3', ...ON_DATABASE, ...ONCE], { TEST_DATABASE_URL: timescale.url }); } finally { await timescale.stop(); }
  }
}
rmSync(scratch, { recursive: true, force: true });
say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 ? 1 : 0);
