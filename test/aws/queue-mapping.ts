import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { region } from '../../local/cloud/cloudformation/addresses.ts';
import type { MappingDefinition } from '../../local/cloud/cloudformation/definitions.ts';
import type { LocalFunction } from '../../local/cloud/lambda/functions.ts';

const answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) }).nullish();
const counts = z.record(z.string(), z.coerce.number());

/** Passes messages of a queue at moto to their function, as Lambda does, with the function's permissions. */
export class QueueMapping {
  readonly #definition: MappingDefinition;
  readonly #queueUrl: string;
  readonly #target: LocalFunction;
  readonly #sqs: SQSClient;
  #stopped = false;
  #busy = 0;
  readonly #running: Promise<unknown>;

  constructor(definition: MappingDefinition, queueUrl: string, target: LocalFunction, sqs: SQSClient) {
    this.#definition = definition;
    this.#queueUrl = queueUrl;
    this.#target = target;
    this.#sqs = sqs;
    const atOnce = Math.min(definition.maxConcurrency, target.definition.concurrency);
    this.#running = Promise.all(Array.from({ length: atOnce }, () => this.#run()));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async isIdle(): Promise<boolean> {
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#queueUrl, AttributeNames: ['All'] }),
    );
    const of = counts.parse(
      Object.fromEntries(Object.entries(Attributes ?? {}).filter(([name]) => name.startsWith('ApproximateNumber'))),
    );
    return this.#busy === 0 && Object.values(of).every((count) => count === 0);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const messages = await this.#receive();
      if (messages.length === 0) {
        await wait(100);
        continue;
      }
      this.#busy += 1;
      await this.#hand(messages).finally(() => {
        this.#busy -= 1;
      });
    }
  }

  async #receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: Math.min(10, this.#definition.batchSize),
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  async #hand(messages: readonly Message[]): Promise<void> {
    const Records = messages.map(({ MessageId, ReceiptHandle, Body, Attributes = {}, MD5OfBody }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: {},
      md5OfBody: MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#definition.queueArn,
      awsRegion: region,
    }));
    const failed = await this.#target.invoke({ Records }).then(
      ({ answer: given }) => new Set(answer.parse(given)?.batchItemFailures.map((one) => one.itemIdentifier)),
      () => new Set(messages.map(({ MessageId = '' }) => MessageId)),
    );
    for (const { MessageId = '', ReceiptHandle } of messages) {
      const handle = { QueueUrl: this.#queueUrl, ReceiptHandle };
      if (!failed.has(MessageId)) await this.#sqs.send(new DeleteMessageCommand(handle));
      // Retries after a second. The visibility timeout would keep the test waiting for minutes.
      else
        await this.#sqs.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 1 })).catch(() => {});
    }
  }
}
