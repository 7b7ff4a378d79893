import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { WatchedQueues } from '../../lambdas/contract/problems.ts';
import { type QueueName, queueNames } from '../../lambdas/contract/queue-names.ts';
import type { WorkQueue } from './work-queue.ts';

/** How often the watcher, the function that finds waiting work and missing runs, is started: every ten minutes. */
export const watchCron = '0/10 * * * ? *';

/**
 * How long a message may wait in a queue before the watcher reports it. A task that reads the API may wait hours for
 * other tasks. Every other queue is processed in minutes.
 */
const waitingHours: Readonly<Partial<Record<QueueName, number>>> = { extract: 12 };
const shortHours = 1;

/** The queues that the watcher checks, for its environment. */
export function watchedQueues(queues: Readonly<Record<QueueName, WorkQueue>>, missedRuns: IQueue): WatchedQueues {
  return {
    work: queueNames.map((name) => ({
      name,
      url: queues[name].queue.queueUrl,
      hours: waitingHours[name] ?? shortHours,
    })),
    deadLetters: [
      ...queueNames.map((name) => ({ name, url: queues[name].deadLetters.queueUrl })),
      { name: 'missed-runs', url: missedRuns.queueUrl },
    ],
  };
}
