import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetters, DeadLetter } from '../../lambdas/core/ports.ts';

/** Maximum messages per call of SQS. */
const mostEntries = 10;
const heldSeconds = 900;
/** Wait of a receive. Without a wait SQS asks only some of its servers, so an answer may lack existing messages. */
const waitSeconds = 1;
const maxAttempts = 5;

/** Gives commands access to the messages of a dead-letter queue. */
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
      const left = await inAttempts(letters, (Entries) =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
      );
      if (left > 0)
        throw new Error(
          `${left} dead letters were sent again and could not be deleted; they come up in the next replay, which does no harm.`,
        );
    },
    async release(letters) {
      // Messages that SQS still refuses after all attempts need nothing: they are deleted, or will become visible by
      // themselves.
      await inAttempts(letters, (entries) => {
        const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
        return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      });
    },
  };
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

/** Splits messages into batches of entries. The ids of entries only have to be unique within a batch. */
function batchesOf(letters: readonly Pick<DeadLetter, 'handle'>[]): Entry[][] {
  const entries = letters.map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle }));
  return Array.from({ length: Math.ceil(entries.length / mostEntries) }, (_, batch) =>
    entries.slice(batch * mostEntries, (batch + 1) * mostEntries),
  );
}

/**
 * Sends the entries in batches, and sends again those that SQS refuses, five attempts in all.
 * @returns number of entries that were refused in every attempt
 */
async function inAttempts(
  letters: readonly Pick<DeadLetter, 'handle'>[],
  send: (entries: Entry[]) => Promise<{ Failed?: readonly { Id?: string | undefined }[] | undefined }>,
): Promise<number> {
  let refused = 0;
  for (const batch of batchesOf(letters)) {
    let left = batch;
    for (let attempt = 0; attempt < maxAttempts && left.length > 0; attempt += 1) {
      const { Failed } = await send(left);
      const failed = new Set(Failed?.map(({ Id }) => Id));
      left = left.filter(({ Id }) => failed.has(Id));
    }
    refused += left.length;
  }
  return refused;
}
