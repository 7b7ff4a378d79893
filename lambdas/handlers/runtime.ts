/** Objects that the handlers keep from one invocation to the next. */

import { setFlagsFromString } from 'node:v8';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { type ApiClient, createApiClient, type Scopes } from '../adapters/api-client.ts';
import { createHttpApi, KeyRefusals } from '../adapters/http-api.ts';
import { readApiKey } from '../adapters/secrets.ts';
import { createMetrics } from '../adapters/telemetry.ts';
import { metricsNamespace, serviceName } from '../contract/environment.ts';
import { metricDimensions } from '../contract/metrics.ts';
import type { Api, Clock, Deadline, Log, Metrics } from '../core/ports.ts';
import { createRateLimiter, type RateLimiter } from '../core/api/rate-limiter.ts';
import { createSlots } from '../core/api/slots.ts';

// By default, V8 collects old garbage only when the heap is several times what is alive. At 1.6 times, publish peaks at
// 311 MiB instead of 456 for 400,000 leads, for 9 % more processor time of a merge, and extract at 165 instead of 180.
setFlagsFromString('--heap-growing-percent=60');

export const logger = new Logger({ serviceName });
export const clock: Clock = { now: () => new Date() };

/** Metrics of one workspace, separate from those of other workspaces in the account. */
export function metricsOf(workspace: string): Metrics {
  const defaultDimensions = { [metricDimensions.workspace]: workspace };
  return createMetrics(new PowertoolsMetrics({ serviceName, namespace: metricsNamespace, defaultDimensions }));
}

export function deadlineOf(context: Context): Deadline {
  return { remainingMilliseconds: () => context.getRemainingTimeInMillis() };
}

/** Environment variables of a function that say how to reach the API. */
interface ApiEnvironment {
  readonly API_BASE_URL: string;
  readonly API_KEY_SECRET_ARN: string;
}

/**
 * Makes the API that the tasks of a function read from.
 * @param options.mostInFlight most concurrent requests of this process
 * @param options.beforeRequest is called before each request takes its turn
 * @returns a function that makes one API per task; all share the limiter
 */
export function apiMaker(
  environment: ApiEnvironment,
  options: {
    readonly limiter: RateLimiter;
    readonly mostInFlight: number;
    readonly beforeRequest?: () => void;
  },
  metrics: Metrics,
): (log: Log) => Api {
  const { limiter, mostInFlight, beforeRequest } = options;
  const refusals = new KeyRefusals();
  const apiKey = (fresh: boolean) => readApiKey(environment.API_KEY_SECRET_ARN, fresh);
  const inFlight = () => Math.min(mostInFlight, limiter.inFlight);
  const slots = createSlots(inFlight);
  return (log) => {
    const api = createHttpApi({ baseUrl: environment.API_BASE_URL, apiKey, limiter, clock, log, metrics, refusals });
    return {
      counts: api.counts,
      get: (...request) =>
        slots(() => {
          beforeRequest?.();
          return api.get(...request);
        }),
      get inFlight() {
        return inFlight();
      },
    };
  };
}

/**
 * Makes clients for the few requests of export jobs and webhooks, which are made in addition to those of the extract
 * functions. Their rate is limited to the whole budget of the workspace.
 * @returns a function that makes one typed client per invocation; all share the rate of this process
 */
export function clientMaker(
  environment: ApiEnvironment & { readonly REQUESTS_PER_MINUTE: number },
  scopes: Scopes,
  metrics: Metrics,
): (log: Log, deadline: Deadline) => ApiClient {
  const baseUrl = environment.API_BASE_URL;
  const limiter = createRateLimiter(environment.REQUESTS_PER_MINUTE);
  const apiKey = (fresh: boolean) => readApiKey(environment.API_KEY_SECRET_ARN, fresh);
  return (log, deadline) => createApiClient({ baseUrl, apiKey, scopes, limiter, clock, log, metrics, deadline });
}
