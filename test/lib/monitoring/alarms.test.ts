import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { metricsNamespace, serviceName } from '../../../lambdas/contract/environment.ts';
import { metricNames, refusalMetric } from '../../../lambdas/contract/metrics.ts';
import { alarms } from '../../../lib/monitoring/alarms.ts';
import { propertiesOf, reference, type Templates, templatesOf, text } from '../templates.ts';

const alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(reference),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: text })).default([]),
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

  it('say that nothing ran for 27 hours, in which silence counts', () => {
    expect(named('RunMissing')).toMatchObject([
      {
        MetricName: metricNames.nightlyRunEnded,
        Period: 3_600,
        EvaluationPeriods: 27,
        DatapointsToAlarm: 27,
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

  it('watch every function for its errors, but the one whose errors are answers of the webhook address', () => {
    const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', lambda);
    const others = [...lambdas].filter(([, { Description }]) => !Description.startsWith('Verifies webhook deliveries'));
    expect(others).toHaveLength(lambdas.size - 1);
    expect(watchedBy('FunctionErrors', 'FunctionName').toSorted()).toEqual(others.map(([id]) => `<${id}>`).toSorted());
    const [answers] = named('WebhookServerErrors');
    for (const { Threshold, Period, EvaluationPeriods } of named('FunctionErrors'))
      expect(answers).toMatchObject({ Threshold, Period, EvaluationPeriods, MetricName: '5xx' });
  });

  it('watch the time limit of the functions that read what grows, and end when it is read', () => {
    const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', lambda);
    const watched = named('FunctionDuration').map(({ Dimensions, Threshold }) => {
      const { Description, Timeout } = lambdas.get(Dimensions[0]?.Value.slice(1, -1) ?? '') ?? {};
      expect(Threshold).toBe((Timeout ?? 0) * 950);
      return Description;
    });
    expect(watched.toSorted()).toEqual([
      expect.stringMatching(/^Asks the vendor to send again/),
      expect.stringMatching(/^Merges what a run has read/),
      expect.stringMatching(/^Starts, follows and loads export jobs/),
    ]);
  });

  it('watch the concurrency of the account once, on the metric of all its functions', () => {
    expect(named('FunctionThrottles')).toMatchObject([
      { Namespace: 'AWS/Lambda', MetricName: 'Throttles', Dimensions: [] },
    ]);
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

  it('has no key of its own, which would cost more than its mails: that of the customer, or none', () => {
    const topic = z.object({ KmsMasterKeyId: z.string().optional() });
    const keyOf = (template: Templates['pipeline']) =>
      [...propertiesOf(template, 'AWS::SNS::Topic', topic).values()].map(({ KmsMasterKeyId }) => KmsMasterKeyId);
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    expect(keyOf(pipeline)).toEqual([undefined]);
    expect(keyOf(templatesOf({ kmsKeyArn }).pipeline)).toEqual([kmsKeyArn]);
    pipeline.resourceCountIs('AWS::KMS::Key', 0);
  });

  it('says nothing of a person: the names of alarms, and sentences of the table', () => {
    for (const { AlarmDescription } of made)
      expect(alarms.map(({ name, means }) => `${means} What to do: docs/runbook.md, ${name}.`)).toContain(
        AlarmDescription,
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
