import { Duration } from 'aws-cdk-lib';
import { type EnvironmentName, type FunctionName, functionEnvironment } from '../lambdas/contract/environment.ts';

export interface FunctionSize {
  /** File of the handler, from the root of the project. */
  readonly entry: string;
  readonly description: string;
  /** Memory in MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
}

/** The functions of the pipeline: their handlers and their resources. */
export const functions: Readonly<Record<FunctionName, FunctionSize>> = {
  plan: {
    entry: 'lambdas/handlers/plan.ts',
    description: 'Plans a run and sends its first messages.',
    memorySize: 256,
    timeout: Duration.minutes(5),
  },
  extract: {
    entry: 'lambdas/handlers/extract.ts',
    description: 'Reads from the API and stores the rows unchanged.',
    memorySize: 512,
    timeout: Duration.minutes(5),
  },
  convert: {
    entry: 'lambdas/handlers/convert.ts',
    description: 'Converts one chunk of rows to a Parquet file.',
    memorySize: 1024,
    timeout: Duration.minutes(2),
  },
  publish: {
    entry: 'lambdas/handlers/publish.ts',
    description: 'Merges the rows that a run read into the current tables, and publishes the run when it ends.',
    memorySize: 1769,
    timeout: Duration.minutes(15),
  },
  webhook: {
    entry: 'lambdas/handlers/webhook.ts',
    description: 'Verifies webhook deliveries and queues them.',
    memorySize: 256,
    timeout: Duration.seconds(10),
  },
  refresh: {
    entry: 'lambdas/handlers/refresh.ts',
    description: 'Plans one run for a batch of webhook events, and does all of its work if that is little.',
    // It merges rows into current tables, as publish does.
    memorySize: 1769,
    timeout: Duration.minutes(5),
  },
  export: {
    entry: 'lambdas/handlers/export.ts',
    description: 'Starts, follows and loads export jobs, and finds leads that were deleted.',
    memorySize: 1769,
    timeout: Duration.minutes(15),
  },
  register: {
    entry: 'lambdas/handlers/register.ts',
    description: 'Creates, changes, rotates and deletes the webhook endpoint at the vendor.',
    memorySize: 256,
    // The vendor limits requests per minute, and each of the few calls may have to wait.
    timeout: Duration.minutes(10),
  },
  watch: {
    entry: 'lambdas/handlers/watch.ts',
    description: 'Reports work that waits too long or was given up, and nightly runs that are missing.',
    memorySize: 256,
    timeout: Duration.minutes(1),
  },
  reconcile: {
    entry: 'lambdas/handlers/reconcile.ts',
    description: 'Asks the vendor to resend webhook deliveries that never arrived, and counts them.',
    memorySize: 512,
    timeout: Duration.minutes(15),
  },
};

/** Exactly the variables that the handler of this function parses. */
export function environmentFor(
  name: FunctionName,
  values: Readonly<Record<EnvironmentName, string>>,
): Record<string, string> {
  return Object.fromEntries(functionEnvironment[name].map((variable) => [variable, values[variable]]));
}
