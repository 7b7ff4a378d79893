import { createQueueDepth } from '../adapters/queue-depth.ts';
import type { readEnvironment } from '../contract/environment.ts';
import type { ReaderQueue } from '../core/api/budget-share.ts';

type ReaderEnvironment = Pick<
  ReturnType<typeof readEnvironment<'extract'>>,
  'EXTRACT_QUEUE_URL' | 'REFRESH_QUEUE_URL' | 'EXTRACT_CONCURRENCY' | 'REFRESH_CONCURRENCY'
>;

/** The queues whose consumers share the budget of requests. */
export function readerQueues(environment: ReaderEnvironment): Record<'extracting' | 'refreshing', ReaderQueue> {
  const queue = (url: string, functions: number) => ({ functions, heldMessages: createQueueDepth(url).held });
  return {
    extracting: queue(environment.EXTRACT_QUEUE_URL, environment.EXTRACT_CONCURRENCY),
    refreshing: queue(environment.REFRESH_QUEUE_URL, environment.REFRESH_CONCURRENCY),
  };
}
