import { defineConfig } from 'vitest/config';

/** `npm run test:engines`, after main.ts has installed the engines. */
export default defineConfig({
  test: { include: ['test/page/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 1_200_000, maxWorkers: 1 },
});
