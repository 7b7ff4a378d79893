/** Handlers of the tests' own assembly, bundled like those of the pipeline. */

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';

export { adapterCalls } from './adapter-calls.ts';

const s3 = new S3Client();
const sqs = new SQSClient();
const Bucket = process.env.LAKE_BUCKET;

export async function echo(event: unknown, context: Context) {
  process.stdout.write(`echo of ${JSON.stringify(event)}\n`);
  return {
    event,
    remaining: context.getRemainingTimeInMillis(),
    arn: context.invokedFunctionArn,
    environment: process.env,
  };
}

export async function fail() {
  throw new TypeError('It does not work.');
}

export async function exit() {
  process.exit(7);
}

export async function hang() {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

export async function readSecret() {
  const { SecretString } = await new SecretsManagerClient().send(
    new GetSecretValueCommand({ SecretId: process.env.SECRET_ARN }),
  );
  return SecretString;
}

export async function store({ key, body }: { key: string; body: string }) {
  await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
  return (await s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body?.transformToString();
}

interface Work {
  readonly id: string;
  /** Number of receives at which the work fails. If `crash` is set, the work ends the process instead of failing. */
  readonly failures?: number;
  readonly crash?: boolean;
  /** Number of times that the work continues in a delayed message. */
  readonly continuations?: number;
}

/** Writes `done/<id>` with the size of the batch for each message that succeeds. */
export async function work({ Records }: SQSEvent) {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body, attributes } of Records) {
    const { id, failures = 0, crash = false, continuations = 0 } = JSON.parse(body) as Work;
    if (Number(attributes.ApproximateReceiveCount) <= failures) {
      if (crash) process.exit(1);
      batchItemFailures.push({ itemIdentifier: messageId });
      continue;
    }
    if (continuations > 0) {
      const MessageBody = JSON.stringify({ id, continuations: continuations - 1 } satisfies Work);
      await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody, DelaySeconds: 2 }));
      continue;
    }
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: `done/${id}`,
        Body: `${Records.length} ${attributes.ApproximateReceiveCount}`,
      }),
    );
  }
  return { batchItemFailures };
}

/** Answers as the request body says. */
export async function answer(event: { body?: string; isBase64Encoded: boolean }) {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString();
  if (body === 'fail') throw new Error('It does not work.');
  if (body === 'plain') return { plain: true };
  return { statusCode: 202, headers: { 'X-Answer': 'yes' }, body: JSON.stringify(event) };
}
