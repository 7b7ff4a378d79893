import { beforeAll, describe, expect, it } from 'vitest';
import { templatesOf } from '../../cost/deployment.ts';
import { measure } from '../../cost/measure.ts';
import type { Measurement, Phase } from '../../cost/measurement.ts';
import { readPrices } from '../../cost/prices.ts';
import { readReference } from '../../cost/reference.ts';
import { type Now, regressions } from '../../cost/regression.ts';
import { smallLeads } from '../../cost/workload.ts';
import { parseWorkspace } from '../../lib/config/config.ts';

/** The cost of the reference workload, with its counts derived from a small one that is measured here and now. */

const then = readReference();
const prices = readPrices();
const same: Now = { small: then.small, fixed: then.fixed, settings: then.settings };
let now: Now;

beforeAll(async () => {
  const { measurement: small } = await measure(smallLeads);
  now = { small, ...templatesOf(parseWorkspace({ name: 'main' })) };
}, 120_000);

function withEachPhase(measurement: Measurement, change: (phase: Phase) => Phase): Measurement {
  const { firstLoad, night, webhook, export: exported, reconciliation } = measurement.phases;
  return {
    ...measurement,
    phases: {
      firstLoad: change(firstLoad),
      night: change(night),
      webhook: change(webhook),
      export: change(exported),
      reconciliation: change(reconciliation),
    },
  };
}

const withCalls = (pattern: RegExp, factor: number) =>
  withEachPhase(then.small, (phase) => ({
    ...phase,
    calls: Object.fromEntries(
      Object.entries(phase.calls).map(([call, count]) => [call, pattern.test(call) ? count * factor : count]),
    ),
  }));

describe('the cost of the reference workload', () => {
  it('is within a tenth of what was recorded; dearer on purpose: npm run cost:record && npm run generate', () => {
    expect(regressions(then, now, prices)).toEqual([]);
  });
});

describe('the check of cost fails', () => {
  it('not where nothing has changed', () => {
    expect(regressions(then, same, prices)).toEqual([]);
  });

  it('where each object is written twice', () => {
    expect(regressions(then, { ...same, small: withCalls(/s3:Put/, 2) }, prices)).toContainEqual(
      expect.stringMatching(/^A month of the pipeline: S3 rises from \$0\.\d+ to \$1\.\d+\.$/),
    );
  });

  it('where the pipeline leaves three files in place of one', () => {
    const small = withEachPhase(then.small, (phase) => ({
      ...phase,
      largestTable: { ...phase.largestTable, files: phase.largestTable.files * 3 },
    }));
    expect(regressions(then, { ...same, small }, prices)).toContainEqual(
      expect.stringMatching(/^A month of queries rises/),
    );
  });

  it('where a service is called that was not called before', () => {
    const small = withEachPhase(then.small, (phase) => ({
      ...phase,
      calls: { ...phase.calls, 'extract secretsmanager:PutSecretValue': 1_000 },
    }));
    expect(regressions(then, { ...same, small }, prices)).toContainEqual(
      expect.stringMatching(/^The first load: Secrets Manager rises/),
    );
  });

  it('where a metric is written for each table', () => {
    const small = withEachPhase(then.small, (phase) => ({
      ...phase,
      metrics: [...phase.metrics, ...Array.from({ length: 33 }, (_, table) => `RowsWritten by table ${table}`)],
    }));
    expect(regressions(then, { ...same, small }, prices)).toContainEqual(
      expect.stringMatching(/^A month of the pipeline: CloudWatch rises/),
    );
  });

  const { fixed, settings } = then;
  it.each([
    ['an alarm more for each function', { fixed: { ...fixed, alarmMetrics: fixed.alarmMetrics + 9 } }, 'CloudWatch'],
    ['a secret for each queue', { fixed: { ...fixed, secrets: fixed.secrets + 5 } }, 'Secrets Manager'],
    ['a key', { fixed: { ...fixed, keys: fixed.keys + 1 } }, 'KMS'],
    ['a sixth queue with a function', { fixed: { ...fixed, queueMappings: fixed.queueMappings + 1 } }, 'SQS'],
    [
      'twice the memory for extract',
      { settings: { ...settings, memory: { ...settings.memory, extract: 2 * (settings.memory['extract'] ?? 0) } } },
      'Lambda',
    ],
  ])('where there is %s', (_, change, service) => {
    expect(regressions(then, { ...same, ...change }, prices)).toContainEqual(
      expect.stringMatching(new RegExp(`^A month of the pipeline: ${service} rises`)),
    );
  });
});
