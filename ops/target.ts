import { createGlueCatalog } from '../lambdas/adapters/glue-catalog.ts';
import { createS3Store } from '../lambdas/adapters/s3-store.ts';
import { createSqsQueue } from '../lambdas/adapters/sqs-queue.ts';
import { type DataOutputs, type PipelineOutputs, queueOutputs } from '../lambdas/contract/outputs.ts';
import type { QueueName } from '../lambdas/contract/queue-names.ts';
import type { CustomColumns } from '../lambdas/contract/custom-columns.ts';
import type { PersonalChoice } from '../lambdas/contract/personal-data.ts';
import { prefixes } from '../lambdas/contract/object-keys.ts';
import type { Warehouse } from '../lambdas/core/iceberg/warehouse.ts';
import type { Api, Catalog, Clock, ObjectStore, Queue } from '../lambdas/core/ports.ts';
import type { ApiTraffic } from '../local/cloud/lambda/api-traffic.ts';
import { noProgress, type ProgressDisplay } from '../local/cli/progress-display.ts';
import { opsCommand } from '../local/cli/suggested-command.ts';
import { pipe, type Terminal } from '../local/cli/terminal.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { folderObjects } from '../local/run/folder-objects.ts';
import { createApis } from './adapters/api.ts';
import { readDeployment } from './adapters/deployment.ts';

/** What this checkout's configuration says about a workspace. */
export interface Configured {
  /** Leads that have not changed since this ISO time are not loaded. Undefined: all leads are. */
  readonly startDate?: string | undefined;
  /** Streams that are switched on. Undefined: all. */
  readonly streams?: 'all' | readonly string[] | undefined;
  readonly requestsPerMinute: number;
  /** Hours after which a nightly run counts as missing if none has ended. */
  readonly expectedHours?: number | undefined;
  readonly personalData: PersonalChoice;
  readonly customColumns?: CustomColumns | undefined;
  readonly retention: {
    readonly rawDays: number;
    readonly runDays?: number | undefined;
    readonly historyDays?: number | undefined;
  };
}

/** A local run, which the embedded cloud serves from its folder. */
export interface Local {
  readonly out: string;
  /** True if the run reads the simulator, not the vendor's API. */
  readonly isSimulated: boolean;
  /** True if another process runs the pipeline on the folder. */
  readonly isRunning: boolean;
  /** False if no variables name the API that the folder was read from. @default true */
  readonly hasApi?: boolean;
  /** Tables that the last start chose, which a run reads; undefined if it chose none. */
  readonly streams?: readonly string[] | undefined;
  /** Requests to the API so far. Undefined if another process sends them. */
  readonly traffic?: (() => ApiTraffic) | undefined;
  /** What a person is told about dead letters that lie in the folder. @default nothing */
  deadLettersLeft?(): Promise<string[]>;
}

export interface ApiSettings {
  readonly baseUrl: string;
  readonly requestsPerMinute: number;
  /**
   * Set if the API cannot be used: the message that says why and what to do. Whatever needs the API throws this
   * message, even if it only sends work to a queue.
   */
  readonly missing?: string | undefined;
}

export interface TargetOptions {
  /** Waits until the started work is over. @default does not wait: a deployment continues by itself */
  readonly settle?: ((display?: ProgressDisplay) => Promise<void>) | undefined;
  readonly configured?: Configured | undefined;
  /** The API to read, in place of the API that the stack outputs and the configuration name. */
  readonly api?: ApiSettings | undefined;
  /** Set for a local run. @default undefined: a deployment in an account */
  readonly local?: Local | undefined;
  /** Seconds before the publish function first checks a run that the command started. @default 60 */
  readonly publishCheckSeconds?: number | undefined;
  /** @default the Glue database of the deployment; none for a local run, whose readers use the newest metadata */
  readonly catalog?: Catalog | undefined;
  /** @default no progress is shown */
  readonly progress?: ProgressDisplay | undefined;
  /** Width and colours of the terminal that shows the answer. @default a pipe */
  readonly terminal?: Terminal | undefined;
}

/** The workspace to operate: in an account, or in the embedded cloud, which answers the same calls. */
export interface Target {
  readonly workspace: string;
  readonly data: DataOutputs;
  readonly pipeline: PipelineOutputs;
  readonly store: ObjectStore;
  /** URI of the bucket, in the form in which the metadata of the current tables names files. */
  readonly warehouse: Warehouse;
  readonly configured: Configured | undefined;
  /** Set for a local run; undefined for a deployment. */
  readonly local?: Local | undefined;
  readonly publishCheckSeconds: number;
  readonly clock: Clock;
  /** Where query engines find the current tables. */
  readonly catalog: Catalog;
  /** Request budget of the API that the pipeline reads. */
  readonly requestsPerMinute: number;
  /** Shows progress to a waiting person. */
  readonly progress: ProgressDisplay;
  /** Width and colours of the terminal that shows the answer. */
  readonly terminal: Terminal;
  queue(name: QueueName): Queue;
  /** A client for the API that the pipeline reads. Each client has its own counts; all share one rate limit. */
  api(): Api;
  /**
   * Waits until the work that the command started is over, if the target lives only as long as the command.
   * @param display where progress is shown. @default `progress`
   */
  settle(display?: ProgressDisplay): Promise<void>;
}

/** URLs of a work queue and its dead-letter queue. */
export function queueUrls({ pipeline }: Target, name: QueueName): { work: string; deadLetters: string } {
  const { work, deadLetters } = queueOutputs(name);
  return { work: pipeline[work], deadLetters: pipeline[deadLetters] };
}

/** A command of `npx prospect-lake ops` that a person can copy and run. */
export async function suggested({ local }: Pick<Target, 'local'>, command: string): Promise<string> {
  return local ? opsCommand(command, local.out) : `npx prospect-lake ops ${command}`;
}

/** Requests per minute for a workspace that this checkout does not configure: the default of the configuration. */
export const modestRequestsPerMinute = 60;
const defaultPublishCheckSeconds = 60;

/** Opens a workspace for the commands. @throws UsageError if the deployment does not exist */
export async function openTarget(
  workspace: string,
  {
    settle = async () => {},
    configured,
    api,
    local,
    publishCheckSeconds = defaultPublishCheckSeconds,
    progress = noProgress,
    terminal = pipe,
    catalog,
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
    catalog: catalog ?? (local ? { point: async () => undefined } : createGlueCatalog(data.DatabaseName)),
    requestsPerMinute,
    progress,
    terminal,
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

/**
 * Adds the files below `lake/` that a person put there. The embedded cloud does not know these files, but queries of a
 * local run read them too.
 */
function withFilesPutByHand(store: ObjectStore, out: string): ObjectStore {
  const folder = folderObjects(out);
  return {
    ...store,
    get: async (key) => (await store.get(key)) ?? (key.startsWith(prefixes.lake) ? folder.get(key) : undefined),
    list: (prefix) => (prefix.startsWith(prefixes.lake) ? folder.list(prefix) : store.list(prefix)),
  };
}
