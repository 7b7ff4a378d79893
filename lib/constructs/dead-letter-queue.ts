import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';

/** A queue for what failed for good: kept for the longest that SQS can, encrypted, over TLS only. */
export class DeadLetterQueue extends Queue {
  /** @param encryptionKey of the customer; without it SQS's own */
  constructor(scope: Construct, id: string, encryptionKey: IKey | undefined) {
    super(scope, id, { ...guarded(encryptionKey), retentionPeriod: Duration.days(14) });
    acknowledge(this, 'Serverless-SQSRedrivePolicy', 'It is a dead-letter queue itself.');
  }
}

/** What holds for every queue. */
export function guarded(encryptionKey: IKey | undefined): QueueProps {
  return {
    enforceSSL: true,
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
  };
}
