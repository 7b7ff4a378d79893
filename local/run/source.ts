/** What a local run reads: an API, or its simulator. */

import { keepEpochs, nextEpochs, storedEpochs } from './simulator-epochs.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';

/**
 * Maximum requests per minute of a local run. For the simulator it is higher than any machine reaches. For a real API
 * it is only a start: the limiter slows down when the API answers 429.
 */
const simulatorRequestsPerMinute = 1_000_000;
const apiRequestsPerMinute = 6_000;

export interface Source {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly requestsPerMinute: number;
  readonly banner: string;
  readonly simulator: Simulator | undefined;
  /** Stores the epochs of the simulator in the folder, for its next run. Does nothing for an API. */
  storeEpochs(): Promise<void>;
  stop(): Promise<void>;
}

export function apiSource(baseUrl: string, apiKey: string): Source {
  return {
    baseUrl,
    apiKey,
    requestsPerMinute: apiRequestsPerMinute,
    banner: `Reading ${baseUrl}.`,
    simulator: undefined,
    storeEpochs: async () => {},
    stop: async () => {},
  };
}

/** The simulated workspace of a folder, with one more day of changes unless an interrupted run is resumed. */
export async function startNextSimulator(
  out: string,
  options: { leads: number; now: Date; isResumed: boolean },
): Promise<Source> {
  return serve(out, options.leads, await nextEpochs(out, options));
}

/**
 * The simulated workspace of a folder, as its last run found it.
 * @throws UsageError if no run on the folder used the simulator
 */
export async function startSimulatorAsOfLastRun(out: string): Promise<Source> {
  const { leads, epochs } = await storedEpochs(out);
  return serve(out, leads, epochs);
}

async function serve(out: string, leads: number, epochs: readonly Date[]): Promise<Source> {
  const simulator = await startSimulator({ leads, epochs });
  return {
    baseUrl: simulator.baseUrl,
    apiKey: simulator.apiKey,
    requestsPerMinute: simulatorRequestsPerMinute,
    banner: `Reading a simulated workspace of ${leads.toLocaleString('en-US')} leads (run ${epochs.length} on this folder).`,
    simulator,
    storeEpochs: () => keepEpochs(out, leads, epochs),
    stop: () => simulator.stop(),
  };
}
