import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from '../access/acknowledge.ts';

/** A queue for work that failed for good. Messages are kept for SQS's maximum, encrypted, over TLS only. */
export class DeadLetterQueue extends Queue {
  /** @param encryptionKey the customer's key; without it SQS's own */
  constructor(scope: Construct, id: string, encryptionKey: IKey | undefined) {
    super(scope, id, { ...queueDefaults(encryptionKey), retentionPeriod: Duration.days(14) });
    acknowledge(this, 'Serverless-SQSRedrivePolicy', 'It is a dead-letter queue itself.');
  }
}

/** Settings of every queue. */
export function queueDefaults(encryptionKey: IKey | undefined): QueueProps {
  return {
    enforceSSL: true,
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
  };
}
