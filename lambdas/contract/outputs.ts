/** Outputs of the stacks. `ops` reads them to find the deployed resources. */

import { z } from 'zod';
import { idOf, type QueueName, queueNames } from './queue-names.ts';

const some = z.string().min(1);
/** A comma-separated list of names. */
const names = some.transform((text) => text.split(','));

export const dataOutputs = z.object({
  BucketName: some,
  ApiKeySecretArn: some,
  DatabaseName: some,
  WorkgroupName: some,
});

/** Outputs that hold the URLs of a work queue and its dead-letter queue. */
export const queueOutputs = (queue: QueueName) =>
  ({ work: `${idOf(queue)}QueueUrl`, deadLetters: `${idOf(queue)}DeadLettersUrl` }) as const;

type QueueOutput = ReturnType<typeof queueOutputs>['work' | 'deadLetters'];
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot infer that there is one entry per output
const queueUrlOutputs = Object.fromEntries(
  queueNames.flatMap((queue) => Object.values(queueOutputs(queue)).map((output) => [output, z.url()])),
) as Record<QueueOutput, z.ZodURL>;

export const pipelineOutputs = z.object({
  ApiBaseUrl: z.url(),
  PlanFunctionName: some,
  ...queueUrlOutputs,
  MissedRunsUrl: z.url(),
  /** Ids of the event source mappings that deliver queue messages to the functions. */
  EventSourceMappings: names,
  Schedules: names,
  /** URL that receives webhooks; absent if webhooks are switched off. */
  WebhookUrl: z.url().optional(),
  WebhookEvents: names.optional(),
  RegisterFunctionName: some.optional(),
});

/** Output of the data stack if an app of somebody made it, and not this project's own app: see lib/prospect-lake.ts. */
export const ownAppOutput = 'DeployedByAppOfYours';

export type DataOutputs = z.infer<typeof dataOutputs>;
export type PipelineOutputs = z.infer<typeof pipelineOutputs>;

/** Names of the two stacks of a workspace. */
export const stackNames = (workspace: string) => ({
  data: `ProspectLake-${workspace}-Data`,
  pipeline: `ProspectLake-${workspace}-Pipeline`,
});

/** Name of a secret of a workspace. It is fixed: people and policies refer to it. */
export const secretName = (workspace: string, name: 'api-key' | 'webhook' | 'hash-key'): string =>
  `prospect-lake/${workspace}/${name}`;
