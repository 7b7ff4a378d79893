import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { messageDays } from '../../lambdas/contract/retention.ts';
import { acknowledge } from '../access/acknowledge.ts';

/**
 * A queue for work that failed for good. It is encrypted, accepts only TLS, and keeps messages for 14 days, the maximum
 * of SQS.
 */
export class DeadLetterQueue extends Queue {
  /** @param encryptionKey the customer's key; undefined: SQS's own key */
  constructor(scope: Construct, id: string, encryptionKey: IKey | undefined) {
    super(scope, id, { ...queueDefaults(encryptionKey), retentionPeriod: Duration.days(messageDays) });
    acknowledge(this, 'Serverless-SQSRedrivePolicy', 'It is a dead-letter queue itself.');
  }
}

/** Settings that every queue shares. */
export function queueDefaults(encryptionKey: IKey | undefined): QueueProps {
  return {
    enforceSSL: true,
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
  };
}
