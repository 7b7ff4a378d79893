import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { functionEnvironment } from '../../../lambdas/contract/environment.ts';
import { problemNames } from '../../../lambdas/contract/problems.ts';
import { alarms } from '../../../lib/monitoring/alarms.ts';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { expectedHours } from '../../../lib/config/schedule-pause.ts';
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

const { pipeline } = templatesOf({ alarmEmail: 'data@example.com' });
const alarmsIn = (template: Templates['pipeline']) => [
  ...propertiesOf(template, 'AWS::CloudWatch::Alarm', alarm).values(),
];
const made = alarmsIn(pipeline);
const topics = Object.keys(pipeline.findResources('AWS::SNS::Topic'));

describe('the alarms', () => {
  it('are few: each needs a person to act, and notifies the topic', () => {
    expect(made.map(({ AlarmName }) => AlarmName).toSorted()).toEqual(
      alarms.map(({ name }) => `prospect-lake-main-${name}`).toSorted(),
    );
    expect(made.length).toBeLessThanOrEqual(5);
    expect(topics).toHaveLength(1);
    for (const { AlarmActions } of made) expect(AlarmActions).toEqual(topics);
  });

  it('are raised within 15 minutes', () => {
    for (const { AlarmName, Period, EvaluationPeriods } of made) {
      // CloudWatch also evaluates the current period: ten refusals raise the alarm WebhookClientErrors at once.
      const latest = AlarmName.endsWith('WebhookClientErrors') ? 0 : Period * EvaluationPeriods;
      expect([AlarmName, latest <= 900]).toEqual([AlarmName, true]);
    }
  });

  it('check that the watcher runs: silence is an alarm', () => {
    const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', z.object({ FunctionName: z.string() }));
    const silent = made.find(({ AlarmName }) => AlarmName.endsWith('WatcherSilent'));
    expect(silent).toMatchObject({ MetricName: 'Invocations', Threshold: 1, TreatMissingData: 'breaching' });
    const [watched] = silent?.Dimensions ?? [];
    expect(lambdas.get(watched?.Value.slice(1, -1) ?? '')?.FunctionName).toBe('prospect-lake-main-watch');
  });

  it('count the crashes of every function in one metric, but for the receiver, whose crashes the webhook address answers with 5xx', () => {
    const filter = z.object({
      FilterPattern: z.string(),
      LogGroupName: reference,
      MetricTransformations: z.tuple([z.object({ MetricName: z.string(), MetricNamespace: z.string() })]),
    });
    const filters = [...propertiesOf(pipeline, 'AWS::Logs::MetricFilter', filter).values()];
    expect(new Set(filters.map(({ LogGroupName }) => LogGroupName)).size).toBe(
      Object.keys(functionEnvironment).length - 1,
    );
    const errors = made.find(({ AlarmName }) => AlarmName.endsWith('FunctionErrors'));
    for (const { MetricTransformations, FilterPattern } of filters) {
      const [{ MetricName, MetricNamespace }] = MetricTransformations;
      expect([MetricName, MetricNamespace]).toEqual([errors?.MetricName, errors?.Namespace]);
      expect(FilterPattern).toBe('{ ($.type = "platform.report") && ($.record.status != "success") }');
    }
  });

  it('watch no webhook if webhooks are off', () => {
    const names = alarmsIn(templatesOf({ webhooks: { enabled: false } }).pipeline).map(({ AlarmName }) => AlarmName);
    expect(names.filter((name) => name.includes('Webhook'))).toEqual([]);
    expect(names).toContain('prospect-lake-main-WatcherSilent');
  });
});

