import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { messageDays } from '../../lambdas/contract/retention.ts';
import { DeadLetterQueue, queueDefaults } from './dead-letter-queue.ts';

/**
 * Visibility timeout as a multiple of the function's timeout. AWS recommends this so that a throttled batch is not
 * received twice.
 */
const visibilityPerTimeout = 6;

export interface WorkQueueProps {
  /** Timeout of the function that receives the messages. */
  readonly consumerTimeout: Duration;
  /** How often a message is received before it moves to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** @default SQS's own key */
  readonly encryptionKey: IKey | undefined;
}

/** A work queue and its dead-letter queue: encrypted, over TLS only, kept for 14 days. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { consumerTimeout, maxReceiveCount, encryptionKey }: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', encryptionKey);
    this.queue = new Queue(this, 'Queue', {
      ...queueDefaults(encryptionKey),
      visibilityTimeout: Duration.seconds(consumerTimeout.toSeconds() * visibilityPerTimeout),
      retentionPeriod: Duration.days(messageDays),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }
}
