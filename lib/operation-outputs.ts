import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type PipelineOutputs, queueOutputs } from '../lambdas/contract/outputs.ts';
import { type QueueName, queueNames } from '../lambdas/contract/queue-names.ts';
import type { WorkQueue } from './constructs/work-queue.ts';

export interface Operated {
  readonly apiBaseUrl: string;
  readonly planFunctionName: string;
  readonly queues: Readonly<Record<QueueName, WorkQueue>>;
  readonly missedRuns: IQueue;
  readonly mappings: readonly IEventSourceMapping[];
  readonly schedules: readonly CfnSchedule[];
  readonly webhook: { readonly url: string; readonly events: readonly string[]; readonly register: string } | undefined;
}

/** Adds stack outputs with the names and URLs of the resources that `npx prospect-lake ops` uses. */
export function addOperationOutputs(stack: Stack, operated: Operated): void {
  const output = (name: keyof PipelineOutputs, value: string, description = 'For npx prospect-lake ops.') =>
    new CfnOutput(stack, name, { value, description });
  const { planFunctionName, queues, missedRuns, mappings, schedules, webhook } = operated;
  output('ApiBaseUrl', operated.apiBaseUrl);
  output('PlanFunctionName', planFunctionName);
  for (const name of queueNames) {
    const { work, deadLetters } = queueOutputs(name);
    output(work, queues[name].queue.queueUrl);
    output(deadLetters, queues[name].deadLetters.queueUrl);
  }
  output('MissedRunsUrl', missedRuns.queueUrl);
  const all = (names: readonly string[]) => Fn.join(',', [...names]);
  output('EventSourceMappings', all(mappings.map(({ eventSourceMappingId }) => eventSourceMappingId)));
  output('Schedules', all(schedules.map(({ ref }) => ref)));
  if (!webhook) return;
  output('WebhookUrl', webhook.url, 'Where the vendor sends events.');
  output('WebhookEvents', webhook.events.join(','));
  output('RegisterFunctionName', webhook.register);
}
