import { defineConfig } from 'vitest/config';

/** Suites that take a minute or more each: `npm run test:long`. CI runs them after `npm test`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
