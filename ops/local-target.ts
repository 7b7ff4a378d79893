import { resolve } from 'node:path';
import { builtAssembly } from '../local/cli/building.ts';
import { deadLettersLeft } from '../local/cli/dead-letters-left.ts';
import type { ProgressDisplay } from '../local/cli/progress-display.ts';
import { assemblyOfAnyConfiguration, sharedFunctions } from '../local/run/assembly.ts';
import { sdkEnvironment } from '../local/cloud/clients.ts';
import { AddressFile } from '../local/cloud/address-file.ts';
import type { Cloud, CloudOptions } from '../local/cloud/cloud.ts';
import type { ApiTraffic } from '../local/cloud/lambda/api-traffic.ts';
import { sharedThread } from '../local/cloud/lambda/shared-thread.ts';
import { FolderInUseError } from '../local/cloud/state-file.ts';
import { checkFolderWorkspace, configuredFor, readFolderSource } from '../local/run/folder-source.ts';
import { localConcurrency, localEnvironment, releaseSeconds } from '../local/run/run-pipeline.ts';
import { apiSource, type Source, startSimulatorAsOfLastRun } from '../local/run/source.ts';
import { checkApi } from '../local/cli/preflight.ts';
import { keyVariable, parseBaseUrl, parseKey } from '../local/cli/start-options.ts';
import { saidIfInterrupted } from '../local/cli/interruption.ts';
import { startCommand } from '../local/cli/out-flag.ts';
import { folderFlags } from '../local/cli/suggested-command.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { queueNames } from '../lambdas/contract/queue-names.ts';
import { showWork } from './lake/show-work.ts';
import type { ApiSettings } from './target.ts';

/** How long a command waits for the work that it started. */
const settleMilliseconds = 30 * 60_000;

