/** The closing line: counts, and each skipped test with its reason, so that nothing is silently passed. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export default class Closing implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        else if (result.state === 'failed') counts.failed += 1;
        else { counts.skipped += 1; skipped.push(`${test.fullName}${result.state === 'skipped' && result.note ? ` — ${result.note}` : ''}`); }
      }
    }
    for (const line of skipped) process.stdout.write(`skipped: ${line}\n`);
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    if (process.env.TEST_COUNTS) writeFileSync(process.env.TEST_COUNTS, line);
  }
}
