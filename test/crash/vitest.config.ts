import { defineConfig } from 'vitest/config';

/** The suites that run for minutes: `npm run test:crash`. Two at once; none depends on how fast the machine is. */
export default defineConfig({
  test: {
    include: ['test/core/crash-matrix.test.ts', 'test/crash/**/*.test.ts'],
    testTimeout: 24 * 3_600_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
