import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const files = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);
/**
 * Suites without side effects share a process, which loads the CDK and the SDK once. Every other suite has its own
 * process.
 */
const sharing = files('lib', 'core', 'streams', 'contract', 'tools', 'policies', 'cost', 'docs');

/**
 * Suites that run for minutes have their own commands. The mutation tests set an environment variable to include the
 * crash matrix, a suite that disturbs each kind of step.
 */
const slow = [
  'test/core/hostile-api.test.ts',
  ...(process.env['CRASH_STEPS'] === undefined ? ['test/core/crash-matrix.test.ts'] : []),
];

export default defineConfig({
  test: {
    // Long enough for a busy machine, so that only a test that hangs fails.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // On a busy machine, a process may start late.
    expect: { poll: { timeout: 10_000 } },
    // Two, because our smallest machine has two processors.
    maxWorkers: 2,
    // A process that a test starts reuses code that Node has already compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/compiled', import.meta.url)) },
    projects: [
      {
        extends: true,
        test: { name: 'sharing', include: sharing, exclude: slow, isolate: false },
      },
      // Suites that run for minutes have their own command.
      {
        extends: true,
        test: {
          name: 'alone',
          include: files('**'),
          exclude: [
            'test/aws/**',
            'test/crash/**',
            'test/engines/**',
            'test/long/**',
            'test/page/**',
            'test/local/hostile-api.test.ts',
            ...sharing,
          ],
        },
      },
    ],
  },
});
