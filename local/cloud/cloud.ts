import { join } from 'node:path';
import { stackNames } from '../../lambdas/contract/outputs.ts';
import { CallHookRunner, type CallHooks } from './call-hook-runner.ts';
import { ControlPlane } from './control-plane.ts';
import { type Definitions, readDefinitions } from './cloudformation/definitions.ts';
import { checkOverrides, type EnvironmentOverrides, overridesFor } from './lambda/environment-overrides.ts';
import { directCalls } from './direct-sdk/direct-calls.ts';
import { EventSourceMapping } from './sqs/event-source-mappings.ts';
import { EventBus } from './eventbridge/events.ts';
import { fillStores } from './fill-stores.ts';
import { compileCacheOf } from './lambda/function-process.ts';
import { type FunctionsOptions, LocalFunction } from './lambda/functions.ts';
import { GeneratedSecrets } from './secrets-manager/generated-secrets.ts';
import { serveHttpApi } from './api-gateway/http-api.ts';
import { ObjectFiles } from './s3/object-files.ts';
import { ObjectStore } from './s3/object-store.ts';
import { AddressFile } from './address-file.ts';
import { type Deliver, LocalQueues } from './sqs/queues.ts';
import { Cloud } from './running-cloud.ts';
import { Secrets } from './secrets-manager/secrets.ts';
import { startServer } from './server.ts';
import { configuredFor } from '../run/folder-source.ts';
import { UsageError } from '../cli/usage-error.ts';
import { StateFile } from './state-file.ts';
import { Switches } from './switches.ts';
import { ApiTraffic } from './lambda/api-traffic.ts';
import { type Assembly, readAssembly } from './cloudformation/template.ts';
import { Values } from './cloudformation/values.ts';

export type { Cloud } from './running-cloud.ts';

export interface CloudOptions {
  /** Folder of a cloud assembly, as `cdk synth` writes it. */
  readonly assembly: string;
  /**
   * Name of the workspace whose stacks are started. @default the workspace of the last `npm start` on `out`; if there
   * is none, every stack is started
   */
  readonly workspace?: string;
  /** Folder that stands for the lake's bucket. All other state is in `<out>/.cloud`. */
  readonly out: string;
  /**
   * The state file of `out`, if the caller has opened it already to lock the folder. Closed when the cloud stops.
   * @default opened here
   */
  readonly state?: StateFile;
  readonly environment?: EnvironmentOverrides;
  /** Values of secrets, by name. A secret that is not listed has no value, as after a deployment. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Port on 127.0.0.1 for the first HTTP API of the templates. @default any free port */
  readonly httpPort?: number;
  /** Names of more buckets that functions may use although no template has them. */
  readonly buckets?: readonly string[];
  /** Visibility time-outs, delays, batch windows and waits between retries are divided by this. @default 1 */
  readonly timeScale?: number;
  /**
   * Seconds until the messages of a failed invocation are visible again. @default the queue's visibility time-out, as
   * in AWS
   */
  readonly releaseSeconds?: number;
  /** Maximum number of processes, by function. @default 2 */
  readonly concurrency?: Readonly<Record<string, number>>;
  readonly hooks?: CallHooks & { readonly deliver?: Deliver };
  /** Called with every line that a function logs. */
  readonly onLog?: FunctionsOptions['onLog'];
  readonly onInvocation?: FunctionsOptions['onInvocation'];
  /** Starts an execution environment of a function. @default starts a process for it alone */
  readonly startInstance?: FunctionsOptions['startInstance'];
}

const defaultConcurrency = 2;

