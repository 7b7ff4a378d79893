import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { metricsNamespace, serviceName } from '../../lambdas/contract/environment.ts';
import { metricNames, refusalMetric } from '../../lambdas/contract/metrics.ts';
import { alarms } from '../../lib/alarms.ts';
import { propertiesOf, reference, type Templates, templatesOf, text } from './templates.ts';

const alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(reference),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: text })),
  Threshold: z.number(),
  Period: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.string(),
});
const queue = z.object({ RedrivePolicy: z.object({ deadLetterTargetArn: reference }).optional() });
const lambda = z.object({ Description: z.string(), Timeout: z.number() });

const { pipeline } = templatesOf({ alarmEmail: 'data@example.com' });
const alarmsIn = (template: Templates['pipeline']) => [
  ...propertiesOf(template, 'AWS::CloudWatch::Alarm', alarm).values(),
];
const made = alarmsIn(pipeline);
const named = (name: string) => made.filter(({ AlarmName }) => AlarmName.split('-').includes(name));
const watchedBy = (name: string, dimension: string) =>
  named(name).map(({ Dimensions }) => Dimensions.find(({ Name }) => Name === dimension)?.Value ?? '');

describe('the alarms', () => {
  it('are each in use, under a name of their own, and tell the topic', () => {
    for (const { name } of alarms) expect(named(name), name).not.toHaveLength(0);
    expect(new Set(made.map(({ AlarmName }) => AlarmName)).size).toBe(made.length);
    const topics = Object.keys(pipeline.findResources('AWS::SNS::Topic'));
    expect(topics).toHaveLength(1);
    for (const { AlarmActions } of made) expect(AlarmActions).toEqual(topics);
  });

  it('say that nothing ran for 26 hours, in which silence counts', () => {
    expect(named('RunMissing')).toMatchObject([
      {
        MetricName: metricNames.nightlyRunEnded,
        Period: 3_600,
        EvaluationPeriods: 26,
        DatapointsToAlarm: 26,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
    ]);
  });

  it('wait as long as a schedule with longer pauses needs', () => {
    const weekdays = alarmsIn(templatesOf({ runExpectedHours: 74 }).pipeline);
    const periods = weekdays.find(({ AlarmName }) => AlarmName.endsWith('RunMissing'))?.EvaluationPeriods;
    expect(periods).toBe(74);
    expect(weekdays.find(({ AlarmName }) => AlarmName.endsWith('TableStale'))?.Threshold).toBe(148);
  });

  it('watch every queue: dead letters where work ends, age where it begins', () => {
    const queues = propertiesOf(pipeline, 'AWS::SQS::Queue', queue);
    const [work, dead] = [true, false].map((redriven) =>
      [...queues].filter(([, { RedrivePolicy }]) => (RedrivePolicy !== undefined) === redriven).map(([id]) => id),
    );
    const ids = (values: string[]) => values.map((value) => /^<(\w+)\.QueueName>$/.exec(value)?.[1]).toSorted();
    expect(ids(watchedBy('DeadLetters', 'QueueName'))).toEqual(dead?.toSorted());
    const ages = [...watchedBy('ExtractBacklog', 'QueueName'), ...watchedBy('QueueBacklog', 'QueueName')];
    expect(ids(ages)).toEqual(work?.toSorted());
  });

  it('watch every function, for its errors, its throttles and its own time limit', () => {
    const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', lambda);
    const all = [...lambdas.keys()].map((id) => `<${id}>`).toSorted();
    for (const name of ['FunctionErrors', 'FunctionThrottles', 'FunctionDuration'])
      expect(watchedBy(name, 'FunctionName').toSorted()).toEqual(all);
    for (const { Dimensions, Threshold } of named('FunctionDuration')) {
      const timeout = lambdas.get(Dimensions[0]?.Value.slice(1, -1) ?? '')?.Timeout ?? 0;
      expect(Threshold).toBe(timeout * 950);
    }
  });

  it('count the metrics of this workspace, under the dimensions that the functions write', () => {
    const own = made.filter(({ Namespace }) => Namespace === metricsNamespace);
    const written: readonly string[] = Object.values(metricNames);
    expect(own.length).toBeGreaterThan(0);
    for (const { MetricName, Dimensions } of own) {
      expect(written).toContain(MetricName);
      expect(Dimensions).toEqual([
        { Name: 'service', Value: serviceName },
        { Name: 'workspace', Value: 'main' },
      ]);
    }
    expect([401, 403, 429, 404, 200].map(refusalMetric)).toEqual([
      'ApiUnauthorized',
      'ApiForbidden',
      'ApiRateLimited',
      undefined,
      undefined,
    ]);
  });

  it('stay within what CloudWatch evaluates: seven days, of periods of an hour or more beyond one', () => {
    for (const { Period, EvaluationPeriods } of alarmsIn(templatesOf({ runExpectedHours: 168 }).pipeline))
      expect(Period * EvaluationPeriods).toBeLessThanOrEqual((Period >= 3_600 ? 7 : 1) * 86_400);
  });

  it('watch no webhook where webhooks are off', () => {
    const names = alarmsIn(templatesOf({ webhooks: { enabled: false } }).pipeline).map(({ AlarmName }) => AlarmName);
    expect(names.filter((name) => /Webhook|EventsNever|-webhook$/.test(name))).toEqual([]);
    expect(names).toContain('prospect-lake-main-RunMissing');
  });
});

describe('the topic', () => {
  const statement = z.object({
    Effect: z.string(),
    Action: z.union([z.string(), z.array(z.string())]),
    Principal: z.unknown(),
    Condition: z.unknown().optional(),
  });

  it('takes alarms of this account, and nothing over plain HTTP', () => {
    const policy = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) });
    const [found] = propertiesOf(pipeline, 'AWS::SNS::TopicPolicy', policy).values();
    expect(found?.PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  it('is encrypted with a key that CloudWatch may use, which AWS’s own is not', () => {
    const topic = z.object({ KmsMasterKeyId: reference });
    const key = z.object({
      EnableKeyRotation: z.literal(true),
      KeyPolicy: z.object({ Statement: z.array(statement) }),
    });
    const [made] = propertiesOf(pipeline, 'AWS::SNS::Topic', topic).values();
    const statements = propertiesOf(pipeline, 'AWS::KMS::Key', key).get(made?.KmsMasterKeyId ?? '')?.KeyPolicy
      .Statement;
    expect(statements).toContainEqual(
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
  });

  it('mails to the configured address, and to none where there is none', () => {
    pipeline.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'data@example.com' });
    templatesOf().pipeline.resourceCountIs('AWS::SNS::Subscription', 0);
  });
});

