import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureLines, readResults } from '../../tools/count-tests.ts';

const file = (status: string, ...tests: string[]) => ({
  name: resolve('test/a.test.ts'),
  status,
  message: '',
  assertionResults: tests.map((of) => ({ status: of, fullName: `a test that is ${of}`, failureMessages: [] })),
});
const reportOf = (...testResults: object[]) => JSON.stringify({ testResults });

function countTests(text: string) {
  const { passed, failures } = readResults(text);
  return { passed, failed: failures.length };
}

describe('the count of tests', () => {
  it('counts passed and failed tests over all files', () => {
    const report = reportOf(file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'failed'));
    expect(countTests(report)).toEqual({ passed: 3, failed: 2 });
  });

  it('counts a file that did not load, or whose setup threw, as a failure', () => {
    expect(countTests(reportOf(file('failed'), file('failed', 'passed', 'skipped')))).toEqual({ passed: 1, failed: 2 });
  });

  it('does not count tests that did not run', () => {
    expect(countTests(reportOf(file('passed', 'skipped', 'todo')))).toEqual({ passed: 0, failed: 0 });
  });

  it('refuses anything but a report of vitest', () => {
    expect(() => readResults('{}')).toThrow('testResults');
  });
});

describe('the failed tests', () => {
  it('are named with their file and the first line of their message, without colours', () => {
    const failed = {
      ...file('failed'),
      assertionResults: [
        {
          status: 'failed',
          fullName: 'a merge keeps the newer row',
          failureMessages: ['AssertionError: expected \u001B[32m1\u001B[39m to be 2\n    at a.test.ts:3:1'],
        },
      ],
    };
    expect(failureLines(readResults(reportOf(failed)).failures)).toEqual([
      'FAILED test/a.test.ts > a merge keeps the newer row',
      '  AssertionError: expected 1 to be 2',
    ]);
  });

  it('are named by the file alone if it did not load', () => {
    const failed = { ...file('failed'), message: 'Cannot find module' };
    expect(failureLines(readResults(reportOf(failed)).failures)).toEqual([
      'FAILED test/a.test.ts',
      '  Cannot find module',
    ]);
  });

  it('are named too if they passed when they were run again', () => {
    const test = { status: 'passed', fullName: 'a queue is empty', failureMessages: ['Error: timed out'] };
    const report = reportOf({ ...file('passed'), assertionResults: [test] });
    const { failures, retried } = readResults(report);
    expect(failures).toEqual([]);
    expect(failureLines(retried, 'PASSED WHEN RUN AGAIN')).toEqual([
      'PASSED WHEN RUN AGAIN test/a.test.ts > a queue is empty',
      '  Error: timed out',
    ]);
  });

  it('fill no more than some screens, however many and long they are', () => {
    const failure = { file: 'test/a.test.ts', test: 'a test', message: 'x'.repeat(1_000) };
    const lines = failureLines(Array.from({ length: 50 }, () => failure));
    expect(lines).toHaveLength(20 * 2 + 1);
    expect(lines.at(-1)).toBe('and 30 more');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(310);
  });
});
