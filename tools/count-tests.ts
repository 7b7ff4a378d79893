/**
 * `node tools/count-tests.ts <file>…`: prints the failed tests in vitest's JSON reports, those that passed only when they
 * were run again, and last one line with the counts. Used by .ci/run.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

interface Failure {
  readonly file: string;
  /** Undefined if the file did not load, or its setup threw. */
  readonly test?: string;
  readonly message: string;
}

const mostTold = 20;
const longestMessage = 300;

/**
 * Reads the results in a report. A file that fails without a failed test (it did not load, or its setup threw) counts
 * as one failed test.
 */
export function readResults(text: string): { passed: number; failures: Failure[]; retried: Failure[] } {
  const files = report.parse(JSON.parse(text)).testResults;
  const having = (tests: (typeof files)[number]['assertionResults'], status: string) =>
    tests.filter((test) => test.status === status);
  return {
    passed: files.reduce((sum, { assertionResults }) => sum + having(assertionResults, 'passed').length, 0),
    failures: files.flatMap(({ name, status, message, assertionResults }): Failure[] => {
      const file = relative(process.cwd(), name);
      const failed = having(assertionResults, 'failed');
      if (failed.length === 0) return status === 'failed' ? [{ file, message }] : [];
      return failed.map((test) => failureOf(file, test));
    }),
    retried: files.flatMap(({ name, assertionResults }) =>
      having(assertionResults, 'passed')
        .filter(({ failureMessages }) => (failureMessages?.length ?? 0) > 0)
        .map((test) => failureOf(relative(process.cwd(), name), test)),
    ),
  };
}

function failureOf(
  file: string,
  { fullName, failureMessages }: { fullName: string; failureMessages?: string[] | null | undefined },
): Failure {
  return { file, test: fullName, message: failureMessages?.[0] ?? '' };
}

/** Names the tests, each with the first line of its message: the end of a long log then says what failed. */
export function failureLines(failures: readonly Failure[], word = 'FAILED'): string[] {
  return [
    ...failures.slice(0, mostTold).flatMap(({ file, test, message }) => {
      const [first = ''] = stripVTControlCharacters(message).trim().split('\n');
      return [
        `${word} ${[file, ...(test === undefined ? [] : [test])].join(' > ')}`,
        ...(first === '' ? [] : [`  ${first.slice(0, longestMessage)}`]),
      ];
    }),
    ...(failures.length > mostTold ? [`and ${failures.length - mostTold} more`] : []),
  ];
}

if (import.meta.main) {
  const all = process.argv.slice(2).map((file) => readResults(readFileSync(file, 'utf8')));
  const passed = all.reduce((sum, one) => sum + one.passed, 0);
  const failures = all.flatMap((one) => one.failures);
  const retried = failureLines(
    all.flatMap((one) => one.retried),
    'PASSED WHEN RUN AGAIN',
  );
  for (const line of [...failureLines(failures), ...retried, `${passed} passed, ${failures.length} failed`])
    process.stdout.write(`${line}\n`);
  // A report without any test is a failure too.
  process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
}
