import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';

/**
 * Receives ticks (scheduled invocations) that did not reach their function or failed in it, and notices to a person
 * that could not be delivered.
 */
export class MissedRuns extends DeadLetterQueue {
  constructor(scope: Construct, id: string, encryptionKey: IKey | undefined) {
    super(scope, id, encryptionKey);
    acknowledge(
      this,
      'AwsSolutions-SQS3',
      'It is itself the dead-letter queue of the schedules, of the functions that they invoke, and of the rule.',
    );
  }
}
