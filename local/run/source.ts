/** What a local run reads: an API, or its simulator. */

import { unlimitedRate } from '../../lambdas/contract/unlimited-rate.ts';
import { keepEpochs, nextEpochs, type SimulatedWorkspace, storedEpochs } from './simulator-epochs.ts';
import type { Simulator } from '../simulator/simulator.ts';

export interface Source {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly requestsPerMinute: number;
  readonly banner: string;
  readonly simulator: Simulator | undefined;
  /** Stores the start times of the runs on the simulated workspace, for its next run. Does nothing for an API. */
  storeEpochs(): Promise<void>;
  stop(): Promise<void>;
}

export function apiSource(baseUrl: string, apiKey: string, requestsPerMinute: number): Source {
  return {
    baseUrl,
    apiKey,
    requestsPerMinute,
    banner: `Reading ${baseUrl}, with at most ${requestsPerMinute.toLocaleString('en-US')} requests a minute.`,
    simulator: undefined,
    storeEpochs: async () => {},
    stop: async () => {},
  };
}

/** The simulated workspace of a folder, with one more day of changes unless an interrupted run is resumed. */
export async function startNextSimulator(
  out: string,
  options: Parameters<typeof nextEpochs>[1] & { requestsPerMinute: number | undefined },
): Promise<Source> {
  const source = await serve(out, await nextEpochs(out, options));
  return { ...source, requestsPerMinute: options.requestsPerMinute ?? source.requestsPerMinute };
}

/**
 * The simulated workspace of a folder, as its last run found it.
 * @throws UsageError if no run on the folder used the simulator
 */
export async function startSimulatorAsOfLastRun(out: string): Promise<Source> {
  return serve(out, await storedEpochs(out));
}

async function serve(out: string, workspace: SimulatedWorkspace): Promise<Source> {
  const { leads, epochs } = workspace;
  // Loaded only here, because a run on a real API does not need it.
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator(workspace);
  return {
    baseUrl: simulator.baseUrl,
    apiKey: simulator.apiKey,
    requestsPerMinute: unlimitedRate,
    banner: `Reading a simulated workspace of ${leads.toLocaleString('en-US')} leads (run ${epochs.length} on this folder).`,
    simulator,
    storeEpochs: () => keepEpochs(out, workspace),
    stop: () => simulator.stop(),
  };
}
