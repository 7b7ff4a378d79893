/** The work queues. Each is consumed by the function of the same name and has a dead-letter queue. */
export const queueNames = ['extract', 'convert', 'publish', 'refresh', 'export'] as const;
export type QueueName = (typeof queueNames)[number];

/** Spells a queue's name as the ids in the CloudFormation templates do: `extract` becomes `Extract`. */
export function idOf<N extends QueueName>(queue: N): Capitalize<N> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot infer that this capitalizes
  return `${queue.charAt(0).toUpperCase()}${queue.slice(1)}` as Capitalize<N>;
}

/** Makes one value for each queue. */
export function forEachQueue<T>(make: (queue: QueueName) => T): Record<QueueName, T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript cannot infer that there is one entry per queue
  return Object.fromEntries(queueNames.map((queue) => [queue, make(queue)])) as Record<QueueName, T>;
}
