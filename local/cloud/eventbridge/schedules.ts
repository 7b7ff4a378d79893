import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ScheduleDefinition } from '../cloudformation/definitions.ts';
import { FunctionError, type LocalFunction } from '../lambda/functions.ts';
import type { LocalQueues } from '../sqs/queues.ts';
import { SqsStore } from '../fauxqs-stores.ts';

/** Wait after the first failed attempt of an asynchronous invocation. After the second it is twice as long. */
const retrySeconds = 60;

/**
 * The input of a schedule's target, with the scheduler's context attributes such as `<aws.scheduler.scheduled-time>`
 * replaced.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function scheduledInput({ arn, input }: ScheduleDefinition, at: Date): unknown {
  const values: Readonly<Record<string, string>> = {
    'scheduled-time': at.toISOString().replace(/\.\d+Z$/, 'Z'),
    'schedule-arn': arn,
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  return JSON.parse(input.replaceAll(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => values[name] ?? whole));
}

/**
 * Invokes a function asynchronously, as EventBridge Scheduler does: Lambda accepts the event at once, so the schedule's
 * own retries and dead-letter queue play no part. Lambda retries a failed invocation; after the last retry it sends a
 * record to the function's on-failure destination.
 * @returns the answer of the attempt that succeeded
 * @throws FunctionError of the last attempt
 */
export async function invokeAsynchronously(
  target: LocalFunction,
  event: unknown,
  { queues, timeScale }: { queues: LocalQueues; timeScale: number },
): Promise<unknown> {
  const { asyncRetries, onFailureArn, arn } = target.definition;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await target.invoke(event)).answer;
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      if (attempt <= asyncRetries) {
        await wait((retrySeconds * 1_000 * attempt) / timeScale);
        continue;
      }
      if (onFailureArn !== undefined) {
        const queue = queues.getQueueByArn(onFailureArn);
        if (!queue)
          throw new Error(`The on-failure destination ${onFailureArn} is no queue of the assembly.`, { cause: error });
        queue.enqueue(SqsStore.createMessage(JSON.stringify(failureRecord(arn, event, attempt, error))));
      }
      throw error;
    }
  }
}

/**
 * The record that Lambda sends to an on-failure destination.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
function failureRecord(
  functionArn: string,
  event: unknown,
  invokeCount: number,
  { errorType, errorMessage }: FunctionError,
) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${functionArn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: invokeCount,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType, errorMessage },
  };
}
