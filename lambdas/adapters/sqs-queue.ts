import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { OutgoingMessage, Queue } from '../core/ports.ts';

/**
 * Limits of one SendMessageBatch: entries, and bytes of all bodies. SQS allows 1 MiB; some is left for the rest of the
 * request.
 */
const maxEntries = 10;
const maxBytes = 1_000_000;
/** Attempts to send entries that the queue did not accept. */
const maxAttempts = 5;

class MessageTooLargeError extends Error {}
class QueueRefusedError extends Error {}

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

/** A queue to send messages to. */
export function createSqsQueue(queueUrl: string, client: SQSClient = new SQSClient({ cacheMiddleware: true })): Queue {
  return {
    async send(messages) {
      for (const batch of batches(messages)) await sendBatch(client, queueUrl, batch);
    },
  };
}

async function sendBatch(client: SQSClient, queueUrl: string, batch: readonly Entry[]): Promise<void> {
  let left = batch;
  for (let attempt = 0; attempt < maxAttempts && left.length > 0; attempt += 1) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...left] }));
    const failed = new Set(answer.Failed?.map(({ Id }) => Id));
    left = left.filter(({ Id }) => failed.has(Id));
  }
  if (left.length === 0) return;
  throw new QueueRefusedError(
    `The queue ${queueName(queueUrl)} did not take ${left.length} of ${batch.length} messages in ${maxAttempts} attempts.`,
  );
}

/** Splits messages into batches that SQS accepts. Entry ids only have to be unique within a batch. */
function* batches(messages: readonly OutgoingMessage[]): Generator<Entry[]> {
  let batch: Entry[] = [];
  let bytes = 0;
  for (const [index, { body, delaySeconds }] of messages.entries()) {
    const MessageBody = messageText(body);
    const size = Buffer.byteLength(MessageBody);
    if (size > maxBytes)
      throw new MessageTooLargeError(`A message of ${size} bytes is over the queue's limit of ${maxBytes}.`);
    if (batch.length === maxEntries || bytes + size > maxBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push({ Id: String(index), MessageBody, ...(delaySeconds ? { DelaySeconds: delaySeconds } : {}) });
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/**
 * JSON in characters that SQS accepts: it refuses U+FFFE and U+FFFF, and the local substitute for SQS refuses all
 * beyond U+FFFF. JSON escapes replace them.
 */
function messageText(body: unknown): string {
  return JSON.stringify(body).replaceAll(
    /[\uD800-\uDFFF\uFFFE\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}

/** Makes a received message visible again after `seconds`, instead of after the visibility timeout of the queue. */
export async function retryLater(
  client: SQSClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}

function queueName(queueUrl: string): string {
  return queueUrl.split('/').at(-1) ?? queueUrl;
}
