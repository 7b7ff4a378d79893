import { defineConfig } from 'vitest/config';

/** The second AWS: `npm run test:aws`. One after the other, since each stands on what the one before has left. */
export default defineConfig({
  test: { include: ['test/aws/**/*.test.ts'], testTimeout: 30 * 60_000, hookTimeout: 30 * 60_000, maxWorkers: 1 },
});
