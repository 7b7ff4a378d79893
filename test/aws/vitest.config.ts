import { defineConfig } from 'vitest/config';

/** `npm run test:aws`. Tests run in sequence, because each builds on the state that the previous one left. */
export default defineConfig({
  test: { include: ['test/aws/**/*.test.ts'], testTimeout: 30 * 60_000, hookTimeout: 30 * 60_000, maxWorkers: 1 },
});
