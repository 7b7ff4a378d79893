import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const files = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);
/**
 * Suites that change nothing outside of themselves share a process, in which the CDK and the SDK are loaded
 * once; every other has a process of its own.
 */
const sharing = files('lib', 'core', 'streams', 'contract', 'tools');

/** Suites that run for minutes have commands of their own; a mutation asks for the matrix by its name. */
const slow = [
  'test/core/hostile-api.test.ts',
  ...(process.env['CRASH_MATRIX'] === undefined ? ['test/core/crash-matrix.test.ts'] : []),
];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A process starts late where the machine has other work.
    expect: { poll: { timeout: 10_000 } },
    // Two: what the smallest machine of ours has.
    maxWorkers: 2,
    // What Node has compiled is there for the next process that a test starts.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/compiled', import.meta.url)) },
    projects: [
      {
        extends: true,
        test: { name: 'sharing', include: sharing, exclude: slow, isolate: false },
      },
      // Suites that run for minutes have a command of their own.
      {
        extends: true,
        test: {
          name: 'alone',
          include: files('**'),
          exclude: ['test/aws/**', 'test/crash/**', 'test/engines/**', 'test/local/hostile-api.test.ts', ...sharing],
        },
      },
    ],
  },
});
