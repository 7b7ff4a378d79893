import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from '../access/acknowledge.ts';
import type { PipelineFunction } from './pipeline-function.ts';

export interface ConsumptionProps {
  readonly queue: IQueue;
  /**
   * Invocations at once. Lambda asks a queue with such a bound five times at once all day long, and one without as
   * seldom as twice: it costs money, so it is set only where it is needed.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   * @default as many as there are messages
   */
  readonly maxConcurrency: number | undefined;
  /** Messages of one invocation at most. @default 1 */
  readonly batchSize?: number;
  /** How long messages are gathered. @default 0 */
  readonly windowSeconds?: number;
}

/** Has Lambda hand the messages of a queue to a function whose role may take them. */
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
    'The queue has a dead-letter queue of its own; Lambda takes a destination for streams only.',
  );
  // Lambda looks whether the role may receive before it makes the mapping.
  mapping.node.addDependency(consumer.role);
  return mapping;
}
