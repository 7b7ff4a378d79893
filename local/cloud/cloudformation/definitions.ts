import type { Resource } from './template.ts';

/** The resources of an assembly that the embedded cloud runs, with every value resolved. */

export interface Identity {
  /** Readable: the ids of its constructs, such as `plan` or `extract-queue/dead-letters`. */
  readonly name: string;
  readonly resource: Resource;
}

export interface FunctionDefinition extends Identity {
  readonly functionName: string;
  readonly arn: string;
  readonly handler: string;
  /** Of its bundle. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** Processes at most. */
  readonly concurrency: number;
  /** After an asynchronous invocation failed. */
  readonly asyncRetries: number;
  readonly onFailureArn: string | undefined;
  /** Why it cannot be invoked here. */
  readonly problem: string | undefined;
}

export interface QueueDefinition extends Identity {
  readonly queueName: string;
  readonly arn: string;
  readonly url: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface MappingDefinition extends Identity {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maxConcurrency: number;
  readonly reportsItemFailures: boolean;
}

export interface ScheduleDefinition extends Identity {
  readonly arn: string;
  readonly targetArn: string;
  readonly input: string;
}

export interface ApiDefinition extends Identity {
  readonly apiId: string;
  readonly routes: readonly RouteDefinition[];
}

export interface RouteDefinition {
  /** `POST /path/{parameter}`, or `$default`. */
  readonly key: string;
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
  /** Requests a second, and at once; undefined: as many as come. */
  readonly throttle: { readonly rate: number; readonly burst: number } | undefined;
}

export interface SecretDefinition extends Identity {
  readonly secretName: string;
  readonly arn: string;
  /** Characters that the service makes up; undefined where it makes no value. */
  readonly generatedLength: number | undefined;
}

export interface Definitions {
  readonly functions: readonly FunctionDefinition[];
  readonly queues: readonly QueueDefinition[];
  readonly mappings: readonly MappingDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  readonly apis: readonly ApiDefinition[];
  readonly buckets: readonly (Identity & { readonly bucketName: string })[];
  readonly secrets: readonly SecretDefinition[];
  readonly topics: readonly (Identity & { readonly topicName: string })[];
}
