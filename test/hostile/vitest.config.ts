import { defineConfig } from 'vitest/config';

/** The randomized suites with thousands of seeded runs: `npm run test:hostile`. */
export default defineConfig({
  test: {
    include: ['test/core/hostile-api.test.ts', 'test/local/hostile-api.test.ts', 'test/handlers/webhook.test.ts'],
    env: { HOSTILE_RUNS: process.env['HOSTILE_RUNS'] ?? '1000' },
    testTimeout: 7_200_000,
    maxWorkers: 2,
  },
});
