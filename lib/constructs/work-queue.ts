import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue, guarded } from './dead-letter-queue.ts';

/** What AWS asks for between a queue and its function, so that a throttled batch is not received twice. */
const visibilityPerTimeout = 6;

export interface WorkQueueProps {
  /** Time-out of the function that takes the messages. */
  readonly consumerTimeout: Duration;
  /** How often a message is received before it goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** @default SQS's own key */
  readonly encryptionKey: IKey | undefined;
}

/** A queue of work and the dead-letter queue behind it: encrypted, over TLS only, kept for 14 days. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { consumerTimeout, maxReceiveCount, encryptionKey }: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', encryptionKey);
    this.queue = new Queue(this, 'Queue', {
      ...guarded(encryptionKey),
      visibilityTimeout: Duration.seconds(consumerTimeout.toSeconds() * visibilityPerTimeout),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }
}
