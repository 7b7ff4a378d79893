/** `node tools/count-tests.ts <file>…`: prints one line with the results in vitest's JSON reports. Used by .ci/run. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const report = z.object({
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/**
 * Counts the tests in a report. A file that fails without a failed test (it did not load, or its set-up threw) counts
 * as one failed test.
 */
export function countTests(text: string): { passed: number; failed: number } {
  const { testResults } = report.parse(JSON.parse(text));
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    passed += assertionResults.filter((test) => test.status === 'passed').length;
    failed += status === 'failed' ? Math.max(failures, 1) : failures;
  }
  return { passed, failed };
}

if (import.meta.main) {
  const counts = process.argv.slice(2).map((file) => countTests(readFileSync(file, 'utf8')));
  const passed = counts.reduce((sum, one) => sum + one.passed, 0);
  const failed = counts.reduce((sum, one) => sum + one.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  // A report without any test is a failure too.
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
