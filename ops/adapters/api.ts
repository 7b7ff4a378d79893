import { createHttpApi } from '../../lambdas/adapters/http-api.ts';
import { readApiKey } from '../../lambdas/adapters/secrets.ts';
import type { Api, Log, Metrics } from '../../lambdas/core/ports.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';

/** Errors are told by the command; what the API was asked again for is nothing that a person waits to read. */
const silent: Log & Metrics = { info() {}, warn() {}, error() {}, count() {} };

/** @returns a maker of APIs that read with the key of the workspace, from this machine */
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
