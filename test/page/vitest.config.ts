import { defineConfig } from 'vitest/config';

/** `npm run test:page`, after main.ts has found a browser. */
export default defineConfig({
  test: { include: ['test/page/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 1_200_000, maxWorkers: 1 },
});
