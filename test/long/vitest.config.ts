import { defineConfig } from 'vitest/config';

/** `npm run test:long`: suites that take a minute or more each. CI runs these suites after `npm test`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
