import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import { afterEach, expect, it, vi } from 'vitest';
import { createLog, createMetrics } from '../../lambdas/adapters/telemetry.ts';

/** The JSON that a function writes to its standard output and error. */
function written(act: () => void): unknown[] {
  // Otherwise Powertools bypasses the test's console and writes no metrics.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const lines: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  act();
  return lines;
}
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('writes lines with the fields of the log and of the line, separately for each log', () => {
  const lines = written(() => {
    const logger = new Logger({ serviceName: 'lake' });
    const one = createLog(logger, { runId: 'run-1' });
    const two = createLog(logger, { runId: 'run-2' });
    one.info('Begun.');
    one.warn('Slow.', { seconds: 5 });
    two.error('Failed.', { code: 'unavailable' });
  });
  expect(lines).toMatchObject([
    { level: 'INFO', message: 'Begun.', runId: 'run-1', service: 'lake' },
    { level: 'WARN', message: 'Slow.', runId: 'run-1', seconds: 5 },
    { level: 'ERROR', message: 'Failed.', runId: 'run-2', code: 'unavailable' },
  ]);
  expect(lines[0]).not.toHaveProperty('seconds');
});

it('keeps the fields of a failure beside those of the line', () => {
  const failure = { code: 'unavailable', message: 'The API is down.', requestId: 'req_1' };
  const lines = written(() => createLog(new Logger({ serviceName: 'lake' }), {}).error('The task failed.', failure));
  expect(lines).toMatchObject([{ message: 'The task failed.', reason: 'The API is down.', code: 'unavailable' }]);
  expect(lines).toHaveLength(1);
});

it('writes each metric at once, with its dimensions', () => {
  const lines = written(() => {
    const defaultDimensions = { workspace: 'main' };
    const powertools = new PowertoolsMetrics({ serviceName: 'lake', namespace: 'Test', defaultDimensions });
    createMetrics(powertools).count('Rows', 3, { stream: 'leads' });
    createMetrics(powertools).count('Runs', 1);
  });
  expect(lines).toMatchObject([
    { Rows: 3, stream: 'leads', workspace: 'main', service: 'lake' },
    { Runs: 1, workspace: 'main', service: 'lake' },
  ]);
  expect(lines[1]).not.toHaveProperty('stream');
});
