import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Suites of `npm test` that `npm run test:long` repeats with more tries. */
const withTries = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('long'))
  .filter((name) => readFileSync(join(root, 'test', name), 'utf8').includes('support/tries.ts'))
  .map((name) => join('test', name));

/**
 * `npm run test:long`: suites about processes, kills, hangs and whole days of a deployment, and the random suites of
 * `npm test` with more tries. CI runs these suites after `npm test`.
 */
export default defineConfig({
  test: {
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // On a busy machine, a process may start late.
    expect: { poll: { timeout: 10_000 } },
    // More than the processors of our smallest machine, because these suites mostly wait.
    maxWorkers: 3,
    env: { NODE_COMPILE_CACHE: join(root, '.cache', 'compiled') },
    projects: [
      { extends: true, test: { name: 'long', include: ['test/long/**/*.test.ts'] } },
      { extends: true, test: { name: 'more tries', include: withTries, env: { MANY_TRIES: '1' } } },
    ],
  },
});
