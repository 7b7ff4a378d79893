import { z } from 'zod';
import { hasToken } from './cdk-token.ts';

export const keyArn =
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

export const kmsKeyArn = z
  .string('has to be the ARN of a KMS key as text: key.keyArn of a Key of the CDK')
  .refine(
    (arn) => keyArn.test(arn) || hasToken(arn),
    'has to be the ARN of a KMS key (not of an alias) that ends in the id of the key, as KMS shows it',
  )
  .describe(
    'Your own key for the bucket, secrets, queues, logs, alarms and query results. [encryption.md](encryption.md) says what its policy has to allow. Without it, keys that AWS manages are used.',
  );
