import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { generatedName, region } from '../cloudformation/addresses.ts';
import type { CallHookRunner } from '../call-hook-runner.ts';
import type { MappingDefinition } from '../cloudformation/definitions.ts';
import type { ReceivedMessage } from '../fauxqs-stores.ts';
import { FunctionError, type LocalFunction } from '../lambda/functions.ts';
import type { LocalQueue, LocalQueues } from './queues.ts';
import type { Switches } from '../switches.ts';

/** Maximum messages of one receive, as in SQS, and maximum size of all bodies of a batch, as in Lambda. */
const maxReceive = 10;
const maxBatchBytes = 6_000_000;
const pollSeconds = 20;

const partialAnswer = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/**
 * Carries messages from a queue to a function as Lambda does: in batches. It deletes the messages that succeed. A
 * failed message stays invisible until its visibility time-out ends; after too many receives, the queue's redrive
 * policy moves it to the dead-letter queue.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class EventSourceMapping {
  readonly #definition: MappingDefinition;
  readonly #queue: LocalQueue;
  readonly #queues: LocalQueues;
  readonly #target: LocalFunction;
  readonly #timeScale: number;
  readonly #hookRunner: CallHookRunner;
  readonly #switches: Switches;
  readonly #releaseSeconds: number | undefined;
  #stopped = false;
  #running = 0;
  #freed: (() => void) | undefined;

  constructor(
    definition: MappingDefinition,
    parts: {
      queue: LocalQueue;
      queues: LocalQueues;
      target: LocalFunction;
      timeScale: number;
      hookRunner: CallHookRunner;
      switches: Switches;
      releaseSeconds?: number | undefined;
    },
  ) {
    this.#definition = definition;
    this.#queue = parts.queue;
    this.#queues = parts.queues;
    this.#target = parts.target;
    this.#timeScale = parts.timeScale;
    this.#hookRunner = parts.hookRunner;
    this.#switches = parts.switches;
    this.#releaseSeconds = parts.releaseSeconds;
  }

  /** The UUID of the mapping in the Lambda API. */
  get id(): string {
    return generatedName(this.#definition.resource);
  }

  get isOn(): boolean {
    return this.#switches.isOn(this.id);
  }

  get queue(): LocalQueue {
    return this.#queue;
  }

  /** Carries messages until the mapping is stopped. Takes a message only when a process is free for it. */
  async run(): Promise<void> {
    const slots = Math.min(this.#definition.maxConcurrency, this.#target.definition.concurrency);
    while (!this.#stopped) {
      if (!this.isOn) {
        await this.#switches.nextChange();
        continue;
      }
      if (this.#running >= slots) {
        await new Promise<void>((go) => {
          this.#freed = go;
        });
        continue;
      }
      const batch = await this.#gather();
      if (batch.length === 0 || this.#stopped) continue;
      this.#running += 1;
      void this.#process(batch).finally(() => {
        this.#running -= 1;
        this.#freed?.();
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#switches.wake();
    this.#queue.cancelWaiters();
    this.#freed?.();
  }

  async #gather(): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.#definition;
    const batch = this.#receive(batchSize);
    if (batch.length === 0) {
      await this.#queue.waitForMessages(pollSeconds);
      return [];
    }
    const until = Date.now() + (windowSeconds * 1_000) / this.#timeScale;
    let bytes = bytesOf(batch);
    while (batch.length < batchSize && bytes < maxBatchBytes && Date.now() < until && !this.#stopped) {
      const more = this.#receive(batchSize - batch.length);
      batch.push(...more);
      bytes += bytesOf(more);
      if (more.length > 0) continue;
      // The timer is unreferenced, so that it does not keep a process alive after the cloud has stopped.
      const rest = wait(until - Date.now(), undefined, { ref: false });
      await Promise.race([this.#queue.waitForMessages(pollSeconds), rest]);
    }
    return batch;
  }

  #receive(count: number): ReceivedMessage[] {
    return this.#queue.dequeue(Math.min(count, maxReceive), undefined, (arn) => this.#queues.getQueueByArn(arn));
  }

  async #process(batch: readonly ReceivedMessage[]): Promise<void> {
    const records = batch.map((message) => recordOf(message, this.#queue));
    try {
      const { answer, processId } = await this.#target.invoke({ Records: records });
      const succeeded = this.#succeeded(batch, answer);
      if (succeeded.length > 0) await this.#delete(succeeded, processId);
    } catch (error) {
      // The function's log has the error, and SQS delivers the messages again.
      if (!(error instanceof FunctionError)) throw error;
      this.#release(batch);
    }
  }

  #release(batch: readonly ReceivedMessage[]): void {
    if (this.#releaseSeconds === undefined || this.#stopped) return;
    for (const { ReceiptHandle } of batch) this.#queue.changeVisibility(ReceiptHandle, this.#releaseSeconds);
  }

  /**
   * The messages that succeeded according to the function's answer. None if the answer names a message that was not
   * sent, or has the wrong shape: then the whole batch fails.
   */
  #succeeded(batch: readonly ReceivedMessage[], answer: unknown): readonly ReceivedMessage[] {
    if (!this.#definition.reportsItemFailures) return batch;
    const parsed = partialAnswer.safeParse(answer);
    if (!parsed.success) return [];
    const failed = new Set(parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
    const succeeded = batch.filter(({ MessageId }) => !failed.has(MessageId));
    return succeeded.length + failed.size === batch.length ? succeeded : [];
  }

  async #delete(messages: readonly ReceivedMessage[], processId: string): Promise<void> {
    const { call, killed } = await this.#hookRunner.before(processId, {
      service: 'sqs',
      operation: 'DeleteMessageBatch',
      resource: this.#queue.name,
    });
    if (killed) this.#release(messages);
    if (killed || this.#stopped) return;
    for (const { ReceiptHandle } of messages) this.#queue.deleteMessage(ReceiptHandle);
    if (call) this.#hookRunner.after(call, 200);
  }
}

function bytesOf(messages: readonly ReceivedMessage[]): number {
  return messages.reduce((sum, { Body }) => sum + Buffer.byteLength(Body), 0);
}

/** A message in the form in which SQS hands it to Lambda. */
function recordOf(
  { MessageId, ReceiptHandle, Body, MD5OfBody, MessageAttributes = {} }: ReceivedMessage,
  queue: LocalQueue,
) {
  const message = queue.inflightMessages.get(ReceiptHandle)?.message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ApproximateReceiveCount: String(message?.approximateReceiveCount ?? 1),
      SentTimestamp: String(message?.sentTimestamp ?? 0),
      SenderId: 'AIDALOCAL',
      ApproximateFirstReceiveTimestamp: String(message?.approximateFirstReceiveTimestamp ?? 0),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue,
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  };
}