describe('the watcher', () => {
  const lambda = z.object({
    FunctionName: z.string(),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  });
  const watcherIn = (template: Templates['pipeline']) =>
    [...propertiesOf(template, 'AWS::Lambda::Function', lambda).values()].find(({ FunctionName }) =>
      FunctionName.endsWith('-watch'),
    )?.Environment.Variables;

  it('looks every ten minutes, even while the pipeline is paused', () => {
    pipeline.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'prospect-lake-main-watch',
      ScheduleExpression: 'cron(0/10 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    const outputs = z.record(z.string(), z.object({ Value: z.unknown() })).parse(pipeline.toJSON()['Outputs']);
    expect(JSON.stringify(outputs['Schedules']?.Value)).not.toContain('Looks');
  });

  it('checks every queue, including dead letters, and allows only extract to wait half a day', () => {
    const queues = Object.keys(pipeline.findResources('AWS::SQS::Queue'));
    const watched = JSON.stringify(watcherIn(pipeline)?.['WATCHED_QUEUES']);
    for (const id of queues) expect(watched).toContain(`"Ref":"${id}"`);
    expect(watched.match(/\\"hours\\":(\d+)/g)).toEqual(
      ['12', '1', '1', '1', '1'].map((hours) => `\\"hours\\":${hours}`),
    );
  });

  it('expects nights as often as the schedule has them', () => {
    const schedule = { cron: '0 2 ? * MON-FRI *' };
    expect(watcherIn(templatesOf({ schedule }).pipeline)?.['EXPECTED_HOURS']).toBe('75');
    expect(watcherIn(pipeline)?.['EXPECTED_HOURS']).toBe(String(expectedHours(parseWorkspace({ name: 'main' }))));
  });
});

describe('an event that needs a person', () => {
  it('goes to the topic, only for this workspace', () => {
    const rule = z.object({ EventPattern: z.unknown(), Targets: z.tuple([z.object({ Arn: reference })]) });
    const [only, ...others] = [...propertiesOf(pipeline, 'AWS::Events::Rule', rule).values()];
    expect(others).toEqual([]);
    expect(only?.EventPattern).toEqual({
      source: ['prospect-lake'],
      'detail-type': ['Needs Attention'],
      detail: { workspace: ['main'] },
    });
    expect(only?.Targets[0].Arn).toBe(topics[0]);
  });
});

describe('a topic of the customer', () => {
  const alarmTopicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
  const theirs = templatesOf({ alarmTopicArn }).pipeline;

  it('gets the alarms and what a person must do, and none is made', () => {
    expect(theirs.findResources('AWS::SNS::Topic')).toEqual({});
    expect(theirs.findResources('AWS::SNS::TopicPolicy')).toEqual({});
    theirs.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });
    theirs.hasResourceProperties('AWS::Events::Rule', { Targets: [{ Arn: alarmTopicArn }] });
    theirs.hasOutput('AlarmTopicArn', { Value: alarmTopicArn });
  });
});

describe('the topic', () => {
  it('sends mail only to the configured address', () => {
    pipeline.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'data@example.com' });
    expect(templatesOf().pipeline.findResources('AWS::SNS::Subscription')).toEqual({});
  });

  it('refuses plain HTTP, and accepts messages of this account’s alarms and rule', () => {
    const [policy] = propertiesOf(
      pipeline,
      'AWS::SNS::TopicPolicy',
      z.object({ PolicyDocument: z.unknown() }),
    ).values();
    const statements = JSON.stringify(policy?.PolicyDocument);
    expect(statements).toContain('"aws:SecureTransport":"false"');
    expect(statements).toContain('cloudwatch.amazonaws.com');
    expect(statements).toContain('events.amazonaws.com');
  });
});

describe('the runbook', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const sections = [...runbook.matchAll(/^### (.+)$/gm)].map(([, name]) => name ?? '');

  it('has a section for each alarm and each problem, and no other section', () => {
    const names = [...alarms.map(({ name }) => name), ...problemNames];
    expect(sections.toSorted()).toEqual(names.toSorted());
  });

  it('says for each what it means, where to look and what to do', () => {
    for (const section of runbook.split(/^### /m).slice(1)) {
      const [name = ''] = section.split('\n');
      for (const part of ['**Means:**', '**Look at:**', '**Do:**'])
        expect([name, section.includes(part)]).toEqual([name, true]);
    }
  });

  it('is linked in each alarm, with its section', () => {
    for (const { AlarmName, AlarmDescription } of made)
      expect(AlarmDescription).toContain(`docs/runbook.md, ${AlarmName.split('-').at(-1)}.`);
  });
});
