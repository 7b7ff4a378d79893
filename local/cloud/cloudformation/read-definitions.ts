import { z } from 'zod';
import type { Addresses } from './addresses.ts';
import type {
  Definitions,
  FunctionDefinition,
  MappingDefinition,
  QueueDefinition,
  ScheduleDefinition,
} from './definitions.ts';
import type { Resolver } from './intrinsics.ts';
import { readApis } from './read-apis.ts';
import { Reader } from './resource-reader.ts';
import type { Assembly } from './template.ts';

export interface DefinitionOptions {
  /** Processes at most, by readable name of the function. */
  readonly concurrency: Readonly<Record<string, number>>;
  readonly defaultConcurrency: number;
}

const code = z.object({ S3Key: z.string().optional() });
const environment = z
  .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
  .default({ Variables: {} });
const queueAttributeNames = [
  'DelaySeconds',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
] as const;
const scaling = z.object({ MaximumConcurrency: z.coerce.number().optional() }).default({});
const scheduleTarget = z.object({
  Arn: z.string(),
  Input: z.string().default('{}'),
});
const onFailure = z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({});
/** Where nothing is said Secrets Manager takes 32 characters. */
const generatedSecret = z.object({ PasswordLength: z.coerce.number().default(32) }).optional();
/** What Lambda does where nothing else is said. */
const defaultAsyncRetries = 2;

/** @throws UnresolvableError, z.ZodError */
export function readDefinitions(
  assembly: Assembly,
  resolver: Resolver,
  addresses: Addresses,
  options: DefinitionOptions,
): Definitions {
  const all = [...assembly.stacks.values()]
    .flatMap((stack) => [...stack.resources.values()])
    .filter((resource) => resolver.exists(resource));
  const ofType = (type: string) =>
    all.filter((resource) => resource.type === type).map((resource) => new Reader(resource, resolver, addresses));

  const asyncConfigs = ofType('AWS::Lambda::EventInvokeConfig').map((config) => ({
    functionName: config.read('FunctionName', z.string()),
    retries: config.read('MaximumRetryAttempts', z.coerce.number().default(defaultAsyncRetries)),
    onFailureArn: config.read('DestinationConfig', onFailure).OnFailure?.Destination,
  }));
  return {
    functions: ofType('AWS::Lambda::Function').map((made) => {
      const async = asyncConfigs.find(
        ({ functionName }) => functionName === made.physicalName || functionName === made.arn,
      );
      return functionOf(made, assembly, async, options);
    }),
    queues: ofType('AWS::SQS::Queue').map(queueOf),
    mappings: ofType('AWS::Lambda::EventSourceMapping')
      .filter((made) => made.read('Enabled', z.boolean().default(true)))
      .map(mappingOf),
    schedules: ofType('AWS::Scheduler::Schedule').map(scheduleOf),
    apis: readApis(ofType),
    buckets: ofType('AWS::S3::Bucket').map((made) => ({ ...made.identity, bucketName: made.physicalName })),
    secrets: ofType('AWS::SecretsManager::Secret').map((made) => ({
      ...made.identity,
      secretName: made.physicalName,
      arn: made.ref,
      generatedLength: made.read('GenerateSecretString', generatedSecret)?.PasswordLength,
    })),
    topics: ofType('AWS::SNS::Topic').map((made) => ({ ...made.identity, topicName: made.physicalName })),
  };
}

function functionOf(
  made: Reader,
  assembly: Assembly,
  async: { retries: number; onFailureArn: string | undefined } | undefined,
  { concurrency, defaultConcurrency }: DefinitionOptions,
): FunctionDefinition {
  const { S3Key } = made.read('Code', code);
  const folder = S3Key === undefined ? undefined : assembly.assets.get(S3Key);
  const runtime = made.read('Runtime', z.string().default(''));
  const problem = problemOf(runtime, folder);
  const reserved = made.read('ReservedConcurrentExecutions', z.coerce.number().optional()) ?? Number.POSITIVE_INFINITY;
  return {
    ...made.identity,
    functionName: made.physicalName,
    arn: made.arn,
    handler: made.read('Handler', z.string().default('index.handler')),
    folder: folder ?? '',
    // What cannot be run needs no values, and may have some that nobody can know here.
    environment: problem === undefined ? made.read('Environment', environment).Variables : {},
    timeoutSeconds: made.read('Timeout', z.coerce.number().default(3)),
    memoryMiB: made.read('MemorySize', z.coerce.number().default(128)),
    concurrency: Math.min(reserved, concurrency[made.identity.name] ?? defaultConcurrency),
    asyncRetries: async?.retries ?? defaultAsyncRetries,
    onFailureArn: async?.onFailureArn,
    problem,
  };
}

function problemOf(runtime: string, folder: string | undefined): string | undefined {
  if (!runtime.startsWith('nodejs'))
    return `Its runtime is ${runtime || 'a container'}; the embedded cloud runs Node.js only.`;
  return folder === undefined ? 'Its code is no file asset of the assembly.' : undefined;
}

function queueOf(made: Reader): QueueDefinition {
  const attributes: Record<string, string> = {};
  for (const name of queueAttributeNames) {
    const value = made.read(name, z.union([z.string(), z.number(), z.boolean()]).optional());
    if (value !== undefined) attributes[name] = String(value);
  }
  const redrive = made.read('RedrivePolicy', z.record(z.string(), z.unknown()).optional());
  if (redrive) attributes.RedrivePolicy = JSON.stringify(redrive);
  return { ...made.identity, queueName: made.physicalName, arn: made.arn, url: made.ref, attributes };
}

function mappingOf(made: Reader): MappingDefinition {
  return {
    ...made.identity,
    queueArn: made.read('EventSourceArn', z.string()),
    functionName: made.read('FunctionName', z.string()),
    batchSize: made.read('BatchSize', z.coerce.number().default(10)),
    windowSeconds: made.read('MaximumBatchingWindowInSeconds', z.coerce.number().default(0)),
    maxConcurrency: made.read('ScalingConfig', scaling).MaximumConcurrency ?? Number.POSITIVE_INFINITY,
    reportsItemFailures: made
      .read('FunctionResponseTypes', z.array(z.string()).default([]))
      .includes('ReportBatchItemFailures'),
  };
}

function scheduleOf(made: Reader): ScheduleDefinition {
  const { Arn, Input } = made.read('Target', scheduleTarget);
  return { ...made.identity, arn: made.arn, targetArn: Arn, input: Input };
}
