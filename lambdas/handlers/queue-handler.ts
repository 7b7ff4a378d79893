import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { z } from 'zod';
import { retryLater } from '../adapters/sqs-queue.ts';
import type { Failure } from '../contract/run.ts';
import { retryMessages } from '../contract/retry-log.ts';
import { failureOf, stackFrames } from '../core/errors.ts';
import { redeliveryDelaySeconds } from '../core/runs/redelivery.ts';

export interface QueueWork<T> {
  readonly queueUrl: string;
  readonly schema: z.ZodType<T>;
  readonly logger: Logger;
  readonly maxReceiveCount: number;
  readonly retryBaseSeconds: number;
  /** @param receives how often the message was received, this time included */
  readonly process: (message: T, context: Context, receives: number) => Promise<void>;
  /** Called once per batch with every message that could be parsed, whether it failed or not. */
  readonly afterBatch?: (messages: readonly T[]) => Promise<void>;
  /**
   * Called once, before a message goes to its dead-letter queue. Stores the reason with the run that the message
   * belongs to.
   */
  readonly giveUp: (message: T, failure: Failure) => Promise<unknown>;
  /** Called before the last attempt, which may die without an error. Stores the outcome that applies in that case. */
  readonly beforeLastAttempt?: (message: T, context: Context) => Promise<void>;
  /**
   * Called after a last attempt that succeeded. Withdraws what `beforeLastAttempt` stored, unless that was replaced.
   */
  readonly afterLastAttempt?: (message: T) => Promise<void>;
}

/**
 * A handler that processes each message of a batch separately. Failed messages are redelivered after a growing wait.
 */
export function queueHandler<T>(work: QueueWork<T>) {
  const processor = new BatchProcessor(EventType.SQS);
  const client = new SQSClient();
  return async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const parsed: T[] = [];
    const answer = await processPartialResponse(
      event,
      (record: SQSRecord) => take(work, client, record, context, parsed),
      processor,
      { context, throwOnFullBatchFailure: false },
    );
    const { afterBatch } = work;
    if (afterBatch && parsed.length > 0)
      await logFailure(work, 'The work after the batch failed. The next check does not need it.', () =>
        afterBatch(parsed),
      );
    return answer;
  };
}

async function take<T>(
  work: QueueWork<T>,
  client: SQSClient,
  record: SQSRecord,
  context: Context,
  parsed: T[],
): Promise<void> {
  const retryMessage = (seconds: number) =>
    logFailure(
      work,
      'The wait before the next attempt could not be set. The message returns when its visibility times out.',
      () => retryLater(client, work.queueUrl, record.receiptHandle, seconds),
    );
  let message: T;
  try {
    message = parse(work, record);
    parsed.push(message);
  } catch (error) {
    // Retrying cannot help: send it to the dead-letter queue at once.
    await retryMessage(0);
    throw error;
  }
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const isLast = receives >= work.maxReceiveCount;
  const { beforeLastAttempt, afterLastAttempt } = work;
  if (isLast && beforeLastAttempt)
    await logFailure(work, 'The result to use if this last attempt dies could not be stored with its run.', () =>
      beforeLastAttempt(message, context),
    );
  try {
    await work.process(message, context, receives);
  } catch (error) {
    // The failure is a field of its own. If it were spread, the logger would drop its `message`, which a person looks
    // for.
    const waitSeconds = isLast ? 0 : redeliveryDelaySeconds(receives, work.retryBaseSeconds);
    work.logger.error(retryMessages.message, {
      receives,
      isLast,
      ...(isLast ? {} : { wait: waitSeconds * 1_000 }),
      failure: failureOf(error),
      stack: stackFrames(error),
    });
    if (isLast)
      await logFailure(work, 'The reason for giving up the message could not be stored with its run.', () =>
        work.giveUp(message, failureOf(error)),
      );
    await retryMessage(waitSeconds);
    throw error;
  }
  // If this call fails, the message goes to the dead-letter queue, and a replay repeats work that was already done.
  if (isLast && afterLastAttempt) await afterLastAttempt(message);
}

/**
 * Runs an action that handles a failure. If the action fails too, its error is only logged: it must not hide the first.
 */
async function logFailure<T>({ logger }: QueueWork<T>, problem: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    logger.error(problem, { failure: failureOf(error), stack: stackFrames(error) });
  }
}

/**
 * Parses a message.
 * @throws Error if the message does not fit this queue. Such a message fails on its own; no run waits for it.
 */
function parse<T>({ schema, logger }: QueueWork<T>, { body, messageId }: SQSRecord): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (error) {
    logger.error('The message does not have the form that this queue takes. Look at it in the dead-letter queue.', {
      messageId,
      failure: failureOf(error),
    });
    throw error;
  }
}
