import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import type * as S3 from '@aws-sdk/client-s3';
import type * as SecretsManager from '@aws-sdk/client-secrets-manager';
import type * as Sqs from '@aws-sdk/client-sqs';
import { region } from './cloudformation/addresses.ts';

export interface Clients {
  readonly s3: S3.S3Client;
  readonly sqs: Sqs.SQSClient;
  readonly secrets: SecretsManager.SecretsManagerClient;
}

/**
 * Environment that points every SDK client of a process at the embedded cloud, and hides the AWS account of this
 * machine.
 */
export function sdkEnvironment(endpoint: string, accessKeyId = 'local') {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

const load = createRequire(import.meta.url);

/** SDK clients pointed at the embedded cloud. The SDK is loaded only here: a run itself needs none of it. */
export function createClients(endpoint: string): Clients {
  // oxlint-disable typescript/no-unsafe-assignment -- `require` has no types
  const { S3Client }: typeof S3 = load('@aws-sdk/client-s3');
  const { SQSClient }: typeof Sqs = load('@aws-sdk/client-sqs');
  const { SecretsManagerClient }: typeof SecretsManager = load('@aws-sdk/client-secrets-manager');
  // oxlint-enable typescript/no-unsafe-assignment
  const settings = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return { s3: new S3Client(settings), sqs: new SQSClient(settings), secrets: new SecretsManagerClient(settings) };
}
