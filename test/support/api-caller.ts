import { inspect } from 'node:util';
import { createHttpApi, type HttpApiOptions } from '../../lambdas/adapters/http-api.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';
import { ample, FixedClock } from './fixed-clock.ts';
import { MemoryLog, MemoryMetrics } from './memory-log.ts';

/** Shorter waits are not recorded: they come from the limiter, which spaces requests by a few milliseconds. */
const spacingMilliseconds = 50;

/** Options of an API adapter in a test: a clock that only its waits advance, a log, metrics, and a key. */
export function apiCaller(baseUrl: string, more: Partial<HttpApiOptions> = {}) {
  const clock = new FixedClock('2026-11-24T03:00:00.000Z');
  const log = new MemoryLog();
  const metrics = new MemoryMetrics();
  const waits: number[] = [];
  const options: HttpApiOptions = {
    baseUrl,
    apiKey: async () => 'test-key-one',
    limiter: createRateLimiter(60_000),
    clock,
    log,
    metrics,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      clock.advance(milliseconds);
      if (milliseconds >= spacingMilliseconds) waits.push(milliseconds);
    },
    ...more,
  };
  return { options, log, metrics, waits };
}

export const leadsContext = { stream: 'leads', scope: 'leads.read', deadline: ample };

/** An API adapter in a test, and a request for leads with it. */
export function leadsCaller(baseUrl: string, more: Partial<HttpApiOptions> = {}) {
  const { options, ...rest } = apiCaller(baseUrl, more);
  const api = createHttpApi(options);
  return { ...rest, options, api, get: async () => api.get('/leads', { query: { limit: 100 } }, leadsContext) };
}

/** Everything that a person could see of an error and a log: messages, fields, causes, stacks. */
export function visible(error: unknown, log: MemoryLog): string {
  return inspect(error, { depth: 20, showHidden: true }) + inspect(log.lines, { depth: 20 });
}

/** The reason with which a promise is rejected. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to fail, and did not.');
}