export interface LocalTarget {
  /** The folder of the local run, as given on the command line. */
  readonly out: string;
  readonly api: ApiSettings;
  /** True if the API is the simulator, which stops when the command ends. */
  readonly isSimulated: boolean;
  /** True if another process runs the pipeline on the folder. */
  readonly isRunning: boolean;
  /** False if no variables name the API that the folder was read from. */
  readonly hasApi: boolean;
  /** Tables that the last start chose; undefined if it chose none. */
  readonly streams: readonly string[] | undefined;
  /** Requests to the API so far. Undefined if another process sends them. */
  readonly traffic: (() => ApiTraffic) | undefined;
  /** What a person is told about dead letters that lie in the folder; nothing if there are none. */
  deadLettersLeft(): Promise<string[]>;
  /** @param display where progress is shown. @default that of the command */
  settle(display?: ProgressDisplay): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded cloud on the folder of a local run, and points this process's SDK clients at it. If another
 * process already serves the folder, a command that only reads uses that process's embedded cloud. No function runs if
 * the command only reads, or if it is not known which API the local run read.
 * @param options.requestsPerMinute budget of an API, if the folder does not have that of its last start
 * @throws UsageError if the folder contains no run
 */
export async function startLocalTarget(
  out: string,
  environment: NodeJS.ProcessEnv,
  {
    requestsPerMinute,
    onlyReads,
    progress,
  }: { readonly requestsPerMinute: number; readonly onlyReads: boolean; readonly progress: ProgressDisplay },
  parts: Pick<CloudOptions, 'startInstance'> = {},
): Promise<LocalTarget> {
  const { streams } = await readFolderSource(out);
  const { source, missing } = await sourceOf(out, environment, requestsPerMinute);
  // Asked before any function runs, because each of them would read with this key.
  if (missing === undefined && source.simulator === undefined && !onlyReads)
    await checkFolderWorkspace(out, await workspaceOf(source), keyVariable);
  let cloud: Cloud;
  try {
    const name = onlyReads ? await configuredFor(out) : undefined;
    const made = name === undefined ? undefined : await assemblyOfAnyConfiguration(name);
    const assembly = made ?? (await builtAssembly(progress));
    // Loaded only here, because a deployment needs none, and Node 20 cannot load it to show the help.
    const { startCloud } = await import('../local/cloud/cloud.ts');
    cloud = await startCloud({
      startInstance: sharedThread(sharedFunctions(assembly)),
      ...parts,
      assembly,
      releaseSeconds,
      out: resolve(out),
      environment: localEnvironment({
        apiUrl: source.baseUrl,
        streams,
        startDate: undefined,
        requestsPerMinute: source.requestsPerMinute,
        flags: await folderFlags(out),
      }),
      secrets: { apiKey: source.apiKey },
      // Without the API, functions would fail, and their messages would become dead letters. So none runs.
      concurrency:
        missing === undefined && !onlyReads
          ? localConcurrency
          : Object.fromEntries(queueNames.map((name) => [name, 0])),
    });
  } catch (error) {
    await source.stop();
    const endpoint = onlyReads && error instanceof FolderInUseError ? new AddressFile(out).read() : undefined;
    if (endpoint === undefined) throw error;
    return besideRun(out, endpoint, { source, streams }, String(error instanceof Error ? error.message : error));
  }
  Object.assign(process.env, sdkEnvironment(cloud.endpoint));
  return {
    out,
    api: { baseUrl: source.baseUrl, requestsPerMinute: source.requestsPerMinute, missing },
    isSimulated: source.simulator !== undefined,
    isRunning: false,
    hasApi: missing === undefined,
    streams,
    traffic: () => cloud.traffic,
    deadLettersLeft: () => deadLettersLeft(cloud, out),
    async settle(display = progress) {
      if (missing !== undefined) throw new UsageError(missing);
      const shown = showWork(cloud, display);
      await saidIfInterrupted(
        `Interrupted. The work that is left waits in the folder: ${startCommand(out)} does it.`,
        () => cloud.idle(settleMilliseconds),
      )
        .catch(() => {
          throw new UsageError(
            `After ${settleMilliseconds / 60_000} minutes there is still work. It waits in the folder: ${startCommand(out)} does it.`,
            1,
          );
        })
        .finally(() => shown.end());
    },
    async stop() {
      await cloud.stop();
      await source.stop();
    },
  };
}

/**
 * Reads from the embedded cloud of another process. Does not use the API, because both processes would share one
 * budget.
 */
function besideRun(
  out: string,
  endpoint: string,
  { source, streams }: { readonly source: Source; readonly streams: LocalTarget['streams'] },
  inUse: string,
): LocalTarget {
  Object.assign(process.env, sdkEnvironment(endpoint));
  return {
    out,
    api: { baseUrl: source.baseUrl, requestsPerMinute: source.requestsPerMinute, missing: inUse },
    isSimulated: source.simulator !== undefined,
    isRunning: true,
    hasApi: false,
    streams,
    traffic: undefined,
    deadLettersLeft: async () => [],
    settle: async () => {},
    stop: async () => {},
  };
}

/** Null if the API does not answer or refuses the key: a command that needs the API then says so itself. */
async function workspaceOf({ baseUrl, apiKey }: Source): Promise<string | null> {
  try {
    return await checkApi(baseUrl, apiKey, keyVariable);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

async function sourceOf(
  out: string,
  environment: NodeJS.ProcessEnv,
  ofConfiguration: number,
): Promise<{ source: Source; missing: string | undefined }> {
  const { kind, requestsPerMinute = ofConfiguration } = await readFolderSource(out);
  if (kind === 'simulator') return { source: await startSimulatorAsOfLastRun(out), missing: undefined };
  const url = environment['PROSPECTB2B_API_URL'];
  const key = environment[keyVariable];
  if (url && key) return { source: apiSource(parseBaseUrl(url), parseKey(key), requestsPerMinute), missing: undefined };
  const missing = `${out} was read from an API: say in PROSPECTB2B_API_URL and PROSPECTB2B_API_KEY where it is and with which key.`;
  return { source: apiSource('https://nowhere.invalid', 'none', requestsPerMinute), missing };
}
