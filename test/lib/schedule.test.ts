import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { planRequest } from '../../lambdas/contract/messages.ts';
import { cronProblem } from '../../lib/config/cron.ts';
import { functions } from '../../lib/functions.ts';
import { propertiesOf, reference, templatesOf } from './templates.ts';

const { pipeline } = templatesOf();
const lambdas = propertiesOf(pipeline, 'AWS::Lambda::Function', z.object({ Description: z.string() }));
const queues = propertiesOf(
  pipeline,
  'AWS::SQS::Queue',
  z.object({ RedrivePolicy: z.object({ deadLetterTargetArn: reference }).optional() }),
);
const deadLetterQueues = [...queues.values()].map(({ RedrivePolicy }) => RedrivePolicy?.deadLetterTargetArn);

describe('the schedule', () => {
  const schedule = z.object({
    ScheduleExpression: z.string(),
    ScheduleExpressionTimezone: z.string(),
    FlexibleTimeWindow: z.object({ Mode: z.string(), MaximumWindowInMinutes: z.number().optional() }),
    Target: z.object({
      Arn: reference,
      Input: z.string(),
      DeadLetterConfig: z.object({ Arn: reference }),
      RetryPolicy: z.unknown(),
    }),
  });
  const scheduleOf = (config: Parameters<typeof templatesOf>[0]) =>
    [...propertiesOf(templatesOf(config).pipeline, 'AWS::Scheduler::Schedule', schedule)].find(([id]) =>
      id.startsWith('Nightly'),
    )?.[1];

  it('says when, in the scheduler’s syntax', () => {
    const nightly = scheduleOf({
      schedule: { cron: '30 4 ? * MON-FRI *', timezone: 'Europe/Berlin' },
      flexibleWindowMinutes: 45,
    });
    expect(nightly).toMatchObject({
      ScheduleExpression: 'cron(30 4 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 45 },
    });
    const fields = /^cron\((.*)\)$/.exec(nightly?.ScheduleExpression ?? '')?.[1] ?? '';
    expect(cronProblem(fields)).toBeUndefined();
  });

  it('begins exactly on time if no window is configured', () => {
    expect(scheduleOf({ flexibleWindowMinutes: 0 })?.FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
  });

  it('invokes plan with the time at which the run was due', () => {
    const nightly = scheduleOf({});
    expect(lambdas.get(nightly?.Target.Arn ?? '')?.Description).toBe(functions.plan.description);
    const input = nightly?.Target.Input.replace('<aws.scheduler.scheduled-time>', '2026-11-24T02:00:00Z') ?? '';
    expect(planRequest.parse(JSON.parse(input))).toMatchObject({
      scheduledAt: '2026-11-24T02:00:00Z',
      kind: 'nightly',
    });
  });

  it('leaves a message in its own queue if a run cannot begin, whether undelivered or failed', () => {
    const nightly = scheduleOf({});
    const missed = nightly?.Target.DeadLetterConfig.Arn ?? '';
    expect(queues.has(missed)).toBe(true);
    expect(deadLetterQueues).not.toContain(missed);
    pipeline.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: nightly?.Target.Arn },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [missed, 'Arn'] } } },
    });
  });
});
