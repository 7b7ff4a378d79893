import { z } from 'zod';

/** Outputs of the stacks, by which `ops` finds what it works on. */

const some = z.string().min(1);
/** Several names in one output. */
const names = some.transform((text) => text.split(','));

export const workQueueNames = ['extract', 'convert', 'publish', 'refresh', 'export'] as const;
export type WorkQueueName = (typeof workQueueNames)[number];

export const dataOutputs = z.object({
  BucketName: some,
  ApiKeySecretArn: some,
  DatabaseName: some,
  WorkgroupName: some,
});

export const pipelineOutputs = z.object({
  ApiBaseUrl: z.url(),
  PlanFunctionName: some,
  ExtractQueueUrl: z.url(),
  ExtractDeadLettersUrl: z.url(),
  ConvertQueueUrl: z.url(),
  ConvertDeadLettersUrl: z.url(),
  PublishQueueUrl: z.url(),
  PublishDeadLettersUrl: z.url(),
  RefreshQueueUrl: z.url(),
  RefreshDeadLettersUrl: z.url(),
  ExportQueueUrl: z.url(),
  ExportDeadLettersUrl: z.url(),
  MissedRunsUrl: z.url(),
  /** Ids of what carries messages from the queues to the functions. */
  EventSourceMappings: names,
  Schedules: names,
  /** Absent where webhooks are switched off. */
  WebhookUrl: z.url().optional(),
  WebhookEvents: names.optional(),
  RegisterFunctionName: some.optional(),
});

/** The outputs with the addresses of each work queue and its dead-letter queue. */
export const queueOutputs = {
  extract: { work: 'ExtractQueueUrl', deadLetters: 'ExtractDeadLettersUrl' },
  convert: { work: 'ConvertQueueUrl', deadLetters: 'ConvertDeadLettersUrl' },
  publish: { work: 'PublishQueueUrl', deadLetters: 'PublishDeadLettersUrl' },
  refresh: { work: 'RefreshQueueUrl', deadLetters: 'RefreshDeadLettersUrl' },
  export: { work: 'ExportQueueUrl', deadLetters: 'ExportDeadLettersUrl' },
} as const satisfies Record<WorkQueueName, Record<'work' | 'deadLetters', keyof PipelineOutputs>>;

export type DataOutputs = z.infer<typeof dataOutputs>;
export type PipelineOutputs = z.infer<typeof pipelineOutputs>;

/** Names of the two stacks of a workspace. */
export const stackNames = (workspace: string) => ({
  data: `ProspectLake-${workspace}-Data`,
  pipeline: `ProspectLake-${workspace}-Pipeline`,
});
