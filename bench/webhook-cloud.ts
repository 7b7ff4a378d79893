import { currentAssembly } from '../local/run/assembly.ts';
import { type Cloud, startCloud } from '../local/cloud/cloud.ts';
import { storedSecret } from '../local/cli/watch.ts';
import { localEnvironment } from '../local/run/run-pipeline.ts';
import type { Simulator } from '../local/simulator/simulator.ts';

const secret = 'whsec_of_the_bench';
const unlimited = 1_000_000;

/** A cloud that reads from the simulator without a limit, and accepts its webhooks. @param streams @default all */
export async function startWebhookCloud(
  simulator: Simulator,
  out: string,
  streams?: readonly string[],
): Promise<Cloud> {
  const environment = localEnvironment({
    apiUrl: simulator.baseUrl,
    streams,
    startDate: undefined,
    requestsPerMinute: unlimited,
  });
  const secrets = { apiKey: simulator.apiKey, webhook: storedSecret(secret) };
  return startCloud({ assembly: await currentAssembly(), out, environment, secrets });
}

/** Lets the simulator send an event about each changed lead. */
export function registerWebhook(simulator: Simulator, cloud: Cloud): void {
  const url = `${cloud.apiUrl('webhook-endpoint')}/webhooks/prospectb2b`;
  simulator.registerWebhook({ url, events: ['lead.updated'], secret });
}
