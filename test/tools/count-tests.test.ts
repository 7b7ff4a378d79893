import { describe, expect, it } from 'vitest';
import { countTests } from '../../tools/count-tests.ts';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((of) => ({ status: of })),
});
const reportOf = (...testResults: object[]) => JSON.stringify({ testResults });

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
    expect(() => countTests('{}')).toThrow('testResults');
  });
});
