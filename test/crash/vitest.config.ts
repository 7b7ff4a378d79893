import { defineConfig } from 'vitest/config';

/** The suites that run for minutes: `npm run test:crash`. */
export default defineConfig({
  test: { include: ['test/crash/**/*.test.ts'], testTimeout: 3_600_000, hookTimeout: 60_000, maxWorkers: 2 },
});
