import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetters, DeadLetter } from '../../lambdas/core/ports.ts';

/** Maximum entries per call. */
const mostEntries = 10;
const heldSeconds = 900;
/** With a wait, SQS asks all of its servers. Without one, an answer may be empty although messages exist. */
const waitSeconds = 1;
const maxAttempts = 5;

/** A dead-letter queue, for commands that a person runs. */
export function createDeadLetters(queueUrl: string, client: SQSClient = new SQSClient()): DeadLetters {
  return {
    async receive(most) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: most,
          VisibilityTimeout: heldSeconds,
          WaitTimeSeconds: waitSeconds,
        }),
      );
      return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '' }) => ({
        id: MessageId,
        handle: ReceiptHandle,
        body: Body,
      }));
    },
    async delete(letters) {
      for (const batch of batchesOf(letters)) await deleteAll(client, queueUrl, batch);
    },
    async release(letters) {
      for (const batch of batchesOf(letters)) {
        const Entries = batch.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    },
  };
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

/** Entry ids only have to be unique within a batch. */
function batchesOf(letters: readonly Pick<DeadLetter, 'handle'>[]): Entry[][] {
  const entries = letters.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle }));
  return Array.from({ length: Math.ceil(entries.length / mostEntries) }, (_, batch) =>
    entries.slice(batch * mostEntries, (batch + 1) * mostEntries),
  );
}

async function deleteAll(client: SQSClient, queueUrl: string, batch: readonly Entry[]): Promise<void> {
  let left = batch;
  for (let attempt = 0; attempt < maxAttempts && left.length > 0; attempt += 1) {
    const { Failed } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...left] }));
    const failed = new Set(Failed?.map(({ Id }) => Id));
    left = left.filter(({ Id }) => failed.has(Id));
  }
  if (left.length > 0)
    throw new Error(
      `${left.length} dead letters were sent again and could not be deleted; they come up in the next replay, which does no harm.`,
    );
}
