import { createS3Store } from '../lambdas/adapters/s3-store.ts';
import { createSqsQueue } from '../lambdas/adapters/sqs-queue.ts';
import { type DataOutputs, type PipelineOutputs, queueOutputs } from '../lambdas/contract/outputs.ts';
import type { QueueName } from '../lambdas/contract/queue-names.ts';
import type { PersonalChoice } from '../lambdas/contract/personal-data.ts';
import { prefixes } from '../lambdas/contract/object-keys.ts';
import type { Warehouse } from '../lambdas/core/iceberg/warehouse.ts';
import type { Api, Clock, ObjectStore, Queue } from '../lambdas/core/ports.ts';
import { noProgress, type ProgressDisplay } from '../local/cli/progress-display.ts';
import { opsCommand } from '../local/cli/suggested-command.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { folderObjects } from '../local/run/folder-objects.ts';
import { createApis } from './adapters/api.ts';
import { readDeployment } from './adapters/deployment.ts';

/** What the configuration of this checkout says of a workspace that it names. */
export interface Configured {
  /** ISO time. */
  readonly startDate?: string | undefined;
  readonly requestsPerMinute: number;
  readonly personalData: PersonalChoice;
  readonly retention: {
    readonly rawDays: number;
    readonly runDays?: number | undefined;
    readonly historyDays?: number | undefined;
  };
}

/** The folder of a local run, in the embedded cloud. */
export interface Local {
  readonly out: string;
  /** Whether its API is the simulator, and not that of the vendor. */
  readonly isSimulated: boolean;
}

export interface ApiSettings {
  readonly baseUrl: string;
  readonly requestsPerMinute: number;
  /** Why it cannot be asked, and what to do; told by what needs it, and work that is sent does. */
  readonly missing?: string | undefined;
}

export interface TargetOptions {
  /** @default nothing is waited for: a deployment works on by itself */
  readonly settle?: (() => Promise<void>) | undefined;
  readonly configured?: Configured | undefined;
  /** Over what the outputs and the configuration say. */
  readonly api?: ApiSettings | undefined;
  /** @default a deployment in an account */
  readonly local?: Local | undefined;
  /** Wait before a run that was begun here is looked at. @default 60 */
  readonly publishCheckSeconds?: number | undefined;
  /** @default nobody is told how a command goes on */
  readonly progress?: ProgressDisplay | undefined;
}

/** A workspace that is operated: in an account, or in the embedded cloud, which answers the same calls. */
export interface Target {
  readonly workspace: string;
  readonly data: DataOutputs;
  readonly pipeline: PipelineOutputs;
  readonly store: ObjectStore;
  /** The bucket, as the current tables name it. */
  readonly warehouse: Warehouse;
  readonly configured: Configured | undefined;
  /** Undefined for a deployment. */
  readonly local?: Local | undefined;
  readonly publishCheckSeconds: number;
  readonly clock: Clock;
  /** The budget of the API that the pipeline reads. */
  readonly requestsPerMinute: number;
  /** Tells a person who waits. */
  readonly progress: ProgressDisplay;
  queue(name: QueueName): Queue;
  /** The API that the pipeline reads, with counts of its own; all of them share one rate. */
  api(): Api;
  /** If the target lives only as long as the command: waits until what the command has begun is over. */
  settle(): Promise<void>;
}

/** Addresses of a work queue and its dead-letter queue. */
export function queueUrls({ pipeline }: Target, name: QueueName): { work: string; deadLetters: string } {
  const { work, deadLetters } = queueOutputs(name);
  return { work: pipeline[work], deadLetters: pipeline[deadLetters] };
}

/** A command of `npm run ops` that a person can type as it stands. */
export async function suggested({ local }: Pick<Target, 'local'>, command: string): Promise<string> {
  return local ? opsCommand(command, local.out) : `npm run ops -- ${command}`;
}

/** For a workspace that this checkout does not know: the default of the configuration. */
const modestRequestsPerMinute = 60;
const defaultPublishCheckSeconds = 60;

/** @throws UsageError if there is no such deployment */
export async function openTarget(
  workspace: string,
  {
    settle = async () => {},
    configured,
    api,
    local,
    publishCheckSeconds = defaultPublishCheckSeconds,
    progress = noProgress,
  }: TargetOptions = {},
): Promise<Target> {
  const { data, pipeline } = await readDeployment(workspace);
  const requestsPerMinute = api?.requestsPerMinute ?? configured?.requestsPerMinute ?? modestRequestsPerMinute;
  const baseUrl = api?.baseUrl ?? pipeline.ApiBaseUrl;
  const apis = createApis({ baseUrl, secretArn: data.ApiKeySecretArn, requestsPerMinute });
  const needApi = () => {
    if (api?.missing !== undefined) throw new UsageError(api.missing);
  };
  const store = createS3Store(data.BucketName);
  const target: Target = {
    workspace,
    data,
    pipeline,
    store: local ? withFilesPutByHand(store, local.out) : store,
    warehouse: { root: `s3://${data.BucketName}/` },
    configured,
    local,
    publishCheckSeconds,
    clock: { now: () => new Date() },
    requestsPerMinute,
    progress,
    queue(name) {
      needApi();
      return createSqsQueue(queueUrls(target, name).work);
    },
    api() {
      needApi();
      return apis();
    },
    settle,
  };
  return target;
}

/** A query of a local run reads every file below `lake/`, also one of which the embedded cloud knows nothing. */
function withFilesPutByHand(store: ObjectStore, out: string): ObjectStore {
  const folder = folderObjects(out);
  return {
    ...store,
    get: async (key) => (await store.get(key)) ?? (key.startsWith(prefixes.lake) ? folder.get(key) : undefined),
    list: (prefix) => (prefix.startsWith(prefixes.lake) ? folder.list(prefix) : store.list(prefix)),
  };
}
