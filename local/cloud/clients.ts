import { devNull } from 'node:os';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { region } from './cloudformation/addresses.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly secrets: SecretsManagerClient;
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

/** SDK clients pointed at the embedded cloud. */
export function createClients(endpoint: string): Clients {
  const settings = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return { s3: new S3Client(settings), sqs: new SQSClient(settings), secrets: new SecretsManagerClient(settings) };
}