describe('the runbook', () => {
  const sections = readFileSync('docs/runbook.md', 'utf8').split(/^### /m).slice(1);

  it('has one section for each alarm, and no other', () => {
    const headings = sections.map((section) => section.split('\n', 1)[0]);
    expect(headings.toSorted()).toEqual(alarms.map(({ name }) => name).toSorted());
  });

  it('says in each what it means, what to look at and what to do', () => {
    for (const section of sections)
      expect(section.match(/^\*\*(?:Means|Look at|Do):\*\* \S/gm)).toEqual([
        expect.stringContaining('Means'),
        expect.stringContaining('Look at'),
        expect.stringContaining('Do'),
      ]);
  });
});

describe('the dashboard', () => {
  const body = z.object({
    widgets: z.array(
      z.object({
        type: z.string(),
        x: z.number(),
        y: z.number(),
        width: z.number(),
        height: z.number(),
        properties: z.looseObject({ title: z.string() }),
      }),
    ),
  });
  const dashboardOf = (template: Templates['pipeline']) => {
    const [made] = propertiesOf(template, 'AWS::CloudWatch::Dashboard', z.object({ DashboardBody: text })).values();
    return body.parse(JSON.parse(made?.DashboardBody ?? '')).widgets;
  };

  it('is one page of valid JSON, in which nothing lies on anything else', () => {
    const widgets = dashboardOf(pipeline);
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('shows the alarms, each table, the API against its limit, and what costs money', () => {
    const shown = JSON.stringify(dashboardOf(templatesOf({ requestsPerMinute: 321 }).pipeline));
    const limit = JSON.stringify({ horizontal: [{ value: 321, label: 'limit', yAxis: 'left' }] });
    expect(shown).toContain(limit);
    for (const title of ['Alarms', 'Rows and requests by table', 'Freshness by table', 'Cost: GiB-seconds'])
      expect(shown).toContain(title);
    expect(shown).toContain('rowsWritten');
  });
});
