import { defineConfig } from 'vitest/config';

/** The suites that take minutes: `npm run test:crash`. Two run at once; none depends on the machine's speed. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    testTimeout: 24 * 3_600_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
