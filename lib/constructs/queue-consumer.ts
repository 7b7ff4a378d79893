import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from '../access/acknowledge.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface ConsumptionProps {
  readonly queue: IQueue;
  /**
   * Maximum concurrent invocations. With a maximum, Lambda always runs five pollers for the queue; without a maximum,
   * as few as two. Each poll costs money, so set a maximum only if the function needs one.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   * @default as many as there are messages
   */
  readonly maxConcurrency: number | undefined;
  /** Maximum messages per invocation. @default 1 */
  readonly batchSize?: number;
  /** How many seconds Lambda gathers messages for an invocation. @default 0 */
  readonly windowSeconds?: number;
}

/** Lets Lambda pass the messages of a queue to a function, whose role must be allowed to receive them. */
export function consumeQueue(consumer: PipelineFunction, props: ConsumptionProps): EventSourceMapping {
  const { queue, maxConcurrency, batchSize = 1, windowSeconds = 0 } = props;
  const mapping = new EventSourceMapping(consumer, 'Messages', {
    target: consumer.function,
    eventSourceArn: queue.queueArn,
    batchSize,
    maxBatchingWindow: Duration.seconds(windowSeconds),
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    reportBatchItemFailures: true,
  });
  acknowledge(
    mapping,
    'Serverless-LambdaEventSourceMappingDestination',
    'The queue has its own dead-letter queue; Lambda supports a destination only for streams.',
  );
  // Before Lambda creates the mapping, it checks that the role may receive messages.
  mapping.node.addDependency(consumer.role);
  return mapping;
}
