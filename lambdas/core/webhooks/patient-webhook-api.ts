import { RateLimitedError } from '../errors.ts';
import type { Deadline, WebhookApi } from '../ports.ts';

/** Time that must be left after a wait, for the call itself. */
const reserveMilliseconds = 30_000;

/**
 * Wraps an API so that calls wait out rate limits for as long as the deadline allows: the functions that read share the
 * key, and the vendor limits requests per minute. Every call of this port can be repeated.
 */
export function patientWebhookApi(
  api: WebhookApi,
  { deadline, sleep }: { deadline: Deadline; sleep: (milliseconds: number) => Promise<void> },
): WebhookApi {
  const patiently = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const wait = error instanceof RateLimitedError ? Math.ceil(error.retryAfterSeconds * 1_000) : undefined;
        if (wait === undefined || wait + reserveMilliseconds > deadline.remainingMilliseconds()) throw error;
        await sleep(wait);
      }
    }
  };
  return {
    ...api,
    endpoints: () => patiently(() => api.endpoints()),
    create: (wish, idempotencyKey) => patiently(() => api.create(wish, idempotencyKey)),
    update: (id, wish) => patiently(() => api.update(id, wish)),
    delete: (id) => patiently(() => api.delete(id)),
  };
}
