import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites that run for minutes have a command of their own.
    exclude: ['test/crash/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A process starts late where the machine has other work.
    expect: { poll: { timeout: 10_000 } },
    // Two: what the smallest machine of ours has.
    maxWorkers: 2,
  },
});
