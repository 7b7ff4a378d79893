import { describe, expect, it } from 'vitest';
import { bill, freeTier, total } from '../../cost/bill.ts';
import { timesPerMonth } from '../../cost/cron-frequency.ts';
import { estimate } from '../../cost/estimate.ts';
import { countFixed } from '../../cost/fixed-usage.ts';
import { looksAt } from '../../cost/phase-usage.ts';
import { priceIds, readPrices } from '../../cost/prices.ts';
import { readReference } from '../../cost/reference.ts';
import { daysPerMonth } from '../../cost/workload.ts';
import { parseWorkspace } from '../../lib/config/config.ts';

const prices = readPrices();
const of = (config = {}) => estimate(parseWorkspace({ name: 'main', ...config }), readReference(), prices);

describe('the table of prices', () => {
  it.each(priceIds)('says for %s what it costs, where AWS publishes it, and what it was read from', (id) => {
    const { usd, official, source, date } = prices.prices[id];
    expect(usd).toBeGreaterThan(0);
    expect(new URL(official).hostname).toBe('aws.amazon.com');
    if (source === null) expect(date).toBeNull();
  });
});

describe('a bill', () => {
  const usages = [
    { price: 'sqs.requests', quantity: 3_000_000, cause: 'nights' },
    { price: 'cloudwatch.alarms', quantity: 4, cause: 'always' },
    { price: 'kms.requests', quantity: 0, cause: 'always' },
  ] as const;

  it('is quantity by unit price, without a line for what is not used', () => {
    const lines = bill(usages, prices);
    expect(lines.map(({ service, usd }) => [service, usd.toFixed(2)])).toEqual([
      ['SQS', '1.20'],
      ['CloudWatch', '0.40'],
    ]);
    expect(total(lines)).toBeCloseTo(1.6);
  });

  it('knows what the free tier takes off, and no more than there is', () => {
    expect(freeTier(bill(usages, prices), prices)).toBeCloseTo(0.4 + 0.4);
  });
});

describe('a template', () => {
  const alarm = { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Errors' } };
  const stat = { MetricStat: {} };
  const math = { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [{ Expression: 'a+b' }, stat, stat] } };

  it('costs by its alarms, and one on an expression by the metrics in it', () => {
    expect(countFixed([{ Resources: { alarm } }, { Resources: { math } }]).alarmMetrics).toBe(3);
  });

  it('costs by secrets, keys, dashboards and the queues that Lambda asks', () => {
    const types = ['SecretsManager::Secret', 'KMS::Key', 'CloudWatch::Dashboard', 'Lambda::EventSourceMapping'];
    const Resources = Object.fromEntries(types.map((type, index) => [`R${index}`, { Type: `AWS::${type}` }]));
    expect(countFixed([{ Resources }])).toMatchObject({ secrets: 1, keys: 1, dashboards: 1, queueMappings: 1 });
  });
});

describe('how often', () => {
  it.each([
    ['0 2 * * ? *', daysPerMonth],
    ['0 0/6 * * ? *', 4 * daysPerMonth],
    ['0,30 2 * * ? *', 2 * daysPerMonth],
    ['0 3 ? * SUN *', daysPerMonth / 7],
    ['0 3 ? * MON-FRI *', (5 / 7) * daysPerMonth],
    ['0 3 1 * ? *', 1],
    ['0 3 L * ? *', 1],
    ['0 3 ? * SUN#1 *', 1],
    ['0 3 1 JAN,JUL ? *', 2 / 12],
  ])('%s comes in a month', (cron, times) => {
    expect(timesPerMonth(cron)).toBeCloseTo(times, 5);
  });

  it('publish looks at a run: more seldom the older it is', () => {
    expect([30, 61, 301, 3_600].map((seconds) => looksAt(seconds, 60))).toEqual([0, 1, 5, 22]);
  });
});

describe('an estimate', () => {
  const base = of({ dashboard: true });

  it('is less without webhooks, with a night in a week, and at a higher limit of the API', () => {
    const cheaper = [
      { webhooks: { enabled: false } },
      { schedule: { cron: '0 2 ? * SUN *' } },
      { requestsPerMinute: 240 },
    ];
    for (const config of cheaper) expect(total(of(config).pipeline)).toBeLessThan(total(base.pipeline));
  });

  it('counts each thing that is paid in any case', () => {
    const always = base.pipeline.filter(({ cause }) => cause === 'always').map(({ price }) => price);
    expect(always).toEqual(
      expect.arrayContaining(['cloudwatch.alarms', 'cloudwatch.dashboards', 'secrets.stored', 'sqs.requests']),
    );
  });

  it('has no key to pay for where the configuration names none, and a dashboard that the free tier covers', () => {
    expect(base.pipeline.map(({ price }) => price)).not.toContain('kms.keys');
    const withoutDashboard = base.pipeline.filter(({ price }) => price !== 'cloudwatch.dashboards');
    expect(total(base.pipeline) - base.freeTierUsd).toBeCloseTo(
      total(withoutDashboard) - freeTier(withoutDashboard, prices),
    );
  });

  it('opens a file for each run of the days that are not compacted yet, and one for each day before', () => {
    const usd = (runDays: number) =>
      total(of({ retention: { runDays } }).queries.filter(({ price }) => price === 's3.reads'));
    const { phases } = readReference().reference;
    const perDay = 200 * (phases.webhook.largestTable.files / phases.webhook.repeats) + phases.night.largestTable.files;
    const asked = 20 * daysPerMonth;
    expect((usd(60) - usd(30)) / prices.prices['s3.reads'].usd).toBeCloseTo((asked * 30 * (perDay - 1)) / 1_000, 5);
    expect(usd(5)).toBe(usd(15));
  });

  it('keeps the questions that people ask apart from the pipeline', () => {
    expect(base.queries.map(({ service }) => service)).toEqual(expect.arrayContaining(['Athena', 'S3', 'Glue']));
    expect(base.pipeline.map(({ service }) => service)).not.toContain('Athena');
  });
});