/**
 * Starts what the templates of an assembly describe: the servers of the AWS services, the functions, and the event
 * source mappings between queues and functions. Messages and objects of an earlier start on the same folder are kept.
 * @throws UsageError if another run uses the folder, or its state is damaged
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { out, timeScale = 1, environment = {}, hooks = {}, releaseSeconds } = options;
  const workspace = options.workspace ?? (await configuredFor(out));
  const assembly = stacksOf(workspace, await readAssembly(options.assembly));
  const folder = join(out, '.cloud');
  const state = options.state ?? new StateFile(folder);
  const functions = new Map<string, LocalFunction>();
  const mappings: EventSourceMapping[] = [];
  const hookRunner = new CallHookRunner(hooks, {
    functionOf: (processId) => [...functions.values()].find((each) => each.owns(processId))?.definition.name,
    kill: (processId) => {
      for (const each of functions.values()) each.kill(processId);
    },
  });
  const queues = new LocalQueues(state, { timeScale, deliver: hooks.deliver });
  const files = new ObjectFiles(state, folder);
  const generated = new GeneratedSecrets(state);
  const stores = { queues, files, objects: new ObjectStore(files), secrets: new Secrets() };
  const switches = new Switches(state);
  const control = new ControlPlane();
  const bus = new EventBus();
  const { endpoint, close } = await startServer({ ...stores, events: bus, hookRunner, control });
  const answerDirectly = directCalls({ ...stores, events: bus });
  const traffic = new ApiTraffic();
  const apis = new Map<string, Awaited<ReturnType<typeof serveHttpApi>>>();
  const address = new AddressFile(out);
  const stop = async () => {
    address.remove();
    for (const mapping of mappings) mapping.stop();
    for (const each of functions.values()) each.stop();
    await Promise.all([...apis.values()].map((api) => api.close()));
    await close();
    state.close();
  };
  try {
    const values = new Values(assembly, endpoint);
    const definitions = readDefinitions(assembly, values, {
      concurrency: options.concurrency ?? {},
      defaultConcurrency,
    });
    checkOverrides(environment, definitions.functions);
    fillStores(definitions, { ...stores, generated }, options);
    for (const definition of definitions.functions) {
      const environmentFor = (processId: string) => overridesFor(definition, environment, processId);
      const compileCache = compileCacheOf(options.assembly);
      const logs = join(folder, 'logs');
      functions.set(
        definition.arn,
        new LocalFunction(definition, {
          endpoint,
          answerDirectly,
          logs,
          compileCache,
          environmentFor,
          onLog: (each) => {
            traffic.addLine(each.line, new Date());
            options.onLog?.(each);
          },
          onRequests: (report) => traffic.add(report),
          onInvocation: options.onInvocation,
          startInstance: options.startInstance,
        }),
      );
    }
    mappings.push(...connect(definitions, functions, { queues, timeScale, hookRunner, switches, releaseSeconds }));
    control.serve({ definitions, functions, values, switches });
    for (const api of definitions.apis)
      apis.set(api.apiId, await serveHttpApi(api, functions, apis.size === 0 ? (options.httpPort ?? 0) : 0));
    for (const mapping of mappings) void mapping.run();
    address.write(endpoint);
    return new Cloud({
      endpoint,
      apis,
      definitions,
      functions,
      mappings,
      queues,
      bus,
      switches,
      timeScale,
      traffic,
      stop,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The part of an assembly that belongs to one workspace.
 * @throws UsageError if the assembly has no stacks of the workspace: the workspace is not (or no longer) configured
 */
function stacksOf(workspace: string | undefined, { stacks, assets }: Assembly): Assembly {
  if (workspace === undefined) return { stacks, assets };
  const names: readonly string[] = Object.values(stackNames(workspace));
  const own = new Map([...stacks].filter(([name]) => names.includes(name)));
  if (own.size > 0) return { stacks: own, assets };
  throw new UsageError(
    `There is no workspace '${workspace}' in the configuration of the last start on this folder. Start again, with one that there is.`,
  );
}

function connect(
  definitions: Definitions,
  functions: ReadonlyMap<string, LocalFunction>,
  parts: {
    queues: LocalQueues;
    timeScale: number;
    hookRunner: CallHookRunner;
    switches: Switches;
    releaseSeconds: number | undefined;
  },
): EventSourceMapping[] {
  return definitions.mappings.map((definition) => {
    const queue = parts.queues.getQueueByArn(definition.queueArn);
    const target = [...functions.values()].find(({ definition: { arn, functionName } }) =>
      [arn, functionName].includes(definition.functionName),
    );
    if (queue && target) return new EventSourceMapping(definition, { ...parts, queue, target });
    throw new Error(
      `The event source mapping ${definition.name} joins ${definition.queueArn} and ${definition.functionName}: one of them is not in the assembly.`,
    );
  });
}
