import { join } from 'node:path';
import { stackNames } from '../../lambdas/contract/outputs.ts';
import { type CallHooks, CallWatch } from './call-watch.ts';
import { ControlPlane } from './control-plane.ts';
import { type Definitions, readDefinitions } from './cloudformation/definitions.ts';
import { checkOverrides, type EnvironmentOverrides, overridesFor } from './lambda/environment-overrides.ts';
import { EventSourceMapping } from './sqs/event-source-mappings.ts';
import { EventBus } from './eventbridge/events.ts';
import { fillStores } from './fill-stores.ts';
import { type FunctionsOptions, LocalFunction } from './lambda/functions.ts';
import { GeneratedSecrets } from './secrets-manager/generated-secrets.ts';
import { serveHttpApi } from './api-gateway/http-api.ts';
import { ObjectFiles } from './s3/object-files.ts';
import { ObjectStore } from './s3/object-store.ts';
import { type Deliver, LocalQueues } from './sqs/queues.ts';
import { Cloud } from './running-cloud.ts';
import { Secrets } from './secrets-manager/secrets.ts';
import { startServer } from './server.ts';
import { configuredFor } from '../run/folder-source.ts';
import { UsageError } from '../cli/usage-error.ts';
import { StateFile } from './state-file.ts';
import { Switches } from './switches.ts';
import { type Assembly, readAssembly } from './cloudformation/template.ts';
import { Values } from './cloudformation/values.ts';

export type { Cloud } from './running-cloud.ts';

export interface CloudOptions {
  /** Folder of a cloud assembly, as `cdk synth` writes it. */
  readonly assembly: string;
  /** Whose stacks are taken, of an assembly for several workspaces. @default that of the last `npm start` on `out`; without one every stack */
  readonly workspace?: string;
  /** The lake's bucket is this folder; everything else lies in `<out>/.cloud`. */
  readonly out: string;
  /** That of `out`, opened by somebody who wanted the folder locked before; closed when the cloud stops. @default opened here */
  readonly state?: StateFile;
  readonly environment?: EnvironmentOverrides;
  /** Values of secrets, by name. A secret that is not named here has none, as after a deployment. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Port of 127.0.0.1 for the HTTP API of the templates, or the first of them. @default any that is free */
  readonly httpPort?: number;
  /** Buckets that are not in the templates but that functions may use. */
  readonly buckets?: readonly string[];
  /** Visibility time-outs, delays, batch windows and waits between retries are divided by this. @default 1 */
  readonly timeScale?: number;
  /** Seconds after which the messages of a failed invocation are visible again. @default when their visibility time-out is over, as in AWS */
  readonly releaseSeconds?: number;
  /** Processes at most, by function. @default 4 for extract, which mostly waits for the API, and 2 for each other */
  readonly concurrency?: Readonly<Record<string, number>>;
  readonly hooks?: CallHooks & { readonly deliver?: Deliver };
  /** Every line that a function writes. */
  readonly onLog?: FunctionsOptions['onLog'];
  readonly onInvocation?: FunctionsOptions['onInvocation'];
  /** What runs the functions. @default processes */
  readonly startInstance?: FunctionsOptions['startInstance'];
}

const defaultConcurrency = 2;
const concurrencyByFunction = { extract: 4 };

/**
 * Starts what the templates of an assembly describe: the servers of the AWS services, the functions, and
 * what carries messages to them. Messages and objects of an earlier start on the same folder are there again.
 * @throws UsageError where another run uses the folder, or its state is damaged
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { out, timeScale = 1, environment = {}, hooks = {}, releaseSeconds } = options;
  const workspace = options.workspace ?? (await configuredFor(out));
  const assembly = stacksOf(workspace, await readAssembly(options.assembly));
  const folder = join(out, '.cloud');
  const state = options.state ?? new StateFile(folder);
  const functions = new Map<string, LocalFunction>();
  const mappings: EventSourceMapping[] = [];
  const watch = new CallWatch(hooks, {
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
  const { endpoint, close } = await startServer({ ...stores, events: bus, watch, control });
  const apis = new Map<string, Awaited<ReturnType<typeof serveHttpApi>>>();
  const stop = async () => {
    for (const mapping of mappings) mapping.stop();
    for (const each of functions.values()) each.stop();
    await Promise.all([...apis.values()].map((api) => api.close()));
    await close();
    state.close();
  };
  try {
    const values = new Values(assembly, endpoint);
    const definitions = readDefinitions(assembly, values, {
      concurrency: { ...concurrencyByFunction, ...options.concurrency },
      defaultConcurrency,
    });
    checkOverrides(environment, definitions.functions);
    fillStores(definitions, { ...stores, generated }, options);
    for (const definition of definitions.functions) {
      const environmentFor = (processId: string) => overridesFor(definition, environment, processId);
      // Beside the assembly, so that the first run over a new folder starts its functions as fast as any other.
      const compileCache = `${options.assembly}.compiled`;
      const logs = join(folder, 'logs');
      functions.set(
        definition.arn,
        new LocalFunction(definition, {
          endpoint,
          logs,
          compileCache,
          environmentFor,
          onLog: options.onLog,
          onInvocation: options.onInvocation,
          startInstance: options.startInstance,
        }),
      );
    }
    mappings.push(...connect(definitions, functions, { queues, timeScale, watch, switches, releaseSeconds }));
    control.serve({ definitions, functions, values, switches });
    for (const api of definitions.apis)
      apis.set(api.apiId, await serveHttpApi(api, functions, apis.size === 0 ? (options.httpPort ?? 0) : 0));
    for (const mapping of mappings) void mapping.run();
    return new Cloud({ endpoint, apis, definitions, functions, mappings, queues, bus, switches, timeScale, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws UsageError where the workspace has none, since it is not configured (any more) */
function stacksOf(workspace: string | undefined, { stacks, assets }: Assembly): Assembly {
  if (workspace === undefined) return { stacks, assets };
  const names: readonly string[] = Object.values(stackNames(workspace));
  const own = new Map([...stacks].filter(([name]) => names.includes(name)));
  if (own.size > 0) return { stacks: own, assets };
  throw new UsageError(
    `There is no workspace '${workspace}' in prospect-lake.config.ts, with which the last npm start was on this folder. Start again, with one that there is.`,
  );
}

function connect(
  definitions: Definitions,
  functions: ReadonlyMap<string, LocalFunction>,
  parts: {
    queues: LocalQueues;
    timeScale: number;
    watch: CallWatch;
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
