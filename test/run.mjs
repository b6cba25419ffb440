/** Runs everything behind `npm test`: types, lint, tests; ends with the counts. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const only = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'toan-canh-test-'));
const counts = join(scratch, 'counts');
const step = (name, args, environment = {}) => {
  process.stdout.write(`\n— ${name}\n`);
  return spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...environment } }).status ?? 1;
};
let failed = 0;
if (only.length === 0) {
  if (step('types', ['node_modules/vue-tsc/bin/vue-tsc.js', '--noEmit']) !== 0) failed += 1;
  if (step('lint', ['node_modules/eslint/bin/eslint.js', '.']) !== 0) failed += 1;
}
const tests = step('tests', ['node_modules/vitest/vitest.mjs', 'run', ...only], { TEST_COUNTS: counts });
const line = existsSync(counts) ? readFileSync(counts, 'utf8') : '0 passed, 1 failed, 0 skipped';
rmSync(scratch, { recursive: true, force: true });
const [passed = 0, failing = 0, skipped = 0] = (line.match(/\d+/g) ?? []).map(Number);
process.stdout.write(`\n${passed} passed, ${failing + failed} failed, ${skipped} skipped\n`);
process.exit(tests !== 0 || failed > 0 ? 1 : 0);
