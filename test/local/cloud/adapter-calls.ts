/** A function that calls each AWS service as the functions of the pipeline do, by their adapters. */

import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAnnouncer } from '../../../lambdas/adapters/event-bus.ts';
import { createExportSource } from '../../../lambdas/adapters/export-source.ts';
import { createQueueDepth } from '../../../lambdas/adapters/queue-depth.ts';
import { createS3Store } from '../../../lambdas/adapters/s3-store.ts';
import { readApiKey } from '../../../lambdas/adapters/secrets.ts';
import { createSqsQueue, retryLater } from '../../../lambdas/adapters/sqs-queue.ts';
import { createWebhookSecretStore } from '../../../lambdas/adapters/webhook-secret.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { drain } from '../../support/drain.ts';

export async function adapterCalls() {
  const { LAKE_BUCKET = '', QUEUE_URL = '', SECRET_ARN = '' } = process.env;
  return {
    objects: await objectCalls(createS3Store(LAKE_BUCKET)),
    noBucket: await result(createS3Store('no-such-bucket').put('a', 'b')),
    noKey: await result(new S3Client().send(new GetObjectCommand({ Bucket: LAKE_BUCKET, Key: 'none' }))),
    file: await fileOf(LAKE_BUCKET),
    messages: await messageCalls(QUEUE_URL),
    secrets: await secretCalls(SECRET_ARN),
    event: await result(createAnnouncer('bus', 'acme').announce('runPublished', { runId: 'r' })),
  };
}

async function objectCalls(store: ObjectStore) {
  const put = async (...of: Parameters<ObjectStore['put']>) => result(store.put(...of));
  const first = await put('a/ö 1', new Uint8Array([0, 255]), { metadata: { rows: '1' }, contentType: 'x/y' });
  const etag = (await store.head('a/ö 1'))?.etag;
  const conditions = [
    await put('a/ö 1', 'other', { ifAbsent: true }),
    await put('a/ö 1', 'other', { ifMatch: '"0"' }),
    await put('a/none', 'other', { ifMatch: etag ?? '' }),
    await put('a/ö 1', 'other', { ifMatch: etag ?? '' }),
    await put('a/empty', '', { ifAbsent: true }),
  ];
  for (let number = 0; number < 1_003; number += 1) await store.put(`many/${number}`, '');
  await store.delete('many/7');
  await store.delete('many/7');
  return {
    first,
    conditions,
    absent: [await store.get('none'), await store.head('none')],
    got: [await store.get('a/ö 1'), await store.get('a/empty'), await store.head('a/ö 1')],
    listed: [await drain(store.list('a/')), (await drain(store.list('many/'))).length],
  };
}

async function fileOf(bucket: string) {
  const file = await createExportSource({ bucket, prefix: 'a/' }).open('ö 1');
  return file && { etag: file.etag, text: Buffer.concat(await drain(file.body)).toString() };
}

async function messageCalls(url: string) {
  const depth = createQueueDepth(url);
  return {
    sent: await result(createSqsQueue(url).send(Array.from({ length: 12 }, (_, number) => ({ body: { number } })))),
    later: await result(createSqsQueue(url).send([{ body: 'ü \uFFFE', delaySeconds: 60 }])),
    depth: [await depth.waiting(), await depth.held()],
    noMessage: await result(retryLater(new SQSClient(), url, 'no-handle', 5)),
    noQueue: await result(createSqsQueue(`${url}-none`).send([{ body: 1 }])),
  };
}

async function secretCalls(arn: string) {
  const store = createWebhookSecretStore(arn);
  const empty = [await result(readApiKey(arn)), await result(store.read())];
  const missing = await result(store.write({ endpointId: null, current: 'whsec_fixture', previous: null }));
  return { empty, missing, full: [await result(readApiKey(arn, true)), await result(store.read())] };
}

/** What came of a call: its answer, or the name and message of its error. */
async function result(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await call };
  } catch (error) {
    return error instanceof Error ? { name: error.name, message: error.message } : { error };
  }
}
