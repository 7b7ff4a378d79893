import { resolve } from 'node:path';
import { currentAssembly } from '../local/run/assembly.ts';
import { sdkEnvironment } from '../local/cloud/clients.ts';
import { type Cloud, type CloudOptions, startCloud } from '../local/cloud/cloud.ts';
import { readFolderSource } from '../local/run/folder-source.ts';
import { localEnvironment } from '../local/run/run-pipeline.ts';
import { apiSource, type Source, startSimulatorAsOfLastRun } from '../local/run/source.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { queueNames } from '../lambdas/contract/queue-names.ts';
import type { ApiSettings } from './target.ts';

/** How long a command waits for the work that it started. */
const settleMilliseconds = 30 * 60_000;

export interface LocalTarget {
  /** The folder of the local run, as given on the command line. */
  readonly out: string;
  readonly api: ApiSettings;
  /** True if the API is the simulator, which stops when the command ends. */
  readonly isSimulated: boolean;
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded cloud on the folder of a local run, and points this process's SDK clients at it. If it is not
 * known which API the run read, no function runs, and only commands that change nothing work.
 * @param requestsPerMinute budget of an API; the simulator has none
 * @throws UsageError if the folder contains no run
 */
export async function startLocalTarget(
  out: string,
  environment: NodeJS.ProcessEnv,
  requestsPerMinute: number,
  parts: Pick<CloudOptions, 'startInstance'> = {},
): Promise<LocalTarget> {
  const { source, missing } = await sourceOf(out, environment, requestsPerMinute);
  let cloud: Cloud;
  try {
    cloud = await startCloud({
      ...parts,
      assembly: await currentAssembly(),
      out: resolve(out),
      environment: localEnvironment({
        apiUrl: source.baseUrl,
        streams: undefined,
        startDate: undefined,
        requestsPerMinute: source.requestsPerMinute,
      }),
      secrets: { apiKey: source.apiKey },
      // Without the API, functions would fail, and their messages would become dead letters. So none runs.
      ...(missing === undefined ? {} : { concurrency: Object.fromEntries(queueNames.map((name) => [name, 0])) }),
    });
  } catch (error) {
    await source.stop();
    throw error;
  }
  Object.assign(process.env, sdkEnvironment(cloud.endpoint));
  return {
    out,
    api: { baseUrl: source.baseUrl, requestsPerMinute: source.requestsPerMinute, missing },
    isSimulated: source.simulator !== undefined,
    async settle() {
      if (missing !== undefined) throw new UsageError(missing);
      await cloud.idle(settleMilliseconds);
    },
    async stop() {
      await cloud.stop();
      await source.stop();
    },
  };
}

async function sourceOf(
  out: string,
  environment: NodeJS.ProcessEnv,
  requestsPerMinute: number,
): Promise<{ source: Source; missing: string | undefined }> {
  const { kind } = await readFolderSource(out);
  if (kind === 'simulator') return { source: await startSimulatorAsOfLastRun(out), missing: undefined };
  const url = environment['PROSPECTB2B_API_URL'];
  const key = environment['PROSPECTB2B_API_KEY'];
  if (url && key) return { source: apiSource(url.replace(/\/+$/, ''), key, requestsPerMinute), missing: undefined };
  const missing = `${out} was read from an API: say in PROSPECTB2B_API_URL and PROSPECTB2B_API_KEY where it is and with which key.`;
  return { source: apiSource('https://nowhere.invalid', 'none', requestsPerMinute), missing };
}
