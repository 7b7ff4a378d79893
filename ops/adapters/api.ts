import { createHttpApi } from '../../lambdas/adapters/http-api.ts';
import { readApiKey } from '../../lambdas/adapters/secrets.ts';
import type { Api, Log, Metrics } from '../../lambdas/core/ports.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';

/** Drops the log of the API client: the command reports errors, and retries do not interest the person who waits. */
const silent: Log & Metrics = { info() {}, warn() {}, error() {}, count() {} };

/** @returns a function that makes API clients, which use the workspace's key and share one rate limit */
export function createApis(options: { baseUrl: string; secretArn: string; requestsPerMinute: number }): () => Api {
  const limiter = createRateLimiter(options.requestsPerMinute);
  return () =>
    createHttpApi({
      baseUrl: options.baseUrl,
      apiKey: (fresh) => readApiKey(options.secretArn, fresh),
      limiter,
      clock: { now: () => new Date() },
      log: silent,
      metrics: silent,
    });
}
