import { defineConfig } from 'vitest/config';

// Tests start real processes (PostgreSQL, media nodes, ffmpeg, Chromium): two files at once is what two cores bear.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 90_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/support/reporter.ts'],
  },
});
