/** The resources of an assembly that the embedded cloud runs, with every expression resolved. */

import { z } from 'zod';
import type { Assembly, Resource } from './template.ts';
import type { ResourceValues, Values } from './values.ts';

export interface DefinitionOptions {
  /** Maximum number of processes, by readable name of the function. */
  readonly concurrency: Readonly<Record<string, number>>;
  readonly defaultConcurrency: number;
}

export type Definitions = ReturnType<typeof readDefinitions>;
export type FunctionDefinition = Definitions['functions'][number];
export type QueueDefinition = Definitions['queues'][number];
export type MappingDefinition = Definitions['mappings'][number];
export type ScheduleDefinition = Definitions['schedules'][number];
export type ApiDefinition = Definitions['apis'][number];

const code = z.object({ S3Key: z.string().optional() });
const environment = z
  .object({ Variables: z.record(z.string(), z.coerce.string()).default({}) })
  .default({ Variables: {} });
const queueAttributes = ['DelaySeconds', 'VisibilityTimeout', 'MessageRetentionPeriod'] as const;
const redrive = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional();
const scaling = z.object({ MaximumConcurrency: z.number().optional() }).default({});
const scheduleTarget = z.object({ Arn: z.string(), Input: z.string().default('{}') });
const onFailure = z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).default({});
/** Settings of a secret's generated value. 32 characters is the default of Secrets Manager. */
const generatedSecret = z.object({ PasswordLength: z.number().default(32) }).optional();
const throttle = z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }).optional();
/** Lambda's default number of retries of a failed asynchronous invocation. */
const defaultAsyncRetries = 2;
/** API Gateway's default timeout of a function behind a route. */
const apiTimeoutMilliseconds = 30_000;

/**
 * Reads the resources of an assembly.
 * @throws UnresolvableError if an expression has no value in the embedded cloud
 * @throws Error that names a property that is not of the expected shape
 */
export function readDefinitions(assembly: Assembly, values: Values, options: DefinitionOptions) {
  const identity = ({ name, resource, arn }: ResourceValues): { name: string; resource: Resource; arn: string } => ({
    name,
    resource,
    arn,
  });
  const asyncConfigs = values.ofType('AWS::Lambda::EventInvokeConfig').map((config) => ({
    functionName: config.read('FunctionName', z.string()),
    retries: config.read('MaximumRetryAttempts', z.number().default(defaultAsyncRetries)),
    onFailureArn: config.read('DestinationConfig', onFailure).OnFailure?.Destination,
  }));
  return {
    functions: values.ofType('AWS::Lambda::Function').map((resource) => {
      const { S3Key = '' } = resource.read('Code', code);
      const folder = assembly.assets.get(S3Key);
      const notRunnableReason = whyNotRunnable(resource.read('Runtime', z.string().default('')), folder);
      const async = asyncConfigs.find(({ functionName }) => functionName === resource.physicalName);
      return {
        ...identity(resource),
        functionName: resource.physicalName,
        handler: resource.read('Handler', z.string().default('index.handler')),
        /** Folder of the bundle. */
        folder: folder ?? '',
        // A function that the embedded cloud cannot run needs no variables, and some of their values cannot be
        // resolved.
        environment: notRunnableReason === undefined ? resource.read('Environment', environment).Variables : {},
        timeoutSeconds: resource.read('Timeout', z.number().default(3)),
        memoryMiB: resource.read('MemorySize', z.number().default(128)),
        /** Maximum number of processes. */
        concurrency: options.concurrency[resource.name] ?? options.defaultConcurrency,
        /** Retries after a failed asynchronous invocation. */
        asyncRetries: async?.retries ?? defaultAsyncRetries,
        onFailureArn: async?.onFailureArn,
        /** Why the embedded cloud cannot invoke the function; undefined if it can. */
        notRunnableReason,
      };
    }),
    queues: values.ofType('AWS::SQS::Queue').map((resource) => ({
      ...identity(resource),
      queueName: resource.physicalName,
      url: resource.ref,
      attributes: attributesOf(resource),
    })),
    mappings: values.ofType('AWS::Lambda::EventSourceMapping').map((resource) => ({
      ...identity(resource),
      queueArn: resource.read('EventSourceArn', z.string()),
      functionName: resource.read('FunctionName', z.string()),
      batchSize: resource.read('BatchSize', z.number().default(10)),
      windowSeconds: resource.read('MaximumBatchingWindowInSeconds', z.number().default(0)),
      maxConcurrency: resource.read('ScalingConfig', scaling).MaximumConcurrency ?? Number.POSITIVE_INFINITY,
      reportsItemFailures: resource
        .read('FunctionResponseTypes', z.array(z.string()).default([]))
        .includes('ReportBatchItemFailures'),
    })),
    schedules: values.ofType('AWS::Scheduler::Schedule').map((resource) => {
      const { Arn, Input } = resource.read('Target', scheduleTarget);
      return { ...identity(resource), scheduleName: resource.physicalName, targetArn: Arn, input: Input };
    }),
    apis: values.ofType('AWS::ApiGatewayV2::Api').map((resource) => {
      const partsOf = (type: string) =>
        values.ofType(type).filter((part) => part.read('ApiId', z.string()) === resource.ref);
      const [stage] = partsOf('AWS::ApiGatewayV2::Stage');
      const integrations = partsOf('AWS::ApiGatewayV2::Integration');
      const limit = stage?.read('DefaultRouteSettings', throttle);
      return {
        ...identity(resource),
        apiId: resource.ref,
        routes: partsOf('AWS::ApiGatewayV2::Route').map((route) => {
          const key = route.read(
            'RouteKey',
            z.string().regex(/^[A-Z]+ [^{}]+$/, 'only a method and a path are known here'),
          );
          const target = route.read('Target', z.string());
          const integration = integrations.find(({ ref }) => target === `integrations/${ref}`);
          if (!integration) throw new Error(`The route ${key} leads to ${target}, which is not in the assembly.`);
          return { key, functionArn: integration.read('IntegrationUri', z.string()) };
        }),
        timeoutMilliseconds: apiTimeoutMilliseconds,
        /** Requests per second and maximum burst; undefined: no limit. */
        throttle: limit && { rate: limit.ThrottlingRateLimit, burst: limit.ThrottlingBurstLimit },
      };
    }),
    buckets: values
      .ofType('AWS::S3::Bucket')
      .map((resource) => ({ ...identity(resource), bucketName: resource.physicalName })),
    secrets: values.ofType('AWS::SecretsManager::Secret').map((resource) => ({
      ...identity(resource),
      secretName: resource.physicalName,
      /** Length of the value that the service generates; undefined if it generates none. */
      generatedLength: resource.read('GenerateSecretString', generatedSecret)?.PasswordLength,
    })),
  };
}

function whyNotRunnable(runtime: string, folder: string | undefined): string | undefined {
  if (!runtime.startsWith('nodejs'))
    return `Its runtime is ${runtime || 'a container'}; the embedded cloud runs Node.js only.`;
  return folder === undefined ? 'Its code is no file asset of the assembly.' : undefined;
}

function attributesOf(resource: ResourceValues): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of queueAttributes) {
    const value = resource.read(name, z.number().optional());
    if (value !== undefined) attributes[name] = String(value);
  }
  const policy = resource.read('RedrivePolicy', redrive);
  if (policy) attributes['RedrivePolicy'] = JSON.stringify(policy);
  return attributes;
}
