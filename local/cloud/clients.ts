import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { region } from './addresses.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly secrets: SecretsManagerClient;
}

/** Clients of the SDK as anyone would make them, pointed at the embedded cloud. */
export function createClients(endpoint: string): Clients {
  const settings = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return { s3: new S3Client(settings), sqs: new SQSClient(settings), secrets: new SecretsManagerClient(settings) };
}
